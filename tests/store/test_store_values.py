"""Values that sweep never writes: told as such, found by check, and reset by repair."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store.making import make_study, run_all

from sweep.errors import StoreError
from sweep.store import open_store

REFUSED = {
    "a seed of text": "UPDATE sweep_trials SET seed = 'x'",
    "a point of text": "UPDATE sweep_trials SET point = 'x'",
    "a point that is a list": "UPDATE sweep_trials SET point = '[]'",
    "a time of text": "UPDATE sweep_trainings SET seconds = 'x'",
    "an unknown outcome": "UPDATE sweep_trainings SET outcome = 'done'",
    "a divergence without its epoch": "UPDATE sweep_trainings SET outcome = 'diverged'",
    "an epoch of divergence alone": "UPDATE sweep_trainings SET diverged_at_epoch = 1",
    "an epoch of text": "UPDATE sweep_epochs SET epoch = 'x'",
    "an epoch before the first": "UPDATE sweep_epochs SET epoch = -1 WHERE epoch = 1",
    "figures of bytes": "UPDATE sweep_epochs SET valid_loss = x'00'",
    "an infinite figure": "UPDATE sweep_epochs SET valid_loss = 9e999",
    "no figure": "UPDATE sweep_epochs SET valid_loss = NULL",
    "no figure, said otherwise": "UPDATE sweep_epochs SET valid_loss = NULL,"
    """ not_finite = '{"valid_loss": "much"}'""",
    "words that are no JSON": "UPDATE sweep_epochs SET not_finite = '{'",
    "a cohort's points": "UPDATE sweep_cohorts SET points = '{'",
    "a cohort's memory": "UPDATE sweep_cohorts SET memory_bytes = 'x'",
    "multipliers without rows": "UPDATE sweep_cohorts SET multiplier_rows = NULL",
    "a definition": "UPDATE sweep_studies SET definition = '{'",
    "a run's account": "UPDATE sweep_runs SET provenance = '[]'",
    "a run's time": "UPDATE sweep_runs SET started_at = 'noon'",
}
MENDED = {
    "a point of words": """UPDATE sweep_trials SET point = '{"learning_rate": "x"}'"""
    " WHERE trial_id = 1",
    "an epoch too far": "UPDATE sweep_epochs SET epoch = 9 WHERE training_id = 1 AND epoch = 3",
    "a cohort's points": "UPDATE sweep_cohorts SET points = '[1, 2]' WHERE cohort_id = 1",
    "a cohort's multipliers": "UPDATE sweep_cohorts SET multipliers = x'00' WHERE cohort_id = 1",
}
NOT_MENDED = {
    "another name": "UPDATE sweep_studies SET definition = replace(definition, 'small', 'x')",
    "a run without pictures": "UPDATE sweep_runs SET provenance ="
    " json_set(provenance, '$.pictures.valid_counts', json('[0, 0]'))",
    "a run without a device": "UPDATE sweep_runs SET provenance ="
    " json_remove(provenance, '$.device')",
}


@pytest.fixture
def path(finished_file: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished_file.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "sweep.db"


def damage(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_what_no_program_may_write_is_refused(statement: str, path: Path) -> None:
    with pytest.raises(sqlite3.DatabaseError, match=r"constraint failed|cannot store|malformed"):
        damage(path, statement)
    with open_store(f"sqlite:///{path}") as store:
        assert store.check() == ()


@pytest.mark.parametrize("statement", MENDED.values(), ids=MENDED)
def test_what_trains_again_is_mended(statement: str, path: Path) -> None:
    damage(path, statement)
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError, match="rows are not as sweep wrote them"):
            store.results("small")
        assert store.check()
        assert store.repair().left == ()
        assert store.check() == ()
        run_all(store, make_study())
        assert len(store.finished("small")) == len(store.results("small").trials) == 8


@pytest.mark.parametrize("statement", NOT_MENDED.values(), ids=NOT_MENDED)
def test_what_no_training_gives_back_is_told(statement: str, path: Path) -> None:
    damage(path, statement)
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError):
            store.results("small")
        assert "rows" in {violation.invariant for violation in store.check()}


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("?timeout=soon", "does not take what follows the [?]"),
        ("?cached_statements=99999999999", "int too large"),
        ("x" * 300, "there is no store at"),
        ("/folder/" + "x" * 300 + "/a.db", "there is no store at"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(end: str, message: str, path: Path) -> None:
    with pytest.raises(StoreError, match=message) as told:
        open_store(f"sqlite:///{path}{end}")
    assert told.value.remedy


def test_a_port_that_is_no_number_is_told() -> None:
    with pytest.raises(StoreError, match="is no database URL"):
        open_store("postgresql://host:port/sweep")


def test_a_missing_table_is_told_with_a_remedy(path: Path) -> None:
    damage(path, "DROP TABLE sweep_epochs")
    with (
        open_store(f"sqlite:///{path}") as store,
        pytest.raises(StoreError, match="no such table: sweep_epochs") as told,
    ):
        store.export(path.parent / "export", "csv")
    assert told.value.remedy


def test_after_an_error_the_present_is_read(path: Path) -> None:
    """A half-read cursor that the error keeps alive does not hold the past."""
    broken, whole = '[{"learning_rate": "x"}]', '[{"learning_rate": 0.5}]'
    points = "UPDATE sweep_cohorts SET points = '{}' WHERE cohort_id = 1"
    damage(path, points.format(broken))
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError) as kept:
            store.results("small")
        damage(path, points.format(whole))
        assert str(store.results("small").cohorts[0].points[0]) == "learning rate 0.5"
    assert kept.value.__cause__
