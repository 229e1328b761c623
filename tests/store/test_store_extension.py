"""What a stored study may gain, what it may not change, and what is reused from others."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.designs.grid import grid
from sweep.errors import StudyChangedError
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.trials import plan_trials
from sweep.store import Store, open_store
from sweep.study.axis import Axis
from sweep.study.optimizer import Optimizer
from sweep.study.published import Published
from sweep.study.schedules import Warmup
from sweep.study.study import Study


def test_extension_trains_only_what_is_new(finished: Store) -> None:
    more_rates = make_study(learning_rates=(0.01, 0.03, 0.1))
    assert run_all(finished, more_rates) == 4
    assert run_all(finished, make_study(seeds=3)) == 4
    new_optimizer = make_study(optimizers=("sgd", "adam"), question="And this one?")
    assert run_all(finished, new_optimizer) == 4

    study = finished.results("small").study
    assert study.axes[0].values == (0.01, 0.03, 0.1)
    assert study.seeds == (0, 1, 2)
    assert [optimizer.label for optimizer in study.optimizers] == ["adam", "radam", "sgd"]
    assert study.question == "And this one?"
    assert len(finished.results("small").trials) == 8 + 4 + 4 + 4
    (summary,) = finished.studies()
    assert (summary.planned, summary.completed) == (27, 20)


def test_published_numbers_may_be_added_and_changed(store: Store) -> None:
    for value in (0.9, 0.8):
        said = [Published(source="a paper", optimizer="adam", value=value)]
        run_all(store, make_study(published=said))
        assert store.results("small").study.published[0].value == value
    assert run_all(store, make_study()) == 0
    assert store.results("small").study.published == ()


@pytest.mark.parametrize(
    ("changed", "key", "difference"),
    [
        (make_study(epochs=5), KEY, "epochs: stored 3, now 5"),
        (make_study(model={"hidden_units": 8}), KEY, "model.hidden_units: stored 256, now 8"),
        (make_study(pictures={"limit": None}), KEY, "pictures.limit: stored 2500, now None"),
        (
            make_study(
                optimizers=[Optimizer(label="adam", algorithm="adam", warmup=Warmup(steps=9))]
            ),
            KEY,
            "optimizer adam.warmup: stored None, now {'steps': 9",
        ),
        (
            make_study(optimizers=[Optimizer(label="Adam!", algorithm="adam")]),
            KEY,
            "label of an optimizer: stored 'adam', now 'Adam!'",
        ),
        (make_study(), "features-2", "stored features-1, now features-2"),
    ],
)
def test_a_changed_study_is_refused(
    finished: Store, changed: Study, key: str, difference: str
) -> None:
    before = finished.results("small").to_csv()
    with pytest.raises(StudyChangedError, match="--name") as caught:
        run_all(finished, changed, key)
    assert difference in str(caught.value.wrong)
    assert finished.results("small").to_csv() == before
    assert len(finished.results("small").runs) == 1
    run_all(finished, changed.replace(name="another"), key)


def test_finished_trials_are_copied_from_other_studies(store: Store) -> None:
    original = make_study()
    cohorts = cohorts_of(original, KEY)
    with store.run(original, make_provenance(), trials_of(original, KEY)) as writer:
        write_all(writer, made_training(cohorts[0], 3, diverging={1: 1}))
        write_all(writer, made_training(cohorts[1], 3))
        write_all(writer, made_failure(cohorts[2]))

    renamed = Optimizer(label="plain", algorithm="adam")
    study = make_study(name="second", optimizers=[renamed, "radam"])
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        assert writer.copied == 4
        assert writer.finished == store.finished("small")
        assert len(cohorts_of(study, KEY, writer.finished)) == 2
    first, second = store.results("small"), store.results("second")
    assert [trial.optimizer for trial in second.trials] == ["plain", "plain", "radam", "radam"]
    for copy, source in zip(second.trials, first.trials, strict=False):
        assert copy.copied_from == "small"
        assert str(copy.epochs) == str(source.epochs)
        assert (copy.outcome, copy.seconds) == (source.outcome, source.seconds)
    assert [c.points for c in second.cohorts] == [c.points for c in first.cohorts]
    assert run_all(store, study) == 4
    third = make_study(name="third")
    assert run_all(store, third) == 0
    assert {trial.copied_from for trial in store.results("third").trials} == {"small", "second"}


def test_other_features_are_not_copied(finished: Store) -> None:
    assert run_all(finished, make_study(name="second"), "features-2") == 8


SIZES = Axis(name="batch_size", values=(16, 64))
BETAS = Axis(name="optimizer.beta_2", values=(0.9, 0.99))


def make_axes_study(*axes: Axis, **changes) -> Study:
    parts = make_study().model_dump(exclude={"axes", "base"}) | {"optimizers": ["adam"]}
    return Study(**(parts | {"axes": axes, "base": {"learning_rate": 0.01}} | changes))


@pytest.fixture(scope="module")
def axes_store(module_url: str) -> Iterator[Store]:
    """With a study of batch sizes, for tests that leave it as it is."""
    with open_store(module_url, create=True) as opened:
        run_all(opened, make_axes_study(SIZES))
        yield opened


def test_axes_are_united_by_name_and_values_of_an_optimizer_too(store: Store) -> None:
    own = Optimizer(label="own", algorithm="sgd", values={"batch_size": (64,)})
    run_all(store, make_axes_study(SIZES, optimizers=["adam", own]))
    more = Optimizer(label="own", algorithm="sgd", values={"batch_size": (128,)})
    wider = Axis(name="batch_size", values=(16, 256))
    assert run_all(store, make_axes_study(wider, optimizers=["adam", more])) == 4
    study = store.results("small").study
    assert study.axes[0].values == (16, 64, 256)
    assert study.optimizer("own").values == {"batch_size": (64, 128)}
    assert study.optimizer("adam").values == {}
    # Asked for at all of the axis' values, it follows the axis from now on.
    everywhere = Optimizer(label="own", algorithm="sgd", values={"batch_size": (16, 64, 256)})
    run_all(store, make_axes_study(SIZES, optimizers=[everywhere]))
    assert store.results("small").study.optimizer("own").values["batch_size"] == (16, 64, 128, 256)
    assert store.check() == ()


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (make_axes_study(BETAS), "axes: stored batch_size (log), now optimizer.beta_2"),
        (make_axes_study(SIZES, BETAS), "now batch_size (log) × optimizer.beta_2 (reverse_log)"),
        (
            make_axes_study(Axis(name="batch_size", values=(16, 64), scale="linear")),
            "axes: stored batch_size (log), now batch_size (linear)",
        ),
        (
            make_axes_study(SIZES, base={"learning_rate": 0.1}),
            "base.learning_rate: stored 0.01, now 0.1",
        ),
        (
            make_axes_study(
                SIZES, optimizers=[Optimizer(label="adam", algorithm="adam", learning_rate=0.1)]
            ),
            "optimizer adam.learning_rate: stored None, now 0.1",
        ),
        (
            make_axes_study(
                SIZES, optimizers=[Optimizer(label="adam", algorithm="adam", fixed=("batch_size",))]
            ),
            "optimizer adam.fixed: stored None, now ['batch_size']",
        ),
    ],
)
def test_other_axes_and_bases_are_refused(
    axes_store: Store, changed: Study, difference: str
) -> None:
    with pytest.raises(StudyChangedError, match="--name") as caught:
        run_all(axes_store, changed)
    assert difference in str(caught.value.wrong)


OWN = Optimizer(label="mine", algorithm="my_optimizers:Mine")
THEN = {"my_optimizers.py": "a1", "steps.py": "b1"}


def run_own(store: Store, code: dict[str, str] | None, *, fails: bool = False, **changes) -> int:
    """Run a study of an optimizer of the user's own; returns how many trials were trained."""
    study = make_study(optimizers=[OWN, "adam"], **changes)
    provenance = replace(make_provenance(), code={} if code is None else {"mine": code})
    trials = plan_trials(study, grid(study), KEY, provenance.code)
    with store.run(study, provenance, trials) as writer:
        cohorts = plan_cohorts(trials, writer.finished)
        for cohort in cohorts:
            is_own = cohort.optimizer == "mine"
            events = made_failure(cohort) if fails and is_own else made_training(cohort, 3)
            write_all(writer, events)
    return sum(len(cohort.trials) for cohort in cohorts)


@pytest.mark.parametrize(
    ("now", "difference"),
    [
        (THEN | {"steps.py": "b2"}, "optimizer mine: steps.py has changed"),
        (THEN | {"more.py": "c1"}, "optimizer mine: it now imports more.py"),
        ({"my_optimizers.py": "a1"}, "optimizer mine: it no longer imports steps.py"),
    ],
)
def test_changed_code_is_not_mixed(store: Store, now: dict[str, str], difference: str) -> None:
    assert run_own(store, THEN) == 8
    assert run_own(store, THEN, seeds=3) == 4
    with pytest.raises(StudyChangedError, match="--name") as caught:
        run_own(store, now, seeds=3)
    assert difference in str(caught.value.wrong)
    assert len(store.results("small").runs) == 2
    assert run_own(store, now, name="another", seeds=3) == 6  # adam's are there


def test_code_may_change_as_long_as_nothing_is_finished(store: Store) -> None:
    assert run_own(store, THEN, fails=True) == 8
    mended = THEN | {"steps.py": "b2"}
    assert run_own(store, mended) == 4
    with pytest.raises(StudyChangedError, match=r"steps\.py has changed"):
        run_own(store, THEN)


def test_code_that_was_never_recorded_is_not_mixed(store: Store) -> None:
    assert run_own(store, None) == 8
    with pytest.raises(StudyChangedError, match="its code was not recorded"):
        run_own(store, THEN)


def test_the_code_of_other_optimizers_may_change(store: Store) -> None:
    run_own(store, THEN)
    assert run_all(store, make_study(optimizers=["adam"], seeds=3)) == 2
