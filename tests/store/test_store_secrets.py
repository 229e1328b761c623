"""A password opens the store and appears nowhere: not in messages, records, tables or reports."""

import os
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from pseudo_terminal import in_pipe
from sqlalchemy import URL, create_engine, make_url, text
from store.making import make_study, run_all

from sweep.errors import StoreError
from sweep.store import open_store

SECRET = "s3cr:et/@%?"


@pytest.fixture
def guarded(postgres: PostgresServer) -> URL:
    """The URL of an empty database whose owner must give a password, which is not in it."""
    database = make_url(postgres.new_database()).database
    postgres.execute(
        "DO $$ BEGIN CREATE ROLE guarded LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
    )
    postgres.execute(f"ALTER ROLE guarded PASSWORD '{SECRET}'")
    postgres.execute(f"ALTER DATABASE {database} OWNER TO guarded")
    query = {"host": str(postgres.socket_folder)}
    return URL.create("postgresql", "guarded", database=database, query=query)


def in_words(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_a_wrong_password_is_told_without_it(guarded: URL) -> None:
    for url in (guarded, guarded.set(password="wr0ng")):
        with pytest.raises(StoreError, match="got another password") as caught:
            open_store(in_words(url))
        assert "wr0ng" not in str(caught.value)


def test_libpq_finds_the_password(
    guarded: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    escaped = SECRET.replace(":", "\\:")
    (tmp_path / "pass").write_text(f"*:*:*:guarded:{escaped}\n")
    (tmp_path / "pass").chmod(0o600)
    (tmp_path / "services").write_text(
        f"[mine]\nhost={guarded.query['host']}\ndbname={guarded.database}\nuser=guarded\n"
        f"password={SECRET}\n"
    )
    monkeypatch.setenv("PGPASSWORD", SECRET)
    open_store(in_words(guarded), create=True).close()
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    open_store(in_words(guarded)).close()
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    open_store("postgresql:///?service=mine").close()


def test_no_word_of_the_store_has_the_password(guarded: URL) -> None:
    with open_store(in_words(guarded.set(password=SECRET)), create=True) as store:
        run_all(store, make_study())
        with pytest.raises(StoreError) as caught:
            store.results("none")
        assert SECRET not in str(caught.value)
        assert "***" in str(caught.value)
        assert store.check() == ()


def test_a_whole_run_keeps_the_password_to_itself(
    guarded: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment and from a file; then every table, file and word is searched."""
    for name in os.environ:
        if name.startswith(("SWEEP_", "PG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    url = in_words(guarded.set(password=SECRET))
    (tmp_path / "url").write_text(f"{url}\n")
    small = (
        *("run", "lr-robustness", "--data", "rendered-pets", "--pictures", "40", "--seeds", "1"),
        *("--epochs", "1", "--optimizers", "adam", "--learning-rates", "0.01,0.1"),
    )
    name = "lr-robustness-rendered-pets"
    of_environment = in_pipe(
        small,
        ("status", name),
        ("list",),
        ("results", name, "--format", "csv"),
        ("report", name),
        ("store", "check"),
        ("store", "export", "kept"),
        ("status", "none"),
        folder=tmp_path,
        SWEEP_STORE=url,
    )
    of_file = in_pipe(small, folder=tmp_path, SWEEP_STORE_FILE=str(tmp_path / "url"))
    (typed,) = in_pipe(("status", name, "--store", url), folder=tmp_path)
    runs = [*of_environment, *of_file, typed]
    assert [run.status for run in runs] == [0] * 7 + [3, 0, 2], runs
    assert "SWEEP_STORE_FILE" in typed.text
    assert "0.01" in of_environment[3].text
    hidden = {SECRET, url.removeprefix("postgresql://guarded:").partition("@")[0]}
    for run in runs:
        assert not any(word in run.raw for word in hidden)
    (tmp_path / "url").unlink()
    for path in tmp_path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(word.encode() in content for word in hidden), path
    engine = create_engine(guarded.set(drivername="postgresql+psycopg", password=SECRET))
    with engine.connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        assert len(tables) > 10
        for table in tables:
            rows = connection.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()
            assert not any(word in row for row in rows for word in hidden), table
    engine.dispose()
