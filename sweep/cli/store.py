"""``sweep store check|repair|forget|export|import``: lines for people, or JSON."""

import shlex
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweep.cli.console import show_json, show_note, show_text
from sweep.cli.options import JsonOption, StoreOption
from sweep.errors import UsageError
from sweep.settings import from_environment

if TYPE_CHECKING:
    from sweep.store import Content
    from sweep.store.maintenance.flaws import Violation
    from sweep.store.maintenance.forget import Forgotten

store_app = typer.Typer(
    no_args_is_help=True,
    help="Check, repair, export or import the database of the results; forget a study.",
)


@store_app.command()
def check(store: StoreOption = None, json: JsonOption = False) -> None:
    """Check the store: one line for everything that is wrong, and exit status 1.

    Finished trials have all their epochs, once each; cohorts ended together; Optuna's tables agree.

    Example: sweep store check --store sqlite:///mine.db
    """
    from sweep.store import open_store

    with closing(open_store(from_environment(store).store_url)) as opened:
        found = opened.check()
    if json:
        show_json([asdict(violation) for violation in found])
    else:
        _show_lines(found)
        show_note(_remedy(found) if found else "The store is whole.")
    if found:
        raise typer.Exit(1)


@store_app.command()
def repair(store: StoreOption = None, json: JsonOption = False) -> None:
    """Reset what is not whole, after a backup copy; the next run trains it again.

    Example: sweep store repair --json
    """
    from sweep.store import open_store

    with closing(open_store(from_environment(store).store_url)) as opened:
        done = opened.repair()
    if json:
        show_json(asdict(done) | {"backup": done.backup and str(done.backup)})
    elif done.backup is None:
        show_note("The store is whole; nothing was changed.")
    else:
        _show_lines(done.found)
        show_note(f"The store as it was is kept in {done.backup}.")
        for study, trials in done.reset.items():
            show_note(f"{study}: {trials} trials are reset; its next run trains them again.")
        show_note("This could not be repaired:" if done.left else "Now the store is whole.")
        _show_lines(done.left)
    if done.left:
        raise typer.Exit(1)


@store_app.command()
def forget(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help="Name of the study (sweep list) or path of its file."),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Remove a study from the store, after a question and a backup copy.

    Trainings to which other studies refer stay.

    Example: sweep store forget lr-robustness

    Example: sweep store forget wider --yes --json
    """
    from sweep.store import open_store
    from sweep.study import catalog

    name = catalog.load(study).name if study.endswith(".py") else study
    with closing(open_store(from_environment(store).store_url)) as opened:
        for line in _content_lines(name, opened.content(name)):
            show_note(line)
        if not yes:
            _ask(name, store)
        done = opened.forget(name)
    if json:
        show_json({"study": done.study, **asdict(done.content), **_places(done)})
    else:
        show_note(f"{name} is no longer in the store.")
        show_note(f"The store as it was is kept in {done.backup}. {done.way_back}")


def _ask(study: str, store: str | None) -> None:
    """Ask whether it shall go, where there is somebody to ask."""
    if not sys.stdin.isatty():
        place = f" --store {shlex.quote(store)}" if store else ""
        raise UsageError(
            f"no terminal to ask whether {study} is to be removed",
            remedy=f"Say so: `sweep store forget {shlex.quote(study)} --yes{place}`.",
        )
    if not typer.confirm(f"Remove {study}, after a backup copy?", err=True):
        show_note("Nothing was removed.")
        raise typer.Exit(1)


def _content_lines(study: str, content: "Content") -> list[str]:
    """What of a study will go, and what will stay."""
    lines = [
        f"{study} has {_counted(content.trials, 'trial')}, of which {content.finished} finished "
        f"and {content.failed} failed, from {_counted(content.runs, 'run')}.",
        f"With it go {_counted(content.trainings, 'training')} that no other study has.",
    ]
    if content.shared:
        others = ", ".join(content.sharing)
        lines.append(f"{_counted(content.shared, 'training')} stay, for {others}.")
    return lines


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _places(done: "Forgotten") -> dict[str, str]:
    return {"backup": done.backup, "way_back": done.way_back}


@store_app.command("export")
def export_tables(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A new or empty folder, e.g. kept.")
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format", "-f", metavar="csv|parquet", help="Format of the files, e.g. parquet."
        ),
    ] = "csv",
    store: StoreOption = None,
) -> None:
    """Write all tables into a folder, one file each, without any loss.

    Example: sweep store export kept --format parquet
    """
    from sweep.store import open_store

    with closing(open_store(from_environment(store).store_url)) as opened:
        rows = opened.export(folder, format)
    _show_rows(rows, f"are in {folder}")


@store_app.command("import")
def import_tables(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of an export.")],
    store: StoreOption = None,
) -> None:
    """Read an export of a whole store into one that has no studies.

    Results of other programs are imported with sweep import FILE.

    Example: sweep store import kept --store sqlite:///copy.db
    """
    from sweep.store import open_store

    with closing(open_store(from_environment(store).store_url, create=True)) as opened:
        rows = opened.import_from(folder)
    _show_rows(rows, "are in the store")


def _show_lines(found: "tuple[Violation, ...]") -> None:
    for violation in found:
        of_study = "" if violation.study is None else f"{violation.study}: "
        show_text(f"{violation.invariant}: {of_study}{violation.found}")


def _remedy(found: "tuple[Violation, ...]") -> str:
    if any(violation.invariant == "file" for violation in found):
        return "Restore a copy, or save what can be saved with: sqlite3 FILE .recover"
    return "sweep store repair resets what is not whole, after a backup copy."


def _show_rows(rows: dict[str, int], where: str) -> None:
    said = ", ".join(f"{count} {table.removeprefix('sweep_')}" for table, count in rows.items())
    show_note(f"{said} {where}.")
