"""``sweep list`` and ``sweep status``: what can be run, and how far what was run is."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweep.cli.axes import axes_json, axes_text, labels_text
from sweep.cli.console import clear_if_watched, show_json, show_note, show_table
from sweep.cli.options import JsonOption, StoreOption
from sweep.settings import Settings, from_environment, without_password
from sweep.util.times import local_time

if TYPE_CHECKING:
    from sweep.store import Progress, StudySummary
    from sweep.study.catalog import Entry

SECONDS_BETWEEN_LOOKS = 2
_NOTHING: dict[str, Any] = {"question": "", "optimizers": [], "axes": [], "swept": ""}
"""What is known of a file that is no study."""


def list_studies(store: StoreOption = None, json: JsonOption = False) -> None:
    """List the studies that can be run, with their questions, and those in the store.

    Example: sweep list --json
    """
    from sweep.cli.stored import studies_if_any
    from sweep.study import catalog

    settings = from_environment(store)
    known = [_entry(entry) for entry in catalog.entries()]
    stored = studies_if_any(settings)
    if json:
        show_json({"studies": known, "store": [_summary(study) for study in stored]})
        return
    show_table(
        "Studies that can be run",
        ("name", "question, and what is compared"),
        [(study["name"], f"{study['question']}\n{_compared(study)}".strip()) for study in known],
    )
    if stored:
        show_table(
            f"In the store {without_password(settings.store_url)}",
            ("name", "finished", "of", "diverged", "failed", "last run", "optimizers"),
            [_cells(study) for study in stored],
            expendable=("of", "last run", "failed", "diverged", "optimizers"),
            all_in="--json",
        )


def status(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="STUDY",
            help="Name of one study, or of a collection. (default: all in the store)",
        ),
    ] = None,
    store: StoreOption = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Show every change, until the study or all of a collection is finished."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show how far a study is, by optimizer.

    Example: sweep status lr-robustness --watch
    """
    settings = from_environment(store)
    shown = _look(settings, study)
    _show_status(shown, as_json=json)
    studies = _studies(study)
    while watch and (len(shown) < studies or any(each["missing"] for each in shown)):
        time.sleep(SECONDS_BETWEEN_LOOKS)
        before, shown = shown, _look(settings, study, is_first=False)
        if shown != before:
            clear_if_watched()
            _show_status(shown, as_json=json)


def _studies(target: str | None) -> int:
    """How many studies a collection has; 0 of anything else."""
    from sweep.study.catalog import find_collection

    collection = find_collection(target) if target else None
    return len(collection.studies) if collection else 0


def _look(settings: Settings, target: str | None, *, is_first: bool = True) -> list[dict[str, Any]]:
    """How far the studies are now: one, those of a collection, or all; notes come once."""
    from sweep.cli.stored import stored_progress

    tell = show_note if is_first else _silent
    return [_progress(found) for found in stored_progress(settings, target, tell)]


def _silent(_: str) -> None:
    """Tell nothing."""


def _show_status(shown: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        show_json(shown)
    else:
        for study in shown:
            show_table(
                f"{study['study']}: {study['swept']}",
                ("optimizer", "completed", "diverged", "failed", "running", "planned"),
                [tuple(row.values()) for row in study["optimizers"]],
                expendable=("planned", "running", "failed", "diverged"),
                all_in="--json",
            )


def _progress(found: "Progress") -> dict[str, Any]:
    study = found.study
    rows = [
        {
            "optimizer": optimizer.label,
            **{
                outcome: found.trials.get((optimizer.label, outcome), 0)
                for outcome in ("completed", "diverged", "failed", "running")
            },
            "planned": len(study.points(optimizer)) * len(study.seeds),
        }
        for optimizer in study.optimizers
    ]
    finished = sum(row["completed"] + row["diverged"] for row in rows)
    return {
        "study": study.name,
        "axes": axes_json(study),
        "swept": axes_text(study),
        "finished": finished,
        "missing": study.planned_trials - finished,
        "optimizers": rows,
    }


def _entry(entry: "Entry") -> dict[str, Any]:
    """A study that can be run; one that cannot be loaded says why in place of its question."""
    return {
        "name": entry.name,
        "built_in": entry.built_in,
        "path": str(entry.path),
        **_asked(entry.path),
    }


def _compared(study: dict[str, Any]) -> str:
    """The optimizers and axes of a study, or the number of a collection's studies."""
    if "studies" in study:
        return f"{len(study['studies'])} studies"
    labels = labels_text(study["optimizers"])
    return f"{labels} over {study['swept']}" if labels else ""


def _asked(path: Path) -> dict[str, Any]:
    from sweep.errors import UsageError
    from sweep.study import catalog
    from sweep.study.collection import Collection

    try:
        study = catalog.load_any(str(path))
    except UsageError as error:
        return _NOTHING | {"question": f"(cannot be loaded: {error.wrong})"}
    if isinstance(study, Collection):
        return _NOTHING | {"question": study.title, "studies": [*study.studies]}
    return {
        "question": study.question,
        "optimizers": [optimizer.label for optimizer in study.optimizers],
        "axes": axes_json(study),
        "swept": axes_text(study),
    }


def _summary(study: "StudySummary") -> dict[str, Any]:
    return {
        "name": study.name,
        "question": study.question,
        "optimizers": list(study.optimizers),
        "planned": study.planned,
        "completed": study.completed,
        "diverged": study.diverged,
        "failed": study.failed,
        "running": study.running,
        "last_run": study.started_at.isoformat() if study.started_at else "",
    }


def _cells(study: "StudySummary") -> tuple[Any, ...]:
    return (
        study.name,
        study.completed + study.diverged,
        study.planned,
        study.diverged,
        study.failed,
        study.started_at and local_time(study.started_at),
        labels_text(study.optimizers),
    )
