"""What an executor loads, and when."""

from pathlib import Path

from made_plans import cohorts_of
from small_study import SMALL

from sweep.executors.executor import Executor
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places
from sweep.util.progress import silent


def test_nothing_is_loaded_for_what_may_not_begin(tmp_path: Path) -> None:
    task = resolve(SMALL, Places("rendered-pets", None, tmp_path))
    before = {*tmp_path.rglob("*")}
    executor = Executor(task, "tensorflow", silent, cohorts_kept=lambda: 1)
    cohorts = cohorts_of(SMALL, task.key)
    assert [*executor.train(cohorts, may_begin=lambda _: False)] == []
    assert {*tmp_path.rglob("*")} == before, "features are not computed"
    assert "_train" not in vars(executor)
