"""What is there and how far it is: what ``sweep plan``, ``list`` and ``status`` print.

In the flow: beside ``presentation``, below ``cli``. Nothing here trains.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from sweep.cli import console as display
from sweep.cli.results import show_json, stored_results
from sweep.designs.grid import grid
from sweep.errors import MissingError, NoStoreError, StoreError, UsageError
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.trials import plan_trials
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.settings import Settings, without_password
from sweep.store import open_store
from sweep.study import catalog
from sweep.study.study import Study
from sweep.tasks.frozen_features import resolve
from sweep.tasks.task import Places, Task
from sweep.training.memory import estimated_memory_bytes, fit_into


def show_plan(
    study: Study,
    places: Places,
    settings: Settings,
    memory_limit_bytes: int | None = None,
    *,
    as_json: bool,
) -> None:
    """Optimizers, trials, cohorts, memory and time of what a run would train."""
    try:
        task = resolve(study, places)
    except MissingError as error:
        task = None
        display.show_note(f"Without its pictures, nothing is known of finished trials.\n{error}")
    if task and task.notice:
        display.show_note(task.notice)
    study = task.study if task else study
    key = task.key if task else "unknown"
    finished, seconds = _known(settings, study.name)
    trials = plan_trials(study, grid(study), key)
    sizes = task.sizes(trials) if task else None
    fit = fit_into(trials, sizes, memory_limit_bytes) if sizes else None
    missing = plan_cohorts(trials, finished, fit.trials if fit else None)
    count = sum(len(cohort.trials) for cohort in missing)
    summary = {
        "study": study.name,
        "question": study.question,
        "pictures": _pictures_line(task),
        "optimizers": [optimizer.label for optimizer in study.optimizers],
        "learning_rates": list(study.axes[0].values),
        "seeds": list(study.seeds),
        "epochs": study.epochs,
        "trials": len(trials),
        "finished": len(trials) - count,
        "to_train": count,
        "cohorts": len(missing),
        "trials_at_once": max((len(cohort.trials) for cohort in missing), default=0),
        "memory_bytes": estimated_memory_bytes(trials, sizes, fit) if sizes else None,
        "memory_limit_bytes": memory_limit_bytes,
        "seconds": None if seconds is None else seconds * count,
    }
    if as_json:
        show_json(summary)
        return
    display.show_table(f"Plan of {study.name}", ("what", "how much"), _plan_rows(summary))


def show_list(settings: Settings, *, as_json: bool) -> None:
    """The studies that can be run, and those in the store."""
    known = [
        {"name": entry.name, "built_in": entry.built_in, "path": str(entry.path)}
        | _question(entry.path)
        for entry in catalog.entries()
    ]
    stored = _stored_studies(settings)
    if as_json:
        show_json({"studies": known, "store": stored})
        return
    display.show_table(
        "Studies that can be run",
        ("name", "question"),
        [(study["name"], study["question"]) for study in known],
    )
    if stored:
        display.show_table(
            f"In the store {without_password(settings.store_url)}",
            ("name", "finished", "of", "diverged", "failed", "last run"),
            [
                (
                    study["name"],
                    study["completed"] + study["diverged"],
                    study["planned"],
                    study["diverged"],
                    study["failed"],
                    study["last_run"][:16],
                )
                for study in stored
            ],
        )


def show_status(settings: Settings, target: str | None, as_json: bool) -> bool:
    """Progress by optimizer; returns whether anything is still missing."""
    names = (
        [target] if target else [study["name"] for study in _stored_studies(settings, must=True)]
    )
    shown = [_status(stored_results(settings, name)) for name in names]
    if as_json:
        show_json(shown)
    else:
        for study in shown:
            display.show_table(
                f"{study['study']}",
                ("optimizer", "completed", "diverged", "failed", "running", "planned"),
                [tuple(row.values()) for row in study["optimizers"]],
            )
    return any(study["missing"] for study in shown)


def _known(settings: Settings, name: str) -> tuple[frozenset[str], float | None]:
    """Fingerprints that are finished, and the mean seconds of a finished trial."""
    try:
        with closing(open_store(settings.store_url)) as store:
            finished = store.finished(name)
            if not finished:
                return finished, None
            trials = store.results(name).trials
    except NoStoreError:
        return frozenset(), None
    seconds = [trial.seconds for trial in trials if trial.seconds is not None]
    return finished, sum(seconds) / len(seconds) if seconds else None


def _pictures_line(task: Task | None) -> str:
    if task is None:
        return "not here"
    account = task.dataset
    return (
        f"{account.name}: {sum(account.train_counts)} to train on, "
        f"{sum(account.valid_counts)} for validation, {len(account.skipped)} files skipped"
    )


def _plan_rows(summary: dict[str, Any]) -> list[tuple[str, Any]]:
    memory, seconds = summary["memory_bytes"], summary["seconds"]
    return [
        ("question", summary["question"]),
        ("pictures", summary["pictures"]),
        ("optimizers", ", ".join(summary["optimizers"])),
        ("learning rates", ", ".join(f"{rate:g}" for rate in summary["learning_rates"])),
        ("seeds", ", ".join(map(str, summary["seeds"]))),
        ("epochs", summary["epochs"]),
        ("trials", f"{summary['trials']}, of which {summary['finished']} are finished"),
        ("to train", f"{summary['to_train']} trials in {summary['cohorts']} cohorts"),
        (
            "memory",
            "unknown"
            if memory is None
            else f"about {memory / 1e9:.1f} GB, at most {summary['trials_at_once']} trials at once",
        ),
        (
            "time to train",
            "unknown until a first cohort has run here"
            if seconds is None
            else f"about {seconds / 60:.1f} minutes, by the finished trials",
        ),
    ]


def _question(path: Path) -> dict[str, str]:
    try:
        return {"question": catalog.load(str(path)).question}
    except UsageError as error:
        return {"question": f"(cannot be loaded: {error.got})"}


def _stored_studies(settings: Settings, *, must: bool = False) -> list[dict[str, Any]]:
    try:
        with closing(open_store(settings.store_url)) as store:
            return [
                {
                    "name": summary.name,
                    "planned": summary.planned,
                    "completed": summary.completed,
                    "diverged": summary.diverged,
                    "failed": summary.failed,
                    "running": summary.running,
                    "last_run": str(summary.started_at or ""),
                }
                for summary in store.studies()
            ]
    except StoreError as error:
        if must:
            raise
        if not isinstance(error, NoStoreError):
            display.show_note(str(error))
        return []


def _status(results: Results) -> dict[str, Any]:
    study = results.study
    rows = []
    for optimizer in study.optimizers:
        planned = len(study.points(optimizer)) * len(study.seeds)
        outcomes = Counter(
            trial.outcome for trial in results.trials if trial.optimizer == optimizer.label
        )
        rows.append(
            {
                "optimizer": optimizer.label,
                "completed": outcomes[Outcome.COMPLETED],
                "diverged": outcomes[Outcome.DIVERGED],
                "failed": outcomes[Outcome.FAILED],
                "running": outcomes[None],
                "planned": planned,
            }
        )
    finished = sum(row["completed"] + row["diverged"] for row in rows)
    return {
        "study": study.name,
        "finished": finished,
        "missing": study.planned_trials - finished,
        "optimizers": rows,
    }
