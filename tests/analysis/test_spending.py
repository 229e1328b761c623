"""How looks share the level: one alone has all of it, later ones a little more."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sweep.analysis.intervals import differences, seed_means
from sweep.analysis.spending import EXTRA, POWER, Spending, only_look, spending_of
from sweep.results.looks import Look, LookDesign

DESIGN = LookDesign(stages=(5, 8, 12, 20), margin=0.01)
LEVELS = 0.05 / np.arange(1, 7)


def looked(*seeds, design=None):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return [Look(count, start + timedelta(hours=at), design) for at, count in enumerate(seeds)]


def test_one_look_has_the_whole_level_exactly():
    alone = spending_of([], 5)
    assert alone == only_look(5) == spending_of(looked(5), 5)
    assert alone.nominal(LEVELS) is LEVELS
    assert alone.overall(LEVELS) is LEVELS


def test_one_look_leaves_intervals_as_they_are():
    replicates = seed_means(np.random.default_rng(1).normal(0.9, 0.02, (3, 5)))
    usual, alone = differences(replicates), differences(replicates, spending=spending_of([], 5))
    for name in ("low", "high", "p_value"):
        assert getattr(usual, name).tolist() == getattr(alone, name).tolist()


def test_each_earlier_look_widens_the_intervals():
    replicates = seed_means(np.random.default_rng(1).normal(0.9, 0.02, (3, 9)))
    widths = []
    for seen in ((), (6,), (3, 6)):
        found = differences(replicates, spending=spending_of(looked(*seen), 9))
        widths.append((found.high - found.low).max())
    assert widths[0] < 0.8 * widths[1]
    assert widths[1] < widths[2]


def test_intervals_exclude_zero_exactly_where_p_is_below_the_level():
    rng = np.random.default_rng(2)
    for spending in (Spending((3, 5, 8), 3), Spending((5, 8), 20)):
        values = 0.02 * rng.standard_normal((300, 4, 8)) + 0.02 * np.arange(4)[:, None]
        found = differences(seed_means(values), spending=spending)
        clear = np.abs(found.p_value - 0.05) > 1e-6
        assert 0.1 < found.claimed.mean() < 0.9
        assert (found.claimed == (found.p_value < 0.05))[clear].all()


def test_a_design_spends_by_its_power_and_ends_with_the_whole_level():
    spending = spending_of(looked(5, 8, design=DESIGN), 12)
    assert spending == Spending((5, 8, 12), 20, (20,))
    assert spending.spent((5, 10, 20)) == pytest.approx([0.25**POWER, 0.5**POWER, 1])
    first = spending_of([], 5, DESIGN)
    assert first.nominal(LEVELS) == pytest.approx(0.25**POWER * LEVELS)
    assert first.planned == (8, 12, 20)


def test_looks_by_hand_share_a_little_beside_the_whole_level():
    spent = spending_of(looked(3, 5), 9).spent((3, 12, 1e12))
    assert spent == pytest.approx([1, 1 + EXTRA / 2, 1 + EXTRA], abs=1e-4)


def test_whoever_looked_by_hand_first_has_spent_the_level():
    begun = spending_of([*looked(3), *looked(5, design=DESIGN)], 8)
    assert (begun.looks, begun.whole_at) == ((3, 5, 8), 3)


def test_seeds_beyond_a_design_share_what_is_left():
    beyond = spending_of(looked(*DESIGN.stages, design=DESIGN), 25)
    assert beyond.planned == ()
    assert beyond.spent((20, 25))[1] == pytest.approx(1 + EXTRA * (1 - np.sqrt(20 / 25)))


def test_looks_that_could_claim_nothing_do_not_count():
    assert spending_of(looked(1, 2), 5) == only_look(5)
    assert spending_of(looked(9), 5) == only_look(5)
