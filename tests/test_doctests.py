"""Every example in a docstring of the package does what it says."""

import doctest
import importlib
import pkgutil

import pytest

import sweep

ONLY_IN_A_MIGRATION = "sweep.store.migrations.env"
"""Alembic runs it; it can be imported nowhere else."""
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(sweep.__path__, "sweep.")
    if module.name != ONLY_IN_A_MIGRATION
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name), verbose=False)
    assert failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [
        test.name
        for name in MODULES
        for test in finder.find(importlib.import_module(name))
        if test.examples
    ]
    assert len(examples) >= 5
