"""Different, equivalent or undecided, and what it would take."""

import dataclasses
import math
from datetime import UTC, datetime

import numpy as np
import pytest
from made_grids import made_grid

from sweep.analysis.decision import PairOutcome, decide, outcome_of
from sweep.results.looks import Look, LookDesign

AT = datetime(2026, 3, 1, tzinfo=UTC)


def grid_of(*means, seeds=10, scatter=0.01):
    """Optimizers of these mean accuracies; seeds scatter so much, means over rates too."""
    noise = scatter * np.random.default_rng(5).standard_normal((len(means), 1, seeds))
    accuracy = np.array(means)[:, None, None] + noise - noise.mean(axis=2, keepdims=True)
    return made_grid(np.broadcast_to(accuracy, (len(means), 7, seeds)))


def outcomes(decision):
    return {(pair.first, pair.second): str(pair.outcome) for pair in decision.pairs}


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.005, 0.03, PairOutcome.DIFFERENT),
        (-0.03, -0.005, PairOutcome.DIFFERENT),
        (-0.009, 0.006, PairOutcome.EQUIVALENT),
        (0.002, 0.009, PairOutcome.EQUIVALENT),
        (-0.011, 0.002, PairOutcome.UNDECIDED),
        (math.nan, math.nan, PairOutcome.UNDECIDED),
    ],
)
def test_three_outcomes(low, high, outcome):
    assert outcome_of(low, high, 0.01) is outcome


def test_different_equivalent_and_undecided():
    found = decide(grid_of(0.9, 0.85, 0.851, scatter=0.003), margin=0.01)
    assert outcomes(found) == {
        ("radam", "adam"): "different",
        ("radam", "adam-warmup"): "different",
        ("adam", "adam-warmup"): "equivalent",
    }
    assert found.settled
    assert found.pairs[0].better == "radam"
    assert found.pairs[0].seeds_needed is None
    stricter = decide(grid_of(0.9, 0.85, 0.851, scatter=0.003), margin=0.001)
    assert not stricter.settled
    assert [pair.second for pair in stricter.undecided] == ["adam-warmup"]


def test_one_can_be_ahead_by_less_than_the_margin():
    (pair,) = decide(grid_of(0.905, 0.9, scatter=0.001), margin=0.01).pairs
    assert (pair.outcome, pair.better) == (PairOutcome.EQUIVALENT, "radam")


def test_pairs_with_the_first_alone_are_corrected_for_fewer():
    grid = grid_of(0.9, 0.893, 0.891, 0.89)
    every, first = decide(grid, margin=0.01), decide(grid, margin=0.01, pairs="first")
    assert [pair.first for pair in first.pairs] == ["radam"] * 3
    assert first.pairs[0].high < every.pairs[0].high


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_decide_nothing(seeds):
    (pair,) = decide(grid_of(0.9, 0.5, seeds=seeds), margin=0.01).pairs
    assert pair.outcome is PairOutcome.UNDECIDED
    assert (pair.better, pair.seeds_needed) == (None, None)
    assert math.isnan(pair.least_difference)


def test_what_has_not_begun_is_undecided():
    grid = grid_of(0.9, 0.8, 0.7)
    finished = grid.finished_ONS.copy()
    finished[0] = False
    found = decide(dataclasses.replace(grid, finished_ONS=finished), margin=0.01)
    assert outcomes(found) == {
        ("radam", "adam"): "undecided",
        ("radam", "adam-warmup"): "undecided",
        ("adam", "adam-warmup"): "different",
    }
    assert not found.settled
    alone = dataclasses.replace(grid, finished_ONS=finished & (np.arange(3) == 1)[:, None, None])
    assert not decide(alone, margin=0.01).settled


def test_earlier_looks_make_it_harder():
    grid = grid_of(0.9, 0.89)
    once = decide(grid, margin=0.01).pairs[0]
    again = decide(grid, [Look(5, AT), Look(10, AT)], margin=0.01).pairs[0]
    assert again.high - again.low > 1.2 * (once.high - once.low)
    assert again.least_difference > once.least_difference
    assert again.seeds_needed is None or again.seeds_needed > 10


def test_least_difference_is_shown_in_four_of_five_studies():
    """3 standard errors of so many simulated studies are 0.03."""
    rng, seeds = np.random.default_rng(6), 8
    (pair,) = decide(grid_of(0.9, 0.9, seeds=seeds), margin=0.01).pairs
    least = pair.least_difference / (pair.high - pair.low) * 2  # in halves of the interval
    noise = rng.standard_normal((2000, seeds))
    half = 2.365 * noise.std(axis=1, ddof=1) / np.sqrt(seeds)
    true = least * 2.365 / np.sqrt(seeds)
    assert (noise.mean(axis=1) + true > half).mean() == pytest.approx(0.8, abs=0.04)


def test_seeds_needed_fall_with_the_difference_and_the_margin():
    tie = [decide(grid_of(0.9, 0.9), margin=margin).pairs[0] for margin in (0.005, 0.002)]
    assert tie[0].seeds_needed < tie[1].seeds_needed
    gap = decide(grid_of(0.9, 0.894), margin=0.005).pairs[0]
    assert gap.outcome is PairOutcome.UNDECIDED
    assert 10 < gap.seeds_needed < tie[1].seeds_needed


def test_a_design_needs_one_of_its_stages():
    design = LookDesign(stages=(10, 20, 40, 80), margin=0.005)
    (pair,) = decide(grid_of(0.9, 0.9), margin=0.005, design=design).pairs
    assert pair.seeds_needed in design.stages[1:]
