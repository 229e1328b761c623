"""What is PostgreSQL's own: how it is reached and refuses, copies before changes, odd text."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_plans import cohorts_of, trials_of
from postgres_server import PostgresServer
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from store import old_store
from store.making import (
    KEY,
    made_epochs,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreBusyError, StoreError
from sweep.planning.events import CohortFailed, CohortStarted
from sweep.store import Store, open_store
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study

SMALL, EXTENDED = make_study(), make_study(name="extended", seeds=3)


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_schema()


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with all there is: finished, diverged, failed and copied trials."""
    fill(store)
    return store


@pytest.fixture(scope="module")
def kept_url(postgres: PostgresServer) -> str:
    """The URL of such a store, for tests that leave it as it is."""
    url = postgres.new_schema()
    with open_store(url, create=True) as store:
        fill(store)
    return url


@pytest.fixture
def kept(kept_url: str) -> Iterator[Store]:
    with open_store(kept_url) as opened:
        yield opened


def fill(store: Store) -> None:
    first, second, *_ = cohorts_of(SMALL, KEY)
    with store.run(SMALL, make_provenance(), trials_of(SMALL, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        write_all(writer, made_failure(second))
    run_all(store, SMALL)
    run_all(store, EXTENDED)


def train_again(store: Store, study: Study) -> None:
    """Run what is missing; what diverged at first does so again."""
    trials = trials_of(study, KEY)
    with store.run(study, make_provenance(), trials) as writer:
        for cohort in cohorts_of(study, KEY, writer.finished):
            is_first = cohort.trials[0].fingerprint == trials[0].fingerprint
            diverging = {1: 2} if is_first else None
            write_all(writer, made_training(cohort, study.epochs, diverging))


def execute(url: str, *statements: str) -> list[tuple]:
    """What an administrator does, whom no foreign key keeps from anything."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            results = [connection.execute(text(statement)) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
    finally:
        engine.dispose()


def content(store: Store) -> list[tuple]:
    """All that is stored of finished trials, whatever their numbers."""
    return [
        (name, trial.fingerprint, trial.outcome, repr(trial.epochs))
        for name in ("small", "extended")
        for trial in sorted(store.results(name).trials, key=lambda t: t.fingerprint)
        if trial.outcome != "failed"
    ]


def test_a_plain_url_is_understood(kept: Store, kept_url: str) -> None:
    with open_store(kept_url.replace("postgresql+psycopg://", "postgresql://")) as store:
        assert content(store) == content(kept)


OF_FIRST = "(SELECT training_id FROM sweep_trials WHERE study_id = 1 AND number = 0)"
DAMAGES = {
    "a missing epoch": (
        f"DELETE FROM sweep_epochs WHERE epoch = 1 AND training_id = {OF_FIRST}",
        "trials: trial 0 completed at epoch 3, but has 3 of the 4 epochs from 0",
    ),
    "orphans": (
        f"DELETE FROM sweep_trainings WHERE training_id = {OF_FIRST}",
        "references: 4 rows of sweep_epochs have no row in sweep_trainings",
    ),
    "a missing cohort": (
        "DELETE FROM sweep_cohorts WHERE cohort_id = 3",
        "references: 2 rows of sweep_trainings have no row in sweep_cohorts",
    ),
    "half a cohort": (
        f"UPDATE sweep_trainings SET outcome = NULL WHERE training_id = {OF_FIRST}",
        "cohorts: cohort adam, seed 0 (row 1) ended with 2 of its 2 trials, which are diverged, "
        "running",
    ),
    "an edited mirror": (
        "UPDATE trials SET state = 'FAIL' WHERE number = 0 AND study_id = 1",
        "mirror: Optuna shows 1 trials otherwise",
    ),
}


@pytest.mark.parametrize(("damage", "found"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damage_is_found_and_mended(filled: Store, url: str, damage: str, found: str) -> None:
    assert filled.check() == ()
    before = content(filled)
    execute(url, damage)
    damaged = execute(url, "SELECT * FROM sweep_epochs ORDER BY 1, 2")
    said = [f"{violation.invariant}: {violation.found}" for violation in filled.check()]
    assert found in said
    done = filled.repair()
    assert done.left == filled.check() == ()
    for study in (SMALL, EXTENDED):
        train_again(filled, study)
    assert content(filled) == before
    assert done.backup is not None
    schema = done.backup.split()[2]
    kept = f"SELECT * FROM {schema}.sweep_epochs ORDER BY 1, 2"
    assert execute(url, kept) == damaged


def test_a_store_that_is_whole_is_not_touched(filled: Store, url: str) -> None:
    schemas = "SELECT nspname FROM pg_namespace ORDER BY 1"
    before = execute(url, schemas)
    assert filled.repair().backup is None
    assert execute(url, schemas) == before


REFUSED = {
    "no figure": "UPDATE sweep_epochs SET train_loss = NULL",
    "a figure of NaN": "UPDATE sweep_epochs SET train_loss = 'NaN'",
    "an unknown outcome": "UPDATE sweep_trainings SET outcome = 'done'",
    "a divergence without its epoch": "UPDATE sweep_trainings SET outcome = 'diverged'",
    "a point that is a list": "UPDATE sweep_trials SET point = '[]'",
    "points that are none": "UPDATE sweep_cohorts SET points = '1'",
    "multipliers without rows": "UPDATE sweep_cohorts SET multiplier_rows = NULL",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_what_no_program_may_write_is_refused(kept_url: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match="violates check constraint"):
        execute(kept_url, statement)


def test_an_old_store_is_upgraded_after_a_copy(url: str, caplog: pytest.LogCaptureFixture) -> None:
    old_store.make_postgresql(url)
    execute(
        url,
        "ALTER TABLE sweep_cohorts RENAME COLUMN memory_bytes TO peak_memory_bytes",
        "UPDATE sweep_schema SET version = 1, sweep_version = '0.0.9'",
    )
    with open_store(url) as store:
        cohort = store.results("small").cohorts[0]
        assert cohort.provenance == {"keras": "3.15.0", "process_peak_memory_bytes": 10**10}
        mine = Optimizer(label="mine", algorithm="sgd")
        assert run_all(store, make_study(name="alone", optimizers=[mine], epochs=2)) == 2
        assert {violation.invariant for violation in store.check()} == {"mirror"}
    (record,) = caplog.records
    here = execute(url, "SELECT current_schema()")[0][0]
    assert f"kept in the schema {here}_backup_1" in record.getMessage()
    kept = f"SELECT version, sweep_version FROM {here}_backup_1.sweep_schema"
    assert execute(url, kept) == [(1, "0.0.9")]


def test_no_upgrade_while_a_run_writes(store: Store, url: str) -> None:
    with store.run(SMALL, make_provenance(), trials_of(SMALL, KEY)):
        execute(url, "UPDATE sweep_schema SET version = 2")
        with pytest.raises(StoreBusyError, match="runs of small"):
            open_store(url)
        execute(url, "UPDATE sweep_schema SET version = 5")


def test_an_upgraded_store_has_the_tables_of_a_new_one(url: str, postgres: PostgresServer) -> None:
    old_store.make_postgresql(url)
    new = postgres.new_schema()
    for place in (url, new):
        open_store(place, create=True).close()
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name <> 'sweep_schema' ORDER BY 1, 2"
    )
    checks = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2"
    )
    for query in (columns, checks):
        assert execute(url, query) == execute(new, query)


def test_an_upgrade_that_fails_leaves_all_as_it_was(url: str) -> None:
    old_store.make_postgresql(url)
    execute(
        url,
        "ALTER TABLE sweep_cohorts ADD COLUMN peak_memory_bytes bigint",
        "UPDATE sweep_schema SET version = 1",
    )
    schemas = "SELECT nspname FROM pg_namespace ORDER BY 1"
    before = execute(url, schemas)
    with pytest.raises(StoreError, match="already exists"):
        open_store(url)
    assert execute(url, schemas) == before


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_store_moves_between_databases(
    kept: Store, postgres: PostgresServer, tmp_path: Path, format: str
) -> None:
    rows = kept.export(tmp_path / "first", format)
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as file:
        assert file.import_from(tmp_path / "first") == rows
        assert content(file) == content(kept)
        file.export(tmp_path / "second", format)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name
    with open_store(postgres.new_schema(), create=True) as back:
        assert back.import_from(tmp_path / "second") == rows
        assert content(back) == content(kept)
        assert back.check() == ()
        # New rows are numbered after the imported ones.
        assert run_all(back, make_study(seeds=5)) == 8
        assert back.check() == ()


@pytest.mark.parametrize(
    ("old", "new"), [(",completed,", ",done,"), ("2026-", "2026/13-"), ('0.1}]"', '0.1};"')]
)
def test_a_broken_export_is_refused(
    kept: Store, postgres: PostgresServer, tmp_path: Path, old: str, new: str
) -> None:
    kept.export(tmp_path / "kept", "csv")
    for path in (tmp_path / "kept").glob("*.csv"):
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    with open_store(postgres.new_schema(), create=True) as other:
        with pytest.raises(StoreError):
            other.import_from(tmp_path / "kept")
        assert other.studies() == ()


NASTY = "a NUL \0, half a pair \udc80, \\, ', \", %s, :name, {x}, größer 😀 \r\n" + "x" * 3_000_000


def test_text_of_any_kind_comes_back(store: Store) -> None:
    optimizer = Optimizer(
        label="ä'\"%(x)s", algorithm="m:C", settings={"a": "\0 in JSON", "b": 0.1}
    )
    study = make_study(question="\0 größer? 😀", optimizers=[optimizer], seeds=1)
    (cohort,) = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.write(CohortStarted(cohort))
        write_all(writer, made_epochs(cohort, range(2)))
        writer.write(CohortFailed(cohort, NASTY, 1.0))
    results = store.results("small")
    assert results.study == study
    clean = NASTY.replace("\0", "\\x00").replace("\udc80", "\\udc80")
    assert results.trials[0].error == clean
    assert store.check() == ()


def test_a_name_that_no_text_can_hold_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="NUL"):
        run_all(store, make_study(optimizers=[Optimizer(label="a\0b", algorithm="adam")]))


def test_a_database_in_another_encoding_is_refused(postgres: PostgresServer) -> None:
    url = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="UTF-8") as caught:
        open_store(url, create=True)
    assert "LATIN1" in str(caught.value)


def test_a_user_without_rights_reads_only(
    filled: Store, postgres: PostgresServer, url: str
) -> None:
    schema = execute(url, "SELECT current_schema()")[0][0]
    execute(
        url,
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
        f"GRANT USAGE ON SCHEMA {schema} TO reader",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader",
    )
    as_reader = url.replace("postgres@", "reader@")
    with open_store(as_reader) as store:
        assert content(store) == content(filled)
        assert store.check() == ()
        with pytest.raises(StoreError, match=r"the user (has no right|may make no tables)"):
            run_all(store, make_study(seeds=9))
    with pytest.raises(StoreError, match=r"the user (has no right|may make no tables)"):
        open_store(
            postgres.url("postgres", "reader") + "&options=-csearch_path%3Dpg_catalog", create=True
        )


REFUSALS = {
    "no server": ("postgresql://me@127.0.0.1:1/db", "does not answer"),
    "no host": ("postgresql://me@no.such.host.invalid/db", "does not answer"),
    "no database": ("{server}/nothing_here?host={folder}", "no such database"),
    "no user": ("postgresql://nobody_here@/postgres?host={folder}", "does not know the user"),
    "no store": ("{server}/template1?host={folder}", "no store at"),
    "an unknown parameter": ("{server}/postgres?host={folder}&nonsense=1", "libpq does not know"),
}


@pytest.mark.parametrize(("url", "rule"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_opened_says_why(postgres: PostgresServer, url: str, rule: str) -> None:
    asked = url.format(server="postgresql://postgres@", folder=postgres.socket_folder)
    with pytest.raises(StoreError, match=rule) as caught:
        open_store(asked)
    assert caught.value.exit_status == 3
    assert caught.value.remedy


def test_without_psycopg_it_is_asked_for(tmp_path: Path) -> None:
    """A folder that hides it stands for an environment without the extra."""
    (tmp_path / "psycopg.py").write_text("raise ImportError('there is none')")
    program = "from sweep.store import open_store; open_store('postgresql://me@host/db')"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "MissingError: psycopg cannot be loaded: there is none" in ended.stderr
    assert "pip install 'hyperparameter-robustness[postgres]'" in ended.stderr
