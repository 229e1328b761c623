"""A store that sweep 0.1 made, and what 0.1 showed of it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine

SCRIPT = Path(__file__).with_name("old_store.sql")
"""Five studies of two learning rates and two epochs, made of ``making.py``'s numbers.

``small``: adam, of which one trial diverged; radam, which failed first; and ``plain``, which is
adam with β₂ = 0.999 written out, its default. ``copy``: radam, copied from ``small``, and one seed
more. ``alone``: sgd with momentum = 0 written out. ``one`` and ``two``: the same trials, trained at
the same time; one of them ended otherwise.
"""
STUDIES = ("small", "copy", "alone", "one", "two")

_TRIALS = """
SELECT number, t.optimizer, learning_rate, t.seed, outcome, diverged_at_epoch, t.seconds,
    CASE WHEN outcome = 'failed' THEN error END
FROM sweep_trials t JOIN sweep_studies USING (study_id) JOIN sweep_cohorts USING (cohort_id)
WHERE name = ? ORDER BY number
"""
_EPOCHS = """
SELECT number, epoch, train_loss, train_accuracy, valid_loss, valid_accuracy,
    effective_learning_rate, not_finite
FROM sweep_epochs JOIN sweep_trials USING (trial_id) JOIN sweep_studies USING (study_id)
WHERE name = ? ORDER BY number, epoch
"""


def make_sqlite(path: Path) -> None:
    """The old store in a file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")


def make_postgresql(url: str) -> None:
    """The old store in an empty schema, with the types that PostgreSQL has."""
    script = SCRIPT.read_text(encoding="utf-8")
    for old, new in (("DOUBLE", "DOUBLE PRECISION"), ("DATETIME", "TIMESTAMP"), ("BLOB", "BYTEA")):
        script = re.sub(rf"\b{old}\b", new, script)
    script = re.sub(r"\bX'([0-9A-F]*)'", r"'\\x\1'", script)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(script)
    engine.dispose()


def shown() -> dict[str, tuple[list[tuple], list[tuple]]]:
    """By study, every trial and every epoch as version 0.1 reads them, by SQL alone."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCRIPT.read_text(encoding="utf-8"))
        return {
            name: tuple(
                connection.execute(query, (name,)).fetchall() for query in (_TRIALS, _EPOCHS)
            )
            for name in STUDIES
        }
