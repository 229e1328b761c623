"""Fixtures for all tests."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of tests that cost as much as one lets them."""
    parser.addoption("--fuzz", type=int, default=50, help="broken inputs of each kind (tests/fuzz)")
    parser.addoption(
        "--faults", type=int, default=4, help="so many random faults (tests/faults); 10 s each"
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures and weights beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the real pictures and weights in ../shared/data")
    return SHARED_DATA.resolve()
