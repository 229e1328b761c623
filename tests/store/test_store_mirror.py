"""Optuna's study beside ours, seen through Optuna itself and through a real optuna-dashboard."""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import optuna_dashboard
import pytest
from made_plans import cohorts_of, trials_of
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy import create_engine, text
from store.making import (
    BASELINE,
    KEY,
    final_accuracy,
    made_end,
    made_epochs,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortStarted
from sweep.store import Store
from sweep.study.metric import Metric
from sweep.study.programs import Function

_OPENED: list[RDBStorage] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Optuna leaves its connections to the garbage collector; here none is left open."""
    yield
    while _OPENED:
        storage = _OPENED.pop()
        storage.remove_session()
        storage.engine.dispose()


def opened(url: str) -> RDBStorage:
    """Optuna's storage, closed when the test ends."""
    _OPENED.append(RDBStorage(url))
    return _OPENED[-1]


def load(url: str, name: str = "small") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=opened(url))


def execute(url: str, statement: str) -> None:
    """What somebody does to Optuna's tables, in the dashboard or by a script."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def shown(url: str, name: str = "small") -> list[tuple]:
    """All that the mirror says of its trials, but ids and times."""
    return [
        (t.number, t.state, t.params, t.distributions, t.values, t.intermediate_values)
        for t in load(url, name).trials
    ]


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def dashboard(url: str) -> Iterator[str]:
    """The address of a running optuna-dashboard, which here makes Optuna's tables."""
    application = optuna_dashboard.wsgi(opened(url))
    with make_server("127.0.0.1", 0, application, handler_class=_SilentHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def request(url: str, method: str = "GET", body: dict | None = None) -> Any:
    asked = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def dashboard_study(address: str, name: str = "small") -> dict[str, Any]:
    (study,) = [
        entry
        for entry in request(f"{address}/api/studies")["study_summaries"]
        if entry["study_name"] == name
    ]
    return request(f"{address}/api/studies/{study['study_id']}") | {"id": study["study_id"]}


def states(study: dict[str, Any]) -> list[str]:
    return [trial["state"] for trial in study["trials"]]


def test_the_dashboard_shows_a_run_live_and_after(store: Store, dashboard: str) -> None:
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        writer.write(CohortStarted(second))
        write_all(writer, made_epochs(second, range(3)))

        live = dashboard_study(dashboard)
        assert (live["name"], live["directions"]) == ("small", ["maximize"])
        assert live["objective_names"] == ["validation accuracy"]
        assert states(live) == ["Complete", "Complete", "Running", "Running"]
        curve = live["trials"][2]["intermediate_values"]
        assert [(point["step"], point["value"]) for point in curve] == [
            (epoch.epoch, epoch.valid_accuracy_P[0]) for epoch in made_epochs(second, range(3))
        ]
        write_all(writer, made_epochs(second, [3]))
        writer.write(made_end(second))
    run_all(store, study)

    deadline = time.monotonic() + 30
    while states(after := dashboard_study(dashboard)) != ["Complete"] * 8:
        # The dashboard shows what it has read for some seconds, then reads again.
        assert time.monotonic() < deadline
        time.sleep(0.2)
    params = [
        {param["name"]: param["param_external_value"] for param in trial["params"]}
        for trial in after["trials"]
    ]
    assert params == [
        {
            "optimizer": t.optimizer,
            "learning_rate": str(t.point["learning_rate"]),
            "seed": str(t.seed),
        }
        for t in trials_of(study, KEY)
    ]
    assert {len(trial["intermediate_values"]) for trial in after["trials"]} == {4, 3}
    names = {space["name"] for space in after["intersection_search_space"]}
    assert names == {"optimizer", "learning_rate", "seed"}
    diverged = {x["key"]: x["value"] for x in after["trials"][1]["user_attrs"]}
    assert diverged["outcome"] == "diverged"
    assert diverged["diverged_at_epoch"] == "2"
    assert diverged["train_loss"] == "inf"


def test_optuna_reads_every_outcome(store: Store, url: str) -> None:
    study = make_study()
    cohorts = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(cohorts[0], 3, diverging={0: 2, 1: 1}))
        write_all(writer, made_training(cohorts[1], 3))
        write_all(writer, made_failure(cohorts[2]))
        writer.write(CohortStarted(cohorts[3]))
        trials = load(url).trials
    complete, fail, running = TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING
    assert [t.state for t in trials] == [complete] * 4 + [fail] * 2 + [running] * 2
    last = [epoch.valid_accuracy_P[0] for epoch in made_epochs(cohorts[0], range(3))][-1]
    assert [t.value for t in trials[:2]] == [min(last, BASELINE), pytest.approx(0.511)]
    assert [t.value for t in trials[2:4]] == final_accuracy(cohorts[1], 3)
    assert list(trials[0].intermediate_values) == [0, 1, 2]
    assert trials[4].user_attrs["error"] == "ValueError: no such thing"
    assert trials[4].user_attrs["outcome"] == "failed"
    assert trials[6].user_attrs["outcome"] == "running"
    assert [t.user_attrs["fingerprint"] for t in trials] == [
        t.fingerprint for t in trials_of(study, KEY)
    ]
    record = store.results("small").trials[2]
    assert trials[2].user_attrs["valid_loss"] == record.epochs[-1].valid_loss
    assert trials[2].user_attrs["seconds"] == record.seconds
    assert trials[2].duration is not None
    assert load(url).best_value == max(final_accuracy(cohorts[1], 3))
    # The run has ended: its last cohort is untrained again, here too.
    assert len(load(url).trials) == 6
    frame = load(url).trials_dataframe()
    assert len(frame) == 6


def test_a_value_is_never_above_the_baseline_where_a_trial_diverged(store: Store, url: str) -> None:
    study = make_study(epochs=20, seeds=1, optimizers=["adam"])
    cohort = cohorts_of(study, KEY)[0]
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(cohort, 20, diverging={1: 15}))
    trial = load(url).trials[1]
    assert trial.intermediate_values[15] > BASELINE
    assert trial.value == BASELINE


def test_an_extended_study_keeps_one_search_space(finished: Store, finished_url: str) -> None:
    store, url = finished, finished_url
    ids = [trial._trial_id for trial in load(url).trials]
    run_all(store, make_study(optimizers=["sgd", "radam"], learning_rates=(0.001, 0.1), seeds=(9,)))
    trials = load(url).trials
    assert [trial._trial_id for trial in trials[:8]] == ids
    assert len(trials) == 12
    spaces = [trial.distributions for trial in trials]
    assert spaces == [spaces[0]] * 12
    assert spaces[0]["optimizer"].choices == ("adam", "radam", "sgd")
    assert [t.params["optimizer"] for t in trials] == [
        t.optimizer for t in store.results("small").trials
    ]
    assert (spaces[0]["learning_rate"].low, spaces[0]["seed"].high) == (0.001, 9)


EDITS = {
    "a value": "UPDATE trial_values SET value = 0.99",
    "a value that is not finite": "UPDATE trial_values SET value = NULL, value_type = 'INF_POS'",
    "a state": "UPDATE trials SET state = 'FAIL' WHERE number < 3",
    "a parameter": "UPDATE trial_params SET param_value = 1 WHERE param_name = 'seed'",
    "a curve": "UPDATE trial_intermediate_values SET intermediate_value = 0 WHERE step = 1",
    "values that change places": (
        "UPDATE trial_intermediate_values SET intermediate_value = (SELECT sum(intermediate_value)"
        " FROM trial_intermediate_values WHERE step = 1 AND trial_id IN (1, 2))"
        " - intermediate_value WHERE step = 1 AND trial_id IN (1, 2)"
    ),
    "missing epochs": "DELETE FROM trial_intermediate_values WHERE step = 2",
    "an added epoch": (
        "INSERT INTO trial_intermediate_values"
        " (trial_id, step, intermediate_value, intermediate_value_type)"
        " SELECT trial_id, 77, 0.5, 'FINITE' FROM trials"
    ),
    "an added trial": (
        "INSERT INTO trials (number, study_id, state) SELECT 99, study_id, 'RUNNING' FROM studies"
    ),
    "a trial twice": (
        "INSERT INTO trials (number, study_id, state) SELECT 3, study_id, 'RUNNING' FROM studies"
    ),
    "an outcome": "DELETE FROM trial_user_attributes WHERE key = 'outcome'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edits_are_put_right_at_the_next_run(finished: Store, finished_url: str, edit: str) -> None:
    store, url = finished, finished_url
    run_all(store, make_study())  # finds nothing to put right, and so trusts what is there
    before, attributes = shown(url), [t.user_attrs for t in load(url).trials]
    execute(url, edit)
    results = store.results("small").to_json(epochs=True)
    run_all(store, make_study())
    assert shown(url) == before
    assert [t.user_attrs for t in load(url).trials] == attributes
    assert store.results("small").to_json(epochs=True) == results


def test_an_edit_is_put_right_before_a_run_writes_its_first_event(store: Store, url: str) -> None:
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    for events in (made_training(first, 3), ()):  # the second time it is known to be in step
        with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
            write_all(writer, events)
    before = shown(url)
    execute(url, EDITS["a value"])
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(second))
        assert shown(url)[:2] == before
        assert [trial[1] for trial in shown(url)[2:]] == [TrialState.RUNNING] * 2


def test_what_is_in_step_is_looked_at_beside_the_start_of_a_run(store: Store, url: str) -> None:
    study = make_study()
    for _ in range(2):
        run_all(store, study)
    before = shown(url)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        mirror = writer._mirror
        assert mirror._look is not None  # nobody has waited for it
        mirror.follow(())
        assert mirror._look is None
        assert mirror._optuna_study is None  # nothing was to be put right: Optuna is not opened
    assert shown(url) == before


def test_what_somebody_adds_stays(store: Store, url: str, dashboard: str) -> None:
    run_all(store, make_study())
    found = dashboard_study(dashboard)
    trial_id = found["trials"][0]["trial_id"]
    note = {"body": "look here", "version": 1}
    request(f"{dashboard}/api/studies/{found['id']}/{trial_id}/note", "PUT", note)
    load(url).set_user_attr("owner", "me")
    execute(
        url,
        "INSERT INTO trial_user_attributes (trial_id, key, value_json)"
        f" VALUES ({trial_id}, 'mark', '1')",
    )
    run_all(store, make_study(seeds=3))
    assert load(url).user_attrs["owner"] == "me"
    assert load(url).trials[0].user_attrs["mark"] == 1
    assert dashboard_study(dashboard)["trials"][0]["note"]["body"] == "look here"


@pytest.mark.parametrize("action", ["delete", "rename"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_study_that_goes_in_the_middle_of_a_run(
    store: Store, url: str, dashboard: str, action: str
) -> None:
    study = make_study()
    first, second, *others = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3))
        writer.write(CohortStarted(second))
        address = f"{dashboard}/api/studies/{dashboard_study(dashboard)['id']}"
        if action == "delete":
            request(address, "DELETE", {})
        else:
            request(f"{address}/rename", "POST", {"study_name": "mine now"})
        write_all(writer, made_epochs(second, range(4)))
        writer.write(made_end(second))
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    assert {trial.outcome for trial in store.results("small").trials} == {"completed"}
    assert len(load(url).trials) == 8
    assert load(url).metric_names == ["validation accuracy"]
    if action == "rename":
        assert len(load(url, "mine now").trials) == 4


def test_a_study_that_sweep_did_not_make_is_left_alone(
    store: Store, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = optuna.create_study(storage=opened(url), study_name="small")
    theirs.add_trial(optuna.trial.create_trial(value=1.0))
    run_all(store, make_study())
    assert len(store.results("small").trials) == 8
    assert len(load(url).trials) == 1
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "did not make" in record.getMessage()


def test_trouble_is_told_once_and_caught_up_with(
    store: Store, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    study = make_study()
    first, *others = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        execute(url, "ALTER TABLE trial_params RENAME TO gone")
        write_all(writer, made_training(first, 3))
        assert len(caplog.records) == 1
        execute(url, "ALTER TABLE gone RENAME TO trial_params")
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
    assert [t.state for t in load(url).trials] == [TrialState.COMPLETE] * 8
    assert [len(t.intermediate_values) for t in load(url).trials] == [4] * 8


def test_a_metric_of_ones_own_has_its_name_and_direction(store: Store, url: str) -> None:
    error = Metric(name="error", unit="kWh", direction="minimize", near=0.1, guessing=0.55)
    study = make_study(task=Function("mine:train", metric=error), seeds=1, optimizers=["adam"])
    cohort = Cohort(trials_of(study, KEY))
    provenance = replace(make_provenance(), pictures=None, weights=None)
    with store.run(study, provenance, trials_of(study, KEY)) as writer:
        write_all(writer, made_training(cohort, 3, diverging={1: 2}))
    mirror = load(url)
    assert mirror.direction is optuna.study.StudyDirection.MINIMIZE
    assert mirror.metric_names == ["validation error"]
    kept, gone = mirror.trials
    assert kept.value == kept.intermediate_values[3] == 0.53
    assert gone.intermediate_values[2] < 0.55
    assert gone.value == 0.55  # the larger of guessing and the last one
    assert mirror.best_trial.number == kept.number


def test_a_diverged_trial_counts_its_first_value_where_guessing_is_not_known(
    store: Store, url: str
) -> None:
    error = Metric(name="error", unit="kWh", direction="minimize", near=0.1)
    study = make_study(task=Function("mine:train", metric=error), seeds=1, optimizers=["adam"])
    cohort = Cohort(trials_of(study, KEY))
    provenance = replace(make_provenance(), pictures=None, weights=None)
    with store.run(study, provenance, trials_of(study, KEY)) as writer:
        write_all(writer, made_training(cohort, 3, diverging={1: 2}))
    (_, gone) = load(url).trials
    assert gone.value == max(gone.intermediate_values[0], gone.intermediate_values[2])
