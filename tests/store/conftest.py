from collections.abc import Iterator
from pathlib import Path

import pytest

from sweep.store import Store, open_store


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


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, create=True) as opened:
        yield opened
