"""What became of a data set's files as commands show it: lines, warnings, JSON.

In the flow: ``run``, ``plan``, ``data check`` and ``report`` hand a ``DatasetInfo`` to it. Warnings
go to the error stream, whatever else is left out: a panel on a terminal, lines elsewhere.
"""

from dataclasses import asdict
from typing import Any

from rich.text import Text

from sweep.cli.console import notes, show_note, show_panel
from sweep.results.account import Account, account_of
from sweep.results.account_words import statements, warnings
from sweep.results.provenance import DatasetInfo, PictureTally


def show_account(info: DatasetInfo) -> None:
    """All that there is to say of it, beside the results, and the warnings."""
    for term, text in statements(account_of(info)):
        show_note(f"{term}: {text}")
    show_warnings(info)


def show_warnings(info: DatasetInfo) -> None:
    """What must not be overlooked."""
    found = warnings(account_of(info))
    if found and notes.terminal.is_watched:
        show_panel(notes, "Warning", Text("\n".join(found)), "bold red")
        return
    for warning in found:
        show_note(f"warning: {warning}")


def account_json(info: DatasetInfo) -> dict[str, Any]:
    """The same for programs; what a run of version 0.1 did not record is null."""
    account = account_of(info)
    return {
        "pictures": account.name,
        "source": account.source,
        "found": account.found_count,
        "used": account.used_count,
        "train": account.train_count,
        "valid": account.valid_count,
        "classes": {
            each.name: {"train": each.train_count, "valid": each.valid_count}
            for each in account.classes
        },
        "skipped": [asdict(reason) for reason in account.unusable],
        "duplicates": [asdict(reason) for reason in account.duplicates],
        "not_pictures": account.stray_count,
        **_tallied(account, account.tally),
        "warnings": list(warnings(account)),
    }


def _tallied(account: Account, tally: PictureTally | None) -> dict[str, Any]:
    """What comes from the tally of all files."""
    names = ("balanced_away", "over_limit", "in_no_class", "unlabelled", "classes_by")
    if tally is None:
        return dict.fromkeys((*names, "split", "parts", "twins", "orientation"))
    return {
        "balanced_away": {each.name: each.balanced_away for each in account.classes},
        "over_limit": account.over_limit_count,
        "in_no_class": {"count": tally.unexplained_count, "names": list(tally.unexplained)},
        "unlabelled": tally.unlabelled_count,
        "classes_by": tally.by,
        "split": tally.split,
        "parts": list(tally.parts),
        "twins": {
            "count": tally.twin_count,
            "in_validation_of_trained": tally.parted_twin_count,
            "in_several_classes": tally.contradicting_twin_count,
        },
        "orientation": {
            "rule": "applied" if tally.is_upright else "ignored",
            "count": tally.turned_count,
        },
    }
