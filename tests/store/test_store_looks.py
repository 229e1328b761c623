"""Looks, and the design by which seeds are added: stored, kept, exported, mended and forgotten."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_plans import trials_of
from store.making import KEY, make_provenance, make_study, run_all
from store.test_store_migrations import backups, execute
from strangers import as_stranger

from sweep.errors import StoreBusyError
from sweep.results.looks import Look, LookDesign
from sweep.store import Store, open_store

DESIGN = LookDesign((3, 5, 8), 0.01)
THEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
READ = """
import sys
from sweep.store import open_store
with open_store(sys.argv[1]) as store:
    results = store.results("small")
    print(len(results.trials), results.looks, results.look_design)
"""
SCHEMA_3 = Path(__file__).with_name("schema_3.sql")


def look(store: Store, *seeds: int, design: LookDesign | None = None, name: str = "small") -> None:
    """A run in which a verdict was seen, each an hour after the one before it."""
    study = make_study(name=name)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        if design:
            writer.fix_design(design)
        for hours, count in enumerate(seeds):
            seen_at = THEN + timedelta(hours=hours)
            writer.look(count, seen_at, by_design=design is not None)


def test_looks_come_back(finished: Store) -> None:
    results = finished.results("small")
    assert (results.looks, results.look_design) == ((), None)
    look(finished, 3)
    look(finished, 3, 5, design=DESIGN)
    results = finished.results("small")
    assert results.look_design == DESIGN
    by_hand, by_design = Look(3, THEN), Look(5, THEN + timedelta(hours=1), DESIGN)
    assert results.looks == (by_hand, by_design), "one look for each number of seeds, the first"
    assert finished.check() == ()


def test_a_design_without_looks_gives_way(finished: Store) -> None:
    look(finished, design=LookDesign((2, 4), 0.02))
    look(finished, 3, design=DESIGN)
    assert finished.results("small").look_design == DESIGN
    assert finished.results("small").looks == (Look(3, THEN, DESIGN),)


def test_a_design_with_looks_stays(finished: Store) -> None:
    look(finished, 3, design=DESIGN)
    with pytest.raises(StoreBusyError, match="up to 8 seeds meanwhile"):
        look(finished, 4, design=LookDesign((4, 9), 0.02))
    assert finished.results("small").looks == (Look(3, THEN, DESIGN),)


def test_a_look_is_something_new_to_show(finished: Store) -> None:
    with finished.run(make_study(), make_provenance(), ()) as writer:
        before = finished.version("small")
        writer.look(3, THEN, by_design=False)
        assert finished.version("small") != before


def test_seeds_that_are_planned_are_the_studys(finished: Store) -> None:
    more = make_study(seeds=(0, 1, 7))
    with finished.run(make_study(), make_provenance(), ()) as writer:
        writer.plan(trials_of(more, KEY))
    assert finished.results("small").study == more


def test_looks_go_with_their_study(store: Store) -> None:
    for name in ("small", "other"):
        run_all(store, make_study(name=name))
        look(store, 3, design=DESIGN, name=name)
    store.forget("small")
    assert store.check() == ()
    assert store.results("other").looks == (Look(3, THEN, DESIGN),)
    run_all(store, make_study())
    assert store.results("small").looks == ()


def test_looks_go_where_a_study_is_defined_anew(store: Store) -> None:
    look(store, 3, design=DESIGN)
    run_all(store, make_study(epochs=1))
    assert store.results("small").look_design is None
    assert store.results("small").looks == ()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_looks_are_exported_and_imported(tmp_path: Path, format: str) -> None:
    with (
        open_store(f"sqlite:///{tmp_path}/here.db", create=True) as here,
        open_store(f"sqlite:///{tmp_path}/there.db", create=True) as there,
    ):
        run_all(here, make_study())
        look(here, 2)
        look(here, 3, 5, design=DESIGN)
        rows = here.export(tmp_path / "folder", format)
        assert (rows["sweep_look_designs"], rows["sweep_looks"]) == (1, 3)
        there.import_from(tmp_path / "folder")
        assert there.results("small").looks == here.results("small").looks
        assert there.results("small").look_design == DESIGN
        assert there.check() == ()


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """A store with a look by hand, and one by a design."""
    path = tmp_path / "seen.db"
    with open_store(f"sqlite:///{path}", create=True) as store:
        run_all(store, make_study())
        look(store, 2)
        look(store, 3, design=DESIGN)
    return path


@pytest.mark.parametrize("stages", ["[8, 5]", '["3"]', "[]", "[0, 5]"])
def test_looks_of_a_design_that_cannot_be_read_become_looks_by_hand(
    seen: Path, stages: str
) -> None:
    execute(seen, f"UPDATE sweep_look_designs SET stages = '{stages}'")
    with open_store(f"sqlite:///{seen}") as store:
        assert [violation.study for violation in store.check()] == ["small"]
        assert store.repair().left == ()
        results = store.results("small")
        assert (results.look_design, len(results.trials)) == (None, 8)
        assert [(look.seeds, look.design) for look in results.looks] == [(2, None), (3, None)]


def test_looks_without_a_study_or_a_design_are_found_and_removed(seen: Path) -> None:
    execute(seen, "DELETE FROM sweep_look_designs")
    execute(seen, "INSERT INTO sweep_looks VALUES (9, 9, 3, '2026-11-01 12:00:00.000000', NULL)")
    with open_store(f"sqlite:///{seen}") as store:
        assert {violation.found for violation in store.check()} == {
            "1 rows of sweep_looks have no row in sweep_studies",
            "1 rows of sweep_looks have no row in sweep_look_designs",
        }
        assert store.repair().left == ()
        assert store.results("small").looks == (Look(2, THEN),)


@pytest.fixture
def of_schema_3(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA_3.read_text(encoding="utf-8"))
    return path


def test_a_store_from_before_looks_is_upgraded_after_a_copy(of_schema_3: Path) -> None:
    with open_store(f"sqlite:///{of_schema_3}") as store:
        results = store.results("small")
        assert (len(results.trials), results.looks, results.look_design) == (6, (), None)
        assert run_all(store, make_study(seeds=3, epochs=1, learning_rates=(0.01,))) == 0
        assert store.check() == ()
    assert len(backups(of_schema_3)) == 1
    assert execute(of_schema_3, "SELECT version FROM sweep_schema") == [(5,)]


def test_a_store_from_before_looks_that_cannot_be_written_is_read(of_schema_3: Path) -> None:
    before = of_schema_3.read_bytes()
    of_schema_3.chmod(0o444)
    of_schema_3.parent.chmod(0o555)
    try:
        assert as_stranger(READ, f"sqlite:///{of_schema_3}") == "6 () None\n"
    finally:
        of_schema_3.parent.chmod(0o755)
    assert of_schema_3.read_bytes() == before
