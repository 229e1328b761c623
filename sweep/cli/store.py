"""What ``sweep store check|repair|export|import`` print: lines for people, or JSON.

In the flow: ``cli`` calls one function a command; the store does the work.
"""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sweep.cli import console as display
from sweep.settings import Settings
from sweep.store import Violation, open_store


def show_check(settings: Settings, *, as_json: bool) -> bool:
    """One line for everything that does not hold; returns whether all holds."""
    with closing(open_store(settings.store_url)) as store:
        found = store.check()
    if as_json:
        _show_json([asdict(violation) for violation in found])
        return not found
    _show_lines(found)
    if found:
        display.show_note(_remedy(found))
    else:
        display.show_note("The store is whole.")
    return not found


def show_repair(settings: Settings, *, as_json: bool) -> bool:
    """What was done; returns whether all holds now."""
    with closing(open_store(settings.store_url)) as store:
        done = store.repair()
    if as_json:
        _show_json(asdict(done) | {"backup": done.backup and str(done.backup)})
        return not done.left
    if done.backup is None:
        display.show_note("The store is whole; nothing was changed.")
        return True
    _show_lines(done.found)
    display.show_note(f"The store as it was is kept in {done.backup}.")
    for study, trials in done.reset.items():
        display.show_note(f"{study}: {trials} trials are reset; its next run trains them again.")
    if done.left:
        display.show_note("This could not be mended:")
        _show_lines(done.left)
    else:
        display.show_note("Now the store is whole.")
    return not done.left


def show_export(settings: Settings, folder: Path, format: str) -> None:
    """Export all tables, and say how much that is."""
    with closing(open_store(settings.store_url)) as store:
        rows = store.export(folder, format)
    _show_rows(rows, f"are in {folder}")


def show_import(settings: Settings, folder: Path) -> None:
    """Import all tables, and say how much that is."""
    with closing(open_store(settings.store_url, create=True)) as store:
        rows = store.import_from(folder)
    _show_rows(rows, "are in the store")


def _show_lines(found: tuple[Violation, ...]) -> None:
    for violation in found:
        of_study = "" if violation.study is None else f"{violation.study}: "
        display.show_text(f"{violation.invariant}: {of_study}{violation.found}")


def _remedy(found: tuple[Violation, ...]) -> str:
    if any(violation.invariant == "file" for violation in found):
        return "Restore a copy, or save what can be saved with: sqlite3 FILE .recover"
    return "sweep store repair resets what is not whole, after a backup copy."


def _show_rows(rows: dict[str, int], where: str) -> None:
    said = ", ".join(f"{count} {table.removeprefix('sweep_')}" for table, count in rows.items())
    display.show_note(f"{said} {where}.")


def _show_json(value: Any) -> None:
    display.show_text(json.dumps(value, indent=1))
