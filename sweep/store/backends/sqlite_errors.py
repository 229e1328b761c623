"""What SQLite says, in a user's words, with a remedy.

Under ``sqlite.py``.
"""

from pathlib import Path

from sweep.errors import StoreError
from sweep.store.backends.drives import DRIVE_REMEDY, DRIVE_RULE, drive_of
from sweep.store.backends.sqlite_reading import BUSY_SECONDS

FOLDER_RULE = "The store's folder exists, and SQLite can write in it."
FOLDER_REMEDY = "Create the folder, mend its permissions, or choose another with --store."
WRITABLE_REMEDY = (
    "Mend the permissions of the file and its folder, or copy the store to a folder of your own "
    "and name it with --store. What only reads works as it is: list, status, plan, results, "
    "report, serve, store check, store export."
)
READABLE_REMEDY = "Mend the permissions of the file and its folder, or ask their owner to."
_DRIVE_FAULTS = {
    "locking protocol",
    "disk I/O error",
    "database is locked",
    "unable to open database file",
    "database disk image is malformed",
}
"""What SQLite says on drives that do not keep locks, or cannot share memory."""
DAMAGE_REMEDY = "Restore a copy, or save what can be saved with `sqlite3 FILE .recover`."
_TABLES_REMEDY = (
    "See what is wrong with `sweep store check`, restore a copy, or choose another with --store."
)
_EXPLANATIONS = (
    (
        "file is not a database",
        "{store} is no SQLite database",
        "Choose another file with --store.",
    ),
    ("malformed", "{store} is damaged", DAMAGE_REMEDY),
    ("unable to open database file", "{store} cannot be opened", f"{FOLDER_RULE} {FOLDER_REMEDY}"),
    ("readonly database", "{store} cannot be written", WRITABLE_REMEDY),
    (
        "locking protocol",
        "SQLite tried for ten seconds to get its locks on {store}",
        "Run the same command again; if that does not help, the locks of this drive do not hold, "
        f"as on many network drives. {DRIVE_REMEDY}",
    ),
    (
        "disk is full",
        "the disk that holds {store} is full",
        "Free some space and run the same command again; what was finished is kept.",
    ),
    (
        "disk I/O error",
        "the disk that holds {store} refuses to be read or written",
        "Look at its free space, its limits and its health, then run the same command again; "
        "what was finished is kept.",
    ),
    (
        "is locked",
        f"another program has kept {{store}} locked for {BUSY_SECONDS} seconds",
        "Close it, and run the same command again; what was finished is kept.",
    ),
)
"""What SQLite says, what that means, and the remedy."""


def explained(reason: str, shown: str, path: Path) -> StoreError:
    """The error of SQLite's words, about the store of this URL in this file."""
    drive = drive_of(path) if reason in _DRIVE_FAULTS else None
    if drive:
        return StoreError(
            f"{shown} lies on {drive}, and SQLite says: {reason}",
            rule=DRIVE_RULE,
            remedy=DRIVE_REMEDY,
        )
    for sign, wrong, remedy in _EXPLANATIONS:
        if sign in reason:
            return StoreError(f"{wrong.format(store=shown)} ({reason})", remedy=remedy)
    return StoreError(
        f"the tables of {shown} are not as sweep made them ({reason})", remedy=_TABLES_REMEDY
    )
