"""Export and import: every value of every table comes back, and nothing broken gets in."""

import json
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StoreError, UsageError
from sweep.store import Store, open_store

TABLES = (
    *("studies", "runs", "cohorts", "trainings", "trials", "epochs"),
    *("gradients", "look_designs", "looks"),
)
FORMATS = ("csv", "parquet")


def fill(store: Store) -> None:
    """All there is: finished, diverged, failed and copied trials, and words that hurt."""
    study = make_study(question='Größer, "0,5 %"?\r\nOr \\N, or \\\\, or nothing: , ; \t')
    first, second, *_ = cohorts_of(study, KEY)
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3, diverging={1: 2}))
        write_all(writer, made_failure(second))
    run_all(store, study)
    run_all(store, make_study(name="extended", seeds=3))


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store and its exports."""
    folder = tmp_path_factory.mktemp("exports")
    with open_store(f"sqlite:///{folder}/sweep.db", create=True) as store:
        fill(store)
        for format in FORMATS:
            rows = store.export(folder / format, format)
            assert rows == {
                **{"sweep_studies": 2, "sweep_runs": 3, "sweep_cohorts": 7},
                **{"sweep_trainings": 14, "sweep_trials": 22, "sweep_epochs": 51},
                **{"sweep_gradients": 0, "sweep_look_designs": 0, "sweep_looks": 0},
            }
    return folder


def content(path: Path) -> dict[str, list[tuple]]:
    connection = sqlite3.connect(path)
    columns = "typeof({0}), {0}"
    found = {}
    for table in TABLES:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info(sweep_{table})")]
        said = ", ".join(columns.format(name) for name in names)
        found[table] = connection.execute(f"SELECT {said} FROM sweep_{table} ORDER BY 2").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_a_store_comes_back_whole(exports: Path, tmp_path: Path, format: str) -> None:
    url = f"sqlite:///{tmp_path}/copy.db"
    with open_store(url, create=True) as copy:
        assert copy.import_from(exports / format)["sweep_trials"] == 22
        assert copy.check() == ()
        with open_store(f"sqlite:///{exports}/sweep.db") as store:
            assert copy.results("small").study == store.results("small").study
            for name in ("small", "extended"):
                assert copy.results(name).to_csv(epochs=True) == store.results(name).to_csv(
                    epochs=True
                )
        assert run_all(copy, make_study(seeds=4)) == 4
    with open_store(f"sqlite:///{tmp_path}/again.db", create=True) as again:
        again.import_from(exports / format)
    assert content(tmp_path / "again.db") == content(exports / "sweep.db")


values = {
    "INTEGER": st.integers(-(2**63), 2**63 - 1),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DOUBLE": st.floats(allow_nan=False),
    "BLOB": st.binary(max_size=40),
}
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda s: f"{s}!") | (
    st.sampled_from(
        ["\\N", "\\", "\\\\N", "\r", "\n\r\n", '"', '""', ",", "\0", " ", "nan", "None"]
    )
)


@pytest.mark.parametrize("format", FORMATS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_value_comes_back(format: str, data: st.DataObject) -> None:
    """Whatever the columns can hold, whether it makes sense or not: what is exported is read."""
    from sweep.store.maintenance import transfer as exchange
    from sweep.store.maintenance.formats import FORMATS

    for table in exchange._TABLES:
        columns = exchange._columns(table)
        kinds = {int: values["BIGINT"], float: values["DOUBLE"], bytes: values["BLOB"], str: text}
        row = st.tuples(*(st.none() | kinds[kind] for kind in columns.values()))
        rows = data.draw(st.lists(row, max_size=4))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"table.{format}"
            assert FORMATS[format].write(file, columns, rows) == len(rows)
            assert [tuple(map(repr, row)) for row in FORMATS[format].read(file, columns)] == [
                tuple(map(repr, row)) for row in rows
            ]


def test_an_export_of_a_run_under_way_is_of_one_moment(tmp_path: Path) -> None:
    study = make_study()
    first, second, *_ = cohorts_of(study, KEY)
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
            write_all(writer, made_training(first, 3))
            write_all(writer, list(made_training(second, 3))[:3])
            store.export(tmp_path / "kept", "csv")
        run_all(store, study)
        with open_store(f"sqlite:///{tmp_path}/copy.db", create=True) as copy:
            copy.import_from(tmp_path / "kept")
            assert [violation.invariant for violation in copy.check()] == ["cohorts"]
            assert run_all(copy, study) == 6
            assert copy.results("small").to_csv() == store.results("small").to_csv()


def test_only_an_empty_folder_and_an_empty_store(exports: Path) -> None:
    with open_store(f"sqlite:///{exports}/sweep.db") as store:
        with pytest.raises(StoreError, match="new or empty folder"):
            store.export(exports / "csv", "csv")
        with pytest.raises(StoreError, match="has studies already"):
            store.import_from(exports / "csv")
        with pytest.raises(UsageError, match=r"no format 'xml'[\s\S]*csv, parquet"):
            store.export(exports / "xml", "xml")
        with pytest.raises(StoreError, match="cannot be written or read"):
            store.export(exports / "sweep.db", "csv")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new, 1).encode())


BREAKS = {
    "no manifest": lambda folder: (folder / "sweep.json").unlink(),
    "a cut manifest": lambda folder: (folder / "sweep.json").write_text('{"schema": 5'),
    "a manifest of something else": lambda folder: (folder / "sweep.json").write_text("[]"),
    "another format": lambda folder: edit(folder / "sweep.json", '"csv"', '"xml"'),
    "another schema": lambda folder: edit(folder / "sweep.json", '"schema": 5', '"schema": 9'),
    "a missing table": lambda folder: (folder / "sweep_epochs.csv").unlink(),
    "a missing row": lambda folder: cut(folder / "sweep_epochs.csv", 1),
    "a cut row": lambda folder: edit(folder / "sweep_epochs.csv", "\r\n1,0,", "\r\n1"),
    "a missing column": lambda folder: edit(folder / "sweep_epochs.csv", "train_loss,", ""),
    "text for a number": lambda folder: edit(folder / "sweep_epochs.csv", "\r\n1,0,", "\r\n1,x,"),
    "too large a number": lambda folder: edit(
        folder / "sweep_epochs.csv", "\r\n1,0,", f"\r\n1,{2**64},"
    ),
    "a row twice": lambda folder: edit(folder / "sweep_epochs.csv", "\r\n1,1,", "\r\n1,0,"),
    "a trial that is not there": lambda folder: edit(
        folder / "sweep_epochs.csv", "\r\n1,0,", "\r\n99,0,"
    ),
    "no base 64": lambda folder: edit(folder / "sweep_cohorts.csv", "AAAAA", "***AA"),
    "an export of version 0.1": lambda folder: edit(
        folder / "sweep.json", '"schema": 5', '"schema": 2'
    ),
    "an open quote": lambda folder: edit(folder / "sweep_studies.csv", "\r\n1,", '\r\n"1,'),
    "no JSON": lambda folder: edit(folder / "sweep_cohorts.csv", '0.1}]"', '0.1}"'),
    "deep JSON": lambda folder: edit(folder / "sweep_cohorts.csv", '0.1}]"', "[" * 100_000 + '"'),
    "an unknown outcome": lambda folder: edit(folder / "sweep_trainings.csv", "completed", "done"),
    "no time": lambda folder: edit(folder / "sweep_runs.csv", "-", "/"),
    "no study": lambda folder: edit(folder / "sweep_studies.csv", "seeds", "sees"),
    "no UTF-8": lambda folder: (folder / "sweep_runs.csv").write_bytes(b"\xff\xfe" * 100),
}


def cut(file: Path, lines: int) -> None:
    file.write_bytes(b"\r\n".join(file.read_bytes().split(b"\r\n")[: -lines - 1]) + b"\r\n")


@pytest.mark.parametrize("breaking", BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_export_is_refused_and_nothing_is_imported(
    exports: Path, tmp_path: Path, breaking
) -> None:
    shutil.copytree(exports / "csv", tmp_path / "csv")
    breaking(tmp_path / "csv")
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        with pytest.raises((StoreError, UsageError)) as caught:
            store.import_from(tmp_path / "csv")
        assert caught.value.remedy
        assert store.studies() == ()
        assert content(tmp_path / "sweep.db")["studies"] == []


def test_a_broken_parquet_file_is_refused(exports: Path, tmp_path: Path) -> None:
    shutil.copytree(exports / "parquet", tmp_path / "parquet")
    file = tmp_path / "parquet" / "sweep_epochs.parquet"
    whole = file.read_bytes()
    for broken in (whole[:-20], b"", whole[:200] + b"\0" * 300 + whole[500:]):
        file.write_bytes(broken)
        with (
            open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store,
            pytest.raises(StoreError),
        ):
            store.import_from(tmp_path / "parquet")


def test_the_manifest_says_what_is_there(exports: Path) -> None:
    manifest = json.loads((exports / "csv" / "sweep.json").read_text())
    assert (manifest["schema"], manifest["format"]) == (5, "csv")
    assert set(manifest["rows"]) == {f"sweep_{table}" for table in TABLES}
