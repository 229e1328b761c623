import pytest

CASES_A_TEST = 100
"""So that tests can be spread over processes, and that none takes too long."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``cases``: numbers of cases, as many of each kind as ``--fuzz`` says."""
    if "cases" in metafunc.fixturenames:
        count = metafunc.config.getoption("--fuzz")
        starts = range(0, count, CASES_A_TEST)
        parts = [range(start, min(start + CASES_A_TEST, count)) for start in starts]
        metafunc.parametrize(
            "cases", parts, ids=[f"{part.start}-{part.stop - 1}" for part in parts]
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "cases" in getattr(item, "fixturenames", ()):
            # The cases' own limit uses the alarm signal, which is pytest-timeout's too.
            item.add_marker(pytest.mark.timeout(method="thread"))
