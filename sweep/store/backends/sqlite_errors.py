"""What SQLite says, in a user's words, with a remedy.

Under ``sqlite.py``.
"""

from pathlib import Path

from sweep.errors import StoreError
from sweep.store.backends.drives import DRIVE_REMEDY, DRIVE_RULE, drive_of
from sweep.store.backends.sqlite_reading import BUSY_SECONDS

FOLDER_RULE = "The store's folder must exist, and SQLite must be able to write in it."
FOLDER_REMEDY = "Create the folder, mend its permissions, or choose another with --store."
WRITABLE_RULE = "The store must be writable."
WRITABLE_REMEDY = (
    "Mend the permissions of the file and its folder, or copy the store to a folder of your own "
    "and name it with --store. What only reads works as it is: list, status, plan, results, "
    "report, serve, store check, store export."
)
READABLE_RULE = "The store must be readable."
READABLE_REMEDY = "Mend the permissions of the file and its folder, or ask their owner to."
_DRIVE_FAULTS = {
    "locking protocol",
    "disk I/O error",
    "database is locked",
    "unable to open database file",
    "database disk image is malformed",
}
"""What SQLite says on drives that do not keep locks, or cannot share memory."""
DAMAGE_RULE = "The database is damaged."
DAMAGE_REMEDY = "Restore a copy, or save what can be saved with: sqlite3 FILE .recover"
_TABLES_REMEDY = (
    "See what is wrong with sweep store check; or restore a copy, or choose another with --store."
)
_EXPLANATIONS = (
    (
        "file is not a database",
        "The store is a SQLite database; this file is something else.",
        "Choose another file with --store.",
    ),
    (
        "malformed",
        DAMAGE_RULE,
        DAMAGE_REMEDY,
    ),
    (
        "unable to open database file",
        FOLDER_RULE,
        FOLDER_REMEDY,
    ),
    (
        "readonly database",
        WRITABLE_RULE,
        WRITABLE_REMEDY,
    ),
    (
        "locking protocol",
        DRIVE_RULE,
        "SQLite tried for ten seconds to get its locks. Run the same command again; if that does "
        f"not help, the locks of this drive do not hold, as on many network drives. {DRIVE_REMEDY}",
    ),
    (
        "disk is full",
        "The disk that holds the store is full.",
        "Make room and run the same command again; what was finished is kept.",
    ),
    (
        "disk I/O error",
        "The disk that holds the store refuses to be read or written.",
        "Look at its room, its limits and its health, then run the same command again; "
        "what was finished is kept.",
    ),
    (
        "is locked",
        f"Another program has kept the store locked for {BUSY_SECONDS} seconds.",
        "Close it, and run the same command again; what was finished is kept.",
    ),
)


def explained(reason: str, shown: str, path: Path) -> StoreError:
    """The error of SQLite's words, about the store of this URL in this file."""
    drive = drive_of(path) if reason in _DRIVE_FAULTS else None
    if drive:
        return StoreError(DRIVE_RULE, got=f"{shown} ({reason}) on {drive}", remedy=DRIVE_REMEDY)
    got = f"{shown} ({reason})"
    for text, rule, remedy in _EXPLANATIONS:
        if text in reason:
            return StoreError(rule, got=got, remedy=remedy)
    return StoreError(
        "The tables of a store are as sweep made them.", got=got, remedy=_TABLES_REMEDY
    )
