"""Fixtures for all tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from postgres_server import PostgresServer

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of tests that cost as much as one lets them."""
    parser.addoption("--fuzz", type=int, default=40, help="broken inputs of each kind (tests/fuzz)")
    parser.addoption(
        "--faults", type=int, default=2, help="so many random faults (tests/faults); 10 s each"
    )


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
