"""What each command prints: from the store and the plan to tables, JSON and files.

In the flow: ``cli`` calls one function a command; ``display`` draws. Nothing here trains.
"""

import json as json_module
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sweep import catalog, display
from sweep.errors import MissingError, StoreError, UsageError
from sweep.materials import Found, Places, find_materials
from sweep.plan import estimated_memory_bytes, fit_into, plan_cohorts, plan_trials
from sweep.records import Outcome
from sweep.report import write_figure, write_report
from sweep.results import EPOCH_COLUMNS, TRIAL_COLUMNS, Results, Row
from sweep.robustness import measure, measures_rows, measures_table
from sweep.runner import RunOutcome
from sweep.settings import Settings
from sweep.store import open_store
from sweep.study import RENDERED_PETS, Study
from sweep.verdict import verdict

FORMATS = ("table", "csv", "json", "parquet")
LEFT_OUT_OF_TABLES = ("fingerprint", "diverged_at_epoch", "best_valid_accuracy")
"""Columns that only files have room for."""


def stored_results(settings: Settings, target: str) -> Results:
    """The results of the study of this name, or of the study file at this path.

    A study that was run on rendered pets for want of data is found by its plain name too.
    """
    name = catalog.load(target).name if target.endswith(".py") else target
    with closing(open_store(settings.store_url)) as store:
        names = [summary.name for summary in store.studies()]
        on_pets = f"{name}-{RENDERED_PETS}"
        if name not in names and on_pets in names:
            display.show_note(f"{name} is in the store as {on_pets}.")
            name = on_pets
        return store.results(name)


def file_name(results: Results) -> str:
    """The report's file name: the study's name, with what file systems dislike replaced."""
    return re.sub(r"[^\w.-]+", "-", results.study.name).strip(".-") + ".html"


def show_run(outcome: RunOutcome, report: Path, *, as_json: bool) -> None:
    """The accuracies, the measures, the verdict, and where the report is."""
    results = outcome.results
    if as_json:
        _show_json(_run_summary(outcome, report))
        return
    pictures = results.runs[-1].provenance.pictures.name
    display.show_table(
        f"Validation accuracy on {pictures} after {results.study.epochs} epochs, in %: "
        "mean over seeds (lowest–highest)",
        ("learning rate", *(optimizer.label for optimizer in results.study.optimizers)),
        _accuracy_rows(results),
        note="× marks trials that diverged, ! trials that failed" if _marked(results) else None,
    )
    grid = results.grid()
    measures = measure(grid)
    _show_measures(results, measures_table(measures))
    found = verdict(grid, measures)
    display.show_verdict(found.headline, found.sentences)
    if not outcome.trained and not outcome.failed:
        display.show_note("Nothing was left to train.")
    display.output.print(f"Report: {report}", soft_wrap=True, highlight=False)


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
        found = find_materials(study, places)
    except MissingError as error:
        found = None
        display.show_note(f"Without its pictures, nothing is known of finished trials.\n{error}")
    if found and found.notice:
        display.show_note(found.notice)
    study = found.study if found else study
    key = found.materials.features_key if found else "unknown"
    finished, seconds = _known(settings, study.name)
    trials = plan_trials(study, key)
    fit = fit_into(study, found.materials, memory_limit_bytes) if found else None
    missing = plan_cohorts(study, key, finished, fit.trials if fit else None)
    count = sum(len(cohort.trials) for cohort in missing)
    summary = {
        "study": study.name,
        "question": study.question,
        "pictures": _pictures_line(found),
        "optimizers": [optimizer.label for optimizer in study.optimizers],
        "learning_rates": list(study.learning_rates),
        "seeds": list(study.seeds),
        "epochs": study.epochs,
        "trials": len(trials),
        "finished": len(trials) - count,
        "to_train": count,
        "cohorts": len(missing),
        "trials_at_once": max((len(cohort.trials) for cohort in missing), default=0),
        "memory_bytes": estimated_memory_bytes(study, found.materials, fit) if found else None,
        "memory_limit_bytes": memory_limit_bytes,
        "seconds": None if seconds is None else seconds * count,
    }
    if as_json:
        _show_json(summary)
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
        _show_json({"studies": known, "store": stored})
        return
    display.show_table(
        "Studies that can be run",
        ("name", "question"),
        [(study["name"], study["question"]) for study in known],
    )
    if stored:
        display.show_table(
            f"In the store {_without_password(settings.store_url)}",
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
        _show_json(shown)
    else:
        for study in shown:
            display.show_table(
                f"{study['study']}",
                ("optimizer", "completed", "diverged", "failed", "running", "planned"),
                [tuple(row.values()) for row in study["optimizers"]],
            )
    return any(study["missing"] for study in shown)


def show_results(
    results: Results, format: str, *, epochs: bool, robustness: bool, output: Path | None
) -> None:
    """The rows in a format, on the screen or in a file."""
    if format not in FORMATS:
        raise UsageError(f"The format is one of {', '.join(FORMATS)}.", got=format)
    if format == "parquet":
        if output is None:
            raise UsageError(
                "Parquet is written to a file.", got="no --output", remedy="Pass --output FILE."
            )
        results.write_parquet(output, epochs=epochs)
        return
    if robustness:
        _show_robustness(results, format, output)
    elif format == "table":
        columns = EPOCH_COLUMNS if epochs else TRIAL_COLUMNS
        rows = results.epoch_rows() if epochs else results.rows()
        shown = [column for column in columns if column not in LEFT_OUT_OF_TABLES]
        display.show_table(
            _title(results), shown, [[_short(row[column]) for column in shown] for row in rows]
        )
    else:
        text = results.to_csv(epochs=epochs) if format == "csv" else results.to_json(epochs=epochs)
        _write_or_show(text, output)


def write(
    results: Results, reports: Path, output: Path | None, figure: str | None, format: str
) -> Path:
    """The report, or one figure of it; returns the file's path."""
    page = reports / file_name(results)
    if figure is None:
        return write_report(results, output or page)
    return write_figure(
        results, figure, format, output or page.with_name(f"{page.stem}-{figure}.{format}")
    )


def _show_robustness(results: Results, format: str, output: Path | None) -> None:
    measures = measure(results.grid())
    if format == "table":
        _show_measures(results, measures_table(measures))
        return
    if format == "csv":
        raise UsageError(
            "Measures are shown as a table or as JSON.", got="csv", remedy="Pass --format json."
        )
    _write_or_show(json_module.dumps(measures_rows(measures), indent=1), output)


def _show_measures(results: Results, rows: Sequence[Row]) -> None:
    if rows:
        display.show_table(
            f"{_title(results)}: robustness, with 95 % intervals over seeds",
            tuple(rows[0]),
            [tuple(row.values()) for row in rows],
        )


def _write_or_show(text: str, output: Path | None) -> None:
    if output is None:
        display.show_text(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            "The output file can be written.",
            got=f"{output}: {error.strerror}",
            remedy="Name a file in a folder that exists.",
        ) from error


def _show_json(value: Any) -> None:
    display.show_text(json_module.dumps(value, indent=1))


def _title(results: Results) -> str:
    return f"{results.study.name} on {results.runs[-1].provenance.pictures.name}"


def _run_summary(outcome: RunOutcome, report: Path) -> dict[str, Any]:
    results = outcome.results
    grid = results.grid()
    measures = measure(grid)
    found = verdict(grid, measures)
    return {
        "study": results.study.name,
        "pictures": results.runs[-1].provenance.pictures.name,
        "trained": outcome.trained,
        "copied": outcome.copied,
        "failed": outcome.failed,
        "outcomes": dict(Counter(row["outcome"] for row in results.rows())),
        "verdict": [found.headline, *found.sentences],
        "measures": measures_rows(measures),
        "report": str(report),
    }


def _accuracy_rows(results: Results) -> list[list[str]]:
    return [
        [f"{rate:g}", *(_cell(results, label.label, rate) for label in results.study.optimizers)]
        for rate in results.study.learning_rates
    ]


def _cell(results: Results, optimizer: str, learning_rate: float) -> str:
    trials = [
        trial
        for trial in results.trials
        if trial.optimizer == optimizer and trial.learning_rate == learning_rate
    ]
    marks = "×" * sum(trial.outcome is Outcome.DIVERGED for trial in trials)
    marks += "!" * sum(trial.outcome is Outcome.FAILED for trial in trials)
    final = [
        100 * trial.epochs[-1].valid_accuracy
        for trial in trials
        if trial.outcome is Outcome.COMPLETED
    ]
    if not final:
        return marks or "–"
    mean = sum(final) / len(final)
    return f"{mean:.1f} ({min(final):.1f}–{max(final):.1f}){marks}"


def _marked(results: Results) -> bool:
    return any(trial.outcome in (Outcome.DIVERGED, Outcome.FAILED) for trial in results.trials)


def _known(settings: Settings, name: str) -> tuple[frozenset[str], float | None]:
    """Fingerprints that are finished, and the mean seconds of a finished trial."""
    try:
        with closing(open_store(settings.store_url)) as store:
            finished = store.finished(name)
            if not finished:
                return finished, None
            trials = store.results(name).trials
    except StoreError:
        return frozenset(), None
    seconds = [trial.seconds for trial in trials if trial.seconds is not None]
    return finished, sum(seconds) / len(seconds) if seconds else None


def _pictures_line(found: Found | None) -> str:
    if found is None:
        return "not here"
    account = found.pictures.account
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
    except StoreError:
        if must:
            raise
        return []


def _status(results: Results) -> dict[str, Any]:
    study = results.study
    planned = len(study.learning_rates) * len(study.seeds)
    rows = []
    for optimizer in study.optimizers:
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
        "missing": planned * len(rows) - finished,
        "optimizers": rows,
    }


def _short(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value


def _without_password(url: str) -> str:
    return re.sub(r"(//[^:/@]*):[^@]*@", r"\1:***@", url)
