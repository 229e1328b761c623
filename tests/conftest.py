"""Fixtures for all tests, where they write, and how they are shared out to processes."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from filelock import FileLock
from hypothesis import settings

if TYPE_CHECKING:
    from postgres_server import PostgresServer

os.environ.pop("COLUMNS", None)  # pytest-xdist sets it, and lines in pipes would end there
settings.register_profile("no-time", deadline=None)  # machines are shared: no test asserts a time
settings.load_profile("no-time")
SHARED_DATA = Path(__file__).parents[1] / "../shared/data"
MEMORY_DISK = Path("/dev/shm")
ENOUGH_BYTES = 6 * 2**30
"""Of a disk in memory, for all that tests write at a time and what else needs it."""


def _write_into_memory() -> None:
    """Let temporary folders be in memory, unless TMPDIR says where: stores wait for the disk.

    A store is on the disk before a commit ends, so tests of stores would wait most of their time.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY_DISK, os.W_OK):
        return
    if shutil.disk_usage(MEMORY_DISK).free >= ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY_DISK)


_write_into_memory()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of tests that cost as much as one lets them."""
    parser.addoption("--fuzz", type=int, default=40, help="broken inputs of each kind (tests/fuzz)")
    parser.addoption(
        "--faults", type=int, default=2, help="so many random faults (tests/faults); 10 s each"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give each process a stretch of the tests, so that what a file makes once is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.option.dist == "load" else None


def pytest_collection_finish() -> None:
    """Leave all that is imported out of searches for reference cycles: it stays anyway."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _migration_scripts_are_run_once() -> Iterator[None]:
    """Alembic runs all scripts of Optuna's tables up to four times for each database opened."""
    from_config = ScriptDirectory.from_config
    read: dict[str | None, ScriptDirectory] = {}

    def once(config: Config) -> ScriptDirectory:
        location = config.get_main_option("script_location")
        return read.get(location) or read.setdefault(location, from_config(config))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", once)
        yield


@pytest.fixture
def own_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], None]]:
    """Writes a module of a user's own, by name and source, into a current folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    written: list[str] = []

    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        written.append(name)

    yield write
    for name in written:
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures and weights beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the real pictures and weights in ../shared/data")
    return SHARED_DATA.resolve()


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """A PostgreSQL server of this test process; ``new_schema`` gives a test its own place."""
    from postgres_server import postgres_server

    with postgres_server() as server:
        yield server


@pytest.fixture
def only_ray_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One cluster at a time starts servers for ray://; on one machine two take the same port.

    A server would outlive its client by half a minute, and keep the port. Those that were there
    before are somebody else's.
    """
    with FileLock(tmp_path_factory.getbasetemp().parent / "ray_client.lock"):
        before = {*_ray_client_servers()}
        yield
        for server in {*_ray_client_servers()} - before:
            with suppress(psutil.NoSuchProcess):
                server.kill()


def _ray_client_servers() -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "--mode=specific-server" in (process.info["cmdline"] or ())
    ]
