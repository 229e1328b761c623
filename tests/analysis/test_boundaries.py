"""Boundaries of several looks against published tables."""

import numpy as np
import pytest
from scipy import special

from sweep.analysis.boundaries import next_levels, nominal_levels

STAGES = (10, 20, 30, 40, 50)
SHARE = np.array(STAGES) / 50


def bounds(levels):
    return -special.ndtri(levels / 2)


@pytest.mark.parametrize(
    ("spent", "published"),
    [
        # Spending like O'Brien & Fleming's and like Pocock's, two sides of 0.025 each, five
        # looks; as R's package ldbounds gives them (Reboussin et al. 2000).
        (
            4 * special.ndtr(special.ndtri(0.05 / 4) / np.sqrt(SHARE)),
            (4.8769, 3.3569, 2.6803, 2.2898, 2.0310),
        ),
        (0.05 * np.log(1 + (np.e - 1) * SHARE), (2.4380, 2.4268, 2.4101, 2.3966, 2.3859)),
    ],
)
def test_boundaries_are_those_of_published_tables(spent, published):
    found = bounds(nominal_levels(STAGES, spent[None]))
    assert found[0] == pytest.approx(published, abs=2e-4)


def test_the_first_look_is_tested_at_what_is_spent():
    spent = np.array([[0.05, 0.06], [0.001, 0.002]])
    assert nominal_levels((3, 7), spent)[:, 0].tolist() == [0.05, 0.001]


def test_each_candidate_is_tested_as_if_it_were_the_next_look():
    spent, levels = np.array([0.01, 0.02]), np.array([[1.0], [0.1]])
    found = next_levels((5, 8), levels * spent, (12, 40), levels * np.array([0.03, 0.05]))
    one_by_one = [
        nominal_levels((5, 8, seeds), levels * np.array([*spent, then]))[:, -1]
        for seeds, then in ((12, 0.03), (40, 0.05))
    ]
    assert found == pytest.approx(np.stack(one_by_one, axis=1))


def test_many_close_looks_need_no_more_nodes():
    """60 looks one seed apart, against so many simulated paths that 3 of their errors are 0.002."""
    seeds = np.arange(3, 63)
    levels = nominal_levels(seeds, 0.05 * seeds[None] / 62)[0]
    paths = np.cumsum(np.random.default_rng(1).standard_normal((100_000, 62)), axis=1)[:, 2:]
    leaves = (np.abs(paths) > bounds(levels) * np.sqrt(seeds)).any(axis=1)
    assert leaves.mean() == pytest.approx(0.05, abs=0.002)
