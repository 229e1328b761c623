"""Fixtures for all tests."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures and weights beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the real pictures and weights in ../shared/data")
    return SHARED_DATA.resolve()
