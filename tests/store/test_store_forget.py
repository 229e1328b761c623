"""A study that holds its name without a result is defined anew; any other can be forgotten."""

import logging
import threading
from contextlib import suppress
from pathlib import Path

import optuna
import pytest
from made_plans import cohorts_of, trials_of
from sqlalchemy import create_engine, inspect, text
from store.making import (
    KEY,
    made_epochs,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreBusyError, StoreError, StudyChangedError
from sweep.planning.events import CohortStarted
from sweep.store import Store, open_store
from sweep.study.axis import Axis
from sweep.study.optimizer import Optimizer

OTHER_KEY = "features-2"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "sweep")
    return caplog


def refuse(store: Store) -> None:
    """A run that ends before anything is trained, as with wrong weights."""
    study = make_study()
    with suppress(RuntimeError), store.run(study, make_provenance(), trials_of(study, KEY)):
        raise RuntimeError


def fail(store: Store) -> None:
    """A run whose first cohort fails, and which ends in its second."""
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    run = store.run(study, make_provenance(), trials_of(study, KEY))
    with suppress(RuntimeError), run as writer:
        write_all(writer, made_failure(first))
        writer.write(CohortStarted(second))
        write_all(writer, made_epochs(second, range(2)))
        raise RuntimeError


def mirrored(url: str) -> dict[str, int]:
    """Optuna's studies, each with the number of its trials."""
    storage = optuna.storages.RDBStorage(url)
    found = {
        study.study_name: len(storage.get_all_trials(study._study_id))
        for study in storage.get_all_studies()
    }
    storage.remove_session()
    storage.engine.dispose()
    return found


def counts(url: str) -> dict[str, int]:
    """Rows of every table that has some, but versions."""
    engine = create_engine(url)
    with engine.begin() as connection:
        found = {
            name: connection.scalar(text(f"SELECT count(*) FROM {name}"))
            for name in inspect(connection).get_table_names()
            if "version" not in name and name != "sweep_schema"
        }
    engine.dispose()
    return {name: count for name, count in found.items() if count}


SIZES = Axis(name="batch_size", values=(16, 64))
ON_SIZES = make_study(learning_rates=(0.01,)).replace(axes=(SIZES,), base={"learning_rate": 0.01})
CHANGES = {
    "weights or pictures": (
        refuse,
        make_study(),
        OTHER_KEY,
        "features (pictures or weights): stored features-1",
    ),
    "epochs": (fail, make_study(epochs=2), KEY, "epochs: stored 3, now 2"),
    "model": (fail, make_study(model={"hidden_units": 8}), KEY, "hidden_units: stored 256, now 8"),
    "axis": (fail, ON_SIZES, KEY, "axes: stored learning_rate (log), now batch_size"),
    "optimizer": (
        fail,
        make_study(optimizers=[Optimizer(label="adam", algorithm="sgd")]),
        KEY,
        "optimizer adam.algorithm: stored 'adam', now 'sgd'",
    ),
    "fewer seeds": (refuse, make_study(seeds=1), KEY, "seeds or optimizers are left out"),
    "other values": (
        fail,
        make_study(learning_rates=(0.02, 0.1)),
        KEY,
        "values, seeds or optimizers",
    ),
    "fewer optimizers": (fail, make_study(optimizers=["adam"]), KEY, "or optimizers are left out"),
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES.keys())
def test_a_study_without_a_finished_trial_is_defined_anew(
    store: Store, url: str, told: pytest.LogCaptureFixture, changed
) -> None:
    before, study, key, said = changed
    before(store)
    trained = run_all(store, study, key)
    results = store.results("small")
    assert results.study == study
    assert trained == len(results.trials) == study.planned_trials
    assert len(results.runs) == 1
    assert store.check() == ()
    assert mirrored(url) == {"small": trained}
    (line,) = [record.getMessage() for record in told.records]
    assert said in line
    assert "had no finished trial" in line
    attempts = "2 failed trials of " if before is fail else ""
    assert f"the record of {attempts}1 run was thrown away" in line


@pytest.mark.parametrize("changes", [{}, {"seeds": 3}, {"optimizers": ("adam", "radam", "sgd")}])
def test_what_only_adds_keeps_failed_attempts_on_record(
    store: Store, told: pytest.LogCaptureFixture, changes
) -> None:
    fail(store)
    run_all(store, make_study(**changes))
    results = store.results("small")
    assert len(results.runs) == 2
    assert sum(trial.outcome == "failed" for trial in results.trials) == 2
    assert told.records == []


def test_a_finished_trial_holds_the_definition(store: Store) -> None:
    study = make_study()
    first, *_ = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={0: 1, 1: 1}))
    with pytest.raises(StudyChangedError, match="sweep store forget small"):
        run_all(store, make_study(epochs=2))
    assert run_all(store, make_study(seeds=1)) == 2
    assert len(store.results("small").study.seeds) == 2


def test_a_trial_of_another_study_holds_the_definition(store: Store) -> None:
    run_all(store, make_study(name="other"))
    refuse(store)
    with pytest.raises(StudyChangedError):
        run_all(store, make_study(epochs=2))


def test_a_study_is_forgotten(store: Store, url: str, tmp_path: Path) -> None:
    run_all(store, make_study(name="other"), OTHER_KEY)
    before = counts(url)
    fail(store)
    run_all(store, make_study())
    whole = store.results("small").to_json(epochs=True)

    content = store.content("small")
    assert (content.runs, content.trials, content.finished, content.failed) == (2, 10, 8, 2)
    assert (content.trainings, content.shared, content.sharing) == (10, 0, ())
    done = store.forget("small")
    assert done.content == content
    assert counts(url) == before
    assert mirrored(url) == {"other": 8}
    assert [study.name for study in store.studies()] == ["other"]
    assert store.check() == ()

    if url.startswith("sqlite"):
        kept = f"sqlite:///{done.backup}"
        assert f"--store '{kept}'" in done.way_back
    else:
        kept = f"sqlite:///{tmp_path}/kept.db"
        assert f"sweep store import '{done.backup}'" in done.way_back
        open_store(kept, create=True).import_from(Path(done.backup))
    with open_store(kept) as copy:
        assert copy.results("small").to_json(epochs=True) == whole
    assert run_all(store, make_study(epochs=2)) == 8


@pytest.fixture
def shared(store: Store) -> Store:
    """``small`` has trained for ``second`` and ``third``, which have all but one of its cohorts.

    Their axes are others: with a batch size, and with epochs, that all of ``small`` has.
    """
    study = make_study()
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        for number, cohort in enumerate(cohorts_of(study, KEY)):
            for event in made_training(cohort, 3, {1: 2} if number == 0 else None):
                writer.write(event)
    plain = Optimizer(label="plain", algorithm="adam")
    run_all(store, make_study(name="second", optimizers=[plain], learning_rates=(0.1,)))
    run_all(store, make_study(name="third", optimizers=["adam"]))
    return store


def test_what_others_refer_to_stays(shared: Store, url: str) -> None:
    def shown(name: str) -> list:
        return [
            (trial.optimizer, trial.point, trial.outcome, trial.seconds, str(trial.epochs))
            for trial in shared.results(name).trials
        ]

    before = {name: shown(name) for name in ("second", "third")}
    content = shared.content("small")
    assert (content.trainings, content.shared, content.sharing) == (4, 4, ("second", "third"))
    shared.forget("small")
    assert {name: shown(name) for name in ("second", "third")} == before
    assert counts(url)["sweep_trainings"] == 4
    assert counts(url)["sweep_runs"] == 4
    origins = {
        name: [trial.copied_from for trial in shared.results(name).trials]
        for name in ("second", "third")
    }
    assert origins == {"second": [None, None], "third": [None, "second", None, "second"]}
    for name, optimizer in (("second", "plain"), ("third", "adam")):
        mine = [c for c in shared.results(name).cohorts if c.optimizer == optimizer]
        assert [len(cohort.points) for cohort in mine] == [1, 1]
        assert [len(cohort.fingerprints) for cohort in mine] == [1, 1]
        for cohort in mine:
            assert cohort.multiplier_PK is not None
            assert cohort.multiplier_PK.shape == (1, 5)
    assert shared.check() == ()
    assert mirrored(url) == {"second": 2, "third": 4}
    # What it shows is not trained again; and a study of that name begins anew.
    for name in ("second", "third"):
        optimizer = shared.results(name).study.optimizers[0]
        rates = (0.1,) if name == "second" else (0.01, 0.1)
        study = make_study(name=name, optimizers=[optimizer], learning_rates=rates)
        assert run_all(shared, study) == 0
    assert run_all(shared, make_study()) == 4
    assert {trial.copied_from for trial in shared.results("small").trials} == {
        None,
        "second",
        "third",
    }


def test_what_was_handed_over_can_be_forgotten_too(shared: Store, url: str) -> None:
    for name in ("small", "third", "second"):
        shared.forget(name)
    assert counts(url) == {}
    assert shared.studies() == ()


def test_a_run_goes_on_while_another_study_is_forgotten(store: Store):
    study = make_study(seeds=1)
    run_all(store, study)
    bigger = make_study(name="bigger")
    with store.run(bigger, make_provenance(), trials_of(bigger, KEY)) as writer:
        first, *others = cohorts_of(bigger, KEY, writer.finished)
        write_all(writer, made_training(first, 3))
        store.forget("small")
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    results = store.results("bigger")
    assert {trial.copied_from for trial in results.trials} == {None}
    assert len(results.trials) == 8
    run_all(store, bigger)
    assert store.check() == ()


def test_a_study_that_is_run_is_not_forgotten(store: Store, url: str) -> None:
    study = make_study()
    with (
        store.run(study, make_provenance(), trials_of(study, KEY)),
        open_store(url) as other,
        pytest.raises(StoreBusyError, match="a run of 'small'"),
    ):
        other.forget("small")
    assert [summary.name for summary in store.studies()] == ["small"]


def test_an_optuna_study_that_sweep_did_not_make_stays(store: Store, url: str) -> None:
    storage = optuna.storages.RDBStorage(url)
    optuna.create_study(storage=storage, study_name="small")
    storage.remove_session()
    storage.engine.dispose()
    run_all(store, make_study())
    store.forget("small")
    assert mirrored(url) == {"small": 0}


@pytest.mark.parametrize(
    ("name", "guess"), [("smal", "; did you mean small?"), ("nothing-like-it", "")]
)
def test_a_misspelt_name(finished: Store, name: str, guess: str) -> None:
    for ask in (finished.content, finished.forget, finished.results, finished.version):
        with pytest.raises(StoreError) as caught:
            ask(name)
        assert caught.value.wrong.startswith(f"no study '{name}' in ")
        assert caught.value.wrong.endswith(f"{guess} (it has small)")
        assert f"`sweep run {name}`" in str(caught.value.remedy)


def test_forgetting_and_planning_at_once(store: Store, url: str) -> None:
    """Whichever comes first, nothing is lost and nothing refers to what is not there."""
    run_all(store, make_study())

    def forget() -> None:
        with open_store(url) as other:
            other.forget("small")

    thread = threading.Thread(target=forget)
    thread.start()
    run_all(store, make_study(name="second"))
    thread.join()
    run_all(store, make_study(name="second"))
    assert len(store.results("second").trials) == 8
    assert store.check() == ()
