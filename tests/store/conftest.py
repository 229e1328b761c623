import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url
from store.making import make_study, run_all

from sweep.store import Store, open_store

if TYPE_CHECKING:
    from postgres_server import PostgresServer


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of a database on a server lie in the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of every kind that the store serves."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_schema()
    return f"sqlite:///{tmp_path / 'sweep.db'}"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Likewise, once for all tests of a file."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'sweep.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, create=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def finished_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of ``make_study()``, which was run; it is only copied."""
    path = tmp_path_factory.mktemp("finished") / "sweep.db"
    _run_small(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def finished_database(postgres: "PostgresServer") -> str:
    """Likewise, the URL of a database on a server."""
    url = postgres.new_database()
    _run_small(url)
    return url


def _run_small(url: str) -> None:
    with open_store(url, create=True) as store:
        run_all(store, make_study())


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Copies a store in which nobody is, from URL to URL."""
    with ExitStack() as ends:

        def copy(url: str) -> str:
            database = make_url(url).database or ""
            if url.startswith("sqlite"):
                shutil.copytree(Path(database).parent, tmp_path, dirs_exist_ok=True)
                return f"sqlite:///{tmp_path / Path(database).name}"
            return ends.enter_context(request.getfixturevalue("postgres").copied(url))

        yield copy


@pytest.fixture(params=["sqlite", "postgresql"])
def finished_url(request: pytest.FixtureRequest, copied: Callable[[str], str]) -> str:
    """A store of every kind in which ``make_study()`` was run."""
    if request.param == "postgresql":
        return copied(request.getfixturevalue("finished_database"))
    return copied(f"sqlite:///{request.getfixturevalue('finished_file')}")


@pytest.fixture
def finished(finished_url: str) -> Iterator[Store]:
    with open_store(finished_url) as opened:
        yield opened
