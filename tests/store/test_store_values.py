"""Values that sweep never writes: told as such, found by check, and reset by repair."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store.making import make_study, run_all

from sweep.errors import StoreError
from sweep.store import open_store

MENDED = {
    "a learning rate of text": "UPDATE sweep_trials SET learning_rate = 'x' WHERE trial_id = 1",
    "a time of text": "UPDATE sweep_trials SET seconds = 'x' WHERE trial_id = 1",
    "an epoch of text": "UPDATE sweep_epochs SET epoch = 'x' WHERE trial_id = 1 AND epoch = 2",
    "an epoch too far": "UPDATE sweep_epochs SET epoch = 9 WHERE trial_id = 1 AND epoch = 3",
    "figures of bytes": "UPDATE sweep_epochs SET valid_loss = x'00' WHERE trial_id = 1",
    "a cohort's rates": "UPDATE sweep_cohorts SET learning_rates = '{' WHERE cohort_id = 1",
    "a cohort's memory": "UPDATE sweep_cohorts SET memory_bytes = 'x' WHERE cohort_id = 1",
}
NOT_MENDED = {
    "a definition": "UPDATE sweep_studies SET definition = '{'",
    "another name": "UPDATE sweep_studies SET definition = replace(definition, 'small', 'x')",
    "a run's account": "UPDATE sweep_runs SET provenance = '[]'",
    "a run's time": "UPDATE sweep_runs SET started_at = 'noon'",
    "a run without pictures": "UPDATE sweep_runs SET provenance ="
    " json_set(provenance, '$.pictures.valid_counts', json('[0, 0]'))",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        run_all(store, make_study())
    return tmp_path / "sweep.db"


def damage(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("statement", MENDED.values(), ids=MENDED)
def test_what_trains_again_is_mended(statement: str, path: Path) -> None:
    damage(path, statement)
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError, match="rows are as sweep wrote them"):
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
        ("?timeout=soon", "What follows the [?]"),
        ("?cached_statements=99999999999", "int too large"),
        ("x" * 300, "no store here"),
        ("/folder/" + "x" * 300 + "/a.db", "no store here"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(end: str, message: str, path: Path) -> None:
    with pytest.raises(StoreError, match=message) as told:
        open_store(f"sqlite:///{path}{end}")
    assert told.value.remedy


def test_a_port_that_is_no_number_is_told() -> None:
    with pytest.raises(StoreError, match="is a database URL"):
        open_store("postgresql://host:port/sweep")


def test_a_missing_table_is_told_with_a_remedy(path: Path) -> None:
    damage(path, "DROP TABLE sweep_logits")
    with (
        open_store(f"sqlite:///{path}") as store,
        pytest.raises(StoreError, match="no such table: sweep_logits") as told,
    ):
        store.export(path.parent / "export", "csv")
    assert told.value.remedy


def test_after_an_error_the_present_is_read(path: Path) -> None:
    """A half-read cursor that the error keeps alive does not hold the past."""
    damage(path, "UPDATE sweep_epochs SET valid_loss = 'x' WHERE trial_id = 1")
    with open_store(f"sqlite:///{path}") as store:
        with pytest.raises(StoreError) as kept:
            store.results("small")
        damage(path, "UPDATE sweep_epochs SET valid_loss = 0.5 WHERE trial_id = 1")
        trials = store.results("small").trials
        assert [epoch.valid_loss for epoch in trials[0].epochs] == [0.5] * 4
    assert kept.value.__cause__
