"""Performance profiles: against loops written out, and Student's interval of a mean over seeds."""

from itertools import product

import numpy as np
import pytest
from made_results import made_results, made_study
from scipy import stats

from sweep.analysis.collect import grid_of
from sweep.analysis.intervals import estimate, seed_means
from sweep.analysis.profiles import profiles_in_common, shares_at_least


def grids(*gains, seeds=4):
    study = made_study(seeds=seeds)
    return [grid_of(made_results(study, gains=gain)) for gain in gains]


SEVERAL = ((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2))


def test_as_written_out_in_loops():
    studies = grids(*SEVERAL)
    found = profiles_in_common(studies)
    for o, tau in product(range(3), (-0.2, 0.0, 0.37, 0.5, 0.99, 1.2)):
        reached_S = [0] * 4
        for grid in studies:
            scores_ONS = grid.final_accuracy()
            low, high = np.percentile(scores_ONS.mean(axis=-1), [5, 95])
            for n, s in product(range(len(grid.points)), range(4)):
                reached_S[s] += (scores_ONS[o, n, s] - low) / (high - low) >= tau
        share_S = np.array(reached_S) / (2 * len(studies[0].points))
        of = found.at(tau)
        assert of.value[o] == pytest.approx(share_S.mean())
        if share_S.std() > 0:
            ends = stats.t.interval(0.95, 3, loc=share_S.mean(), scale=stats.sem(share_S))
            assert of.low[o] == pytest.approx(max(ends[0], 0))
            assert of.high[o] == pytest.approx(min(ends[1], 1))
        else:
            assert of.low[o] == of.high[o] == pytest.approx(share_S.mean())
    assert found.trainings == 2 * len(studies[0].points) * 4


def test_seeds_that_differ_have_a_band():
    """So that the loops above compare some: seeds differ in the middle of the scores."""
    found = profiles_in_common(grids(*SEVERAL))
    assert np.any(found.share_OK.high - found.share_OK.low > 0.1)


def test_it_falls_from_all_to_none():
    value_OK = profiles_in_common(grids((0.0, -0.1, -0.2), (0.0, -0.1, -0.2))).share_OK.value
    assert np.all(np.diff(value_OK) <= 0)
    assert np.all(value_OK <= 1)
    assert np.all(value_OK[:, -1] < 0.2)


def test_two_seeds_have_no_band():
    found = profiles_in_common(grids(*SEVERAL, seeds=2))
    assert np.isnan(found.share_OK.low).all()
    assert np.isfinite(found.share_OK.value).all()


def test_a_score_of_exactly_the_asked_one_counts():
    """Also where it is a hair below by rounding: 0.1 + 0.2 is above 0.3, 0.3 − 0.1 below 0.2."""
    score_ONSD = np.array([0.2, 0.3 - 0.1]).reshape(1, 1, 1, 2)
    assert shares_at_least(score_ONSD, np.array([0.2]))[0, 0, 0] == 1


def test_it_is_the_share_at_or_above_any_score():
    rng = np.random.default_rng(5)
    for _ in range(50):
        score_ONSD, tau = rng.normal(size=(2, 3, 2, 2)).round(1), rng.normal()
        share_OKS = shares_at_least(score_ONSD, np.array([tau]))
        reached_OS = (score_ONSD >= tau - 1e-12).mean(axis=(1, 3))
        np.testing.assert_allclose(share_OKS[:, 0], reached_OS, atol=1e-15)


def test_bands_hold_the_true_share():
    """Students of 5 seeds, drawn from 300: those with a width in 95 % of cases, with a margin.

    Half of the trainings at the highest two points fail by chance, so that shares vary.
    """
    rng, held = np.random.default_rng(2), []
    tau_K = np.arange(-20, 121) / 100
    for _ in range(60):
        every_ONSD = rng.normal(np.linspace(1, 0.2, 7)[:, None, None], 0.05, (2, 7, 300, 3))
        fails_ONSD = rng.random(every_ONSD[:, 5:].shape) < 0.5
        every_ONSD[:, 5:] = np.where(fails_ONSD, -0.1, every_ONSD[:, 5:])
        share_OKS = shares_at_least(every_ONSD, tau_K)
        true_OK, some_OKS = share_OKS.mean(axis=-1), share_OKS[..., rng.choice(300, 5, False)]
        found = estimate(seed_means(some_OKS), lowest=0, highest=1)
        has_width_OK = found.high > found.low
        held.append(((found.low <= true_OK) & (true_OK <= found.high))[has_width_OK].mean())
    assert np.mean(held) > 0.92
