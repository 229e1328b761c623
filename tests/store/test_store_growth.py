"""What must not grow with the stored trials: statements, parsed texts, and records of trials."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from made_plans import trials_of
from sqlalchemy import Engine, event, text
from store.making import KEY, make_provenance, make_study, run_all

from sweep.analysis.evidence import gather
from sweep.report.page import render
from sweep.report.progress import progress
from sweep.report.sections import MAX_ROWS
from sweep.results.records import EpochRecord, TrialRecord
from sweep.store import Store, open_store
from sweep.store.optuna.study import TRIALS_AT_ONCE
from sweep.study.study import Study

FEW = make_study(name="few", learning_rates=(0.01, 0.1), seeds=2, epochs=1)
MANY = make_study(
    name="many", learning_rates=tuple(0.001 * 1.05**n for n in range(70)), seeds=4, epochs=1
)


@contextmanager
def statements() -> Iterator[list[str]]:
    """All that is executed meanwhile, by any engine."""
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def filled_url(module_url: str) -> str:
    """Few trials and many, each run again until its mirror is known to be in step; only copied."""
    assert MANY.planned_trials > TRIALS_AT_ONCE > FEW.planned_trials
    with open_store(module_url, create=True) as store:
        for study in (FEW, MANY):
            run_all(store, study)
            run_all(store, study)
    return module_url


@pytest.fixture
def both(filled_url: str, copied: Callable[[str], str]) -> Iterator[Store]:
    """A store with those trials."""
    with open_store(copied(filled_url)) as opened:
        yield opened


def run_again(store: Store, study: Study) -> None:
    with store.run(study, make_provenance(), trials_of(study, KEY)):
        pass


def test_statements_do_not_grow_with_the_trials(both: Store) -> None:
    for work in (
        lambda study: both.progress(study.name),
        lambda study: both.results(study.name),
        lambda study: run_again(both, study),
    ):
        counts = []
        for study in (FEW, MANY):
            with statements() as executed:
                work(study)
            counts.append(len(executed))
        assert counts[0] == counts[1] > 0


def test_a_run_after_one_that_came_to_its_end_removes_nothing(both: Store) -> None:
    """Each statement that would remove what is under way goes through all trials."""
    with statements() as executed:
        run_again(both, MANY)
    tables = ("trials", "trainings", "epochs", "gradients")
    assert not [it for it in executed for name in tables if f"DELETE FROM sweep_{name}" in it]


def test_statements_of_the_mirror_do_not_name_every_trial(both: Store) -> None:
    """Numbers without a gap are a range: no statement has a place for each of them."""
    with both._database.writing() as connection:
        for table in ("trial_params", "trial_user_attributes"):
            connection.execute(text(f"DELETE FROM {table}"))
    with statements() as executed:
        run_again(both, MANY)
    assert len([it for it in executed if "INSERT INTO trial_params" in it]) > 1
    assert max(it.count("?") for it in executed) < 50


def test_each_different_point_is_made_once(both: Store) -> None:
    results = both.results("many")
    points = {id(trial.point) for trial in results.trials}
    assert len(points) == len(MANY.axes[0].values)
    assert len({id(cohort.points) for cohort in results.cohorts}) == 1
    assert len(results.cohorts) == 8


def test_results_are_read_measured_and_written_without_a_record_for_each_trial(
    both: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[type] = []
    for kind, method in ((TrialRecord, "__init__"), (EpochRecord, "__new__")):
        monkeypatch.setattr(kind, method, counted(getattr(kind, method), made))
    results = both.results("many")
    evidence = gather(results)
    for epochs in (False, True):
        results.to_csv(epochs=epochs)
        results.to_json(epochs=epochs)
        results.write_parquet(tmp_path / "rows.parquet", epochs=epochs)
    progress(results)
    assert not made
    render(evidence, results, drawn=[])
    assert made.count(TrialRecord) == len(results.trials) <= MAX_ROWS, "of the page's table"


def counted(make: Any, made: list[type]) -> Any:
    """The same method, which notes what it makes."""

    def noted(this: Any, *values: Any, **named: Any) -> Any:
        made.append(this if isinstance(this, type) else type(this))
        return make(this, *values, **named)

    return noted


def test_progress_counts_what_the_results_have(both: Store) -> None:
    found = both.progress("many")
    assert found.study == both.results("many").study
    assert found.trials == {("adam", "completed"): 280, ("radam", "completed"): 280}


def test_results_that_are_known_are_read_anew_once_a_trial_is_added(both: Store) -> None:
    known = both.results("few")
    again = both.results("few", known=known)
    assert again.trials is known.trials
    run_again(both, FEW)
    assert len(both.results("few", known=known).runs) == len(known.runs) + 1
    run_all(both, FEW.replace(seeds=3))
    more = both.results("few", known=known)
    assert len(more.trials) == len(known.trials) + 4
    assert more.to_json() == both.results("few").to_json()
