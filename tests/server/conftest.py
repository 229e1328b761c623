"""A store with a study in it, and a server that shows it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from server.serving import fill, serve, small_study

HOSTILE = "<script>window.harmed = 1<"
ODD = "50 % dünn & \"frei\"? #1;='x'"


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of three finished studies, two with names that ask for trouble; only read it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'sweep.db'}"
    names = ("made", HOSTILE, ODD)
    # Other pictures' seeds, or the studies would be copies of each other.
    studies = [
        small_study(name=name, seeds=(10 * index, 10 * index + 1, 10 * index + 2))
        for index, name in enumerate(names)
    ]
    fill(url, *studies)
    return url


@pytest.fixture(scope="session")
def address(url: str) -> Iterator[str]:
    """The address of a read-only server of that store."""
    with serve(url) as address:
        yield address


@pytest.fixture(scope="session")
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of one study; it is only copied."""
    folder = tmp_path_factory.mktemp("own")
    fill(f"sqlite:///{folder / 'sweep.db'}", small_study(name="own"))
    return folder


@pytest.fixture
def own_url(own_store: Path, tmp_path: Path) -> str:
    """A store of one study, for a test that changes it."""
    shutil.copytree(own_store, tmp_path, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path / 'sweep.db'}"
