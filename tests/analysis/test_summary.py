"""What figures say of several seeds: means, intervals, diverged trials."""

import numpy as np
import pytest
from made_results import made_results, made_study
from scipy import stats

from sweep.analysis import summary as seeds
from sweep.analysis.collect import grid_of
from sweep.analysis.measures import measure


def test_summary_is_students_interval():
    values = np.random.default_rng(0).normal(size=(4, 5))
    summary = seeds.summarize(values)
    for row, mean, low, high in zip(values, summary.mean, summary.low, summary.high, strict=True):
        expected = stats.t.interval(0.95, 4, loc=row.mean(), scale=stats.sem(row))
        assert (mean, low, high) == pytest.approx((row.mean(), *expected))


def test_missing_seeds_are_not_there():
    nan = np.nan
    summary = seeds.summarize(np.array([[1.0, 3.0, nan], [2.0, nan, nan], [nan, nan, nan]]))
    assert summary.count.tolist() == [2, 1, 0]
    np.testing.assert_array_equal(summary.mean, [2, 2, nan])
    np.testing.assert_array_equal(summary.low, [1, nan, nan])
    np.testing.assert_array_equal(summary.high, [3, nan, nan])


def test_summary_agrees_with_the_measures():
    grid = grid_of(made_results())
    measures = measure(grid)
    summary = seeds.summarize(np.moveaxis(grid.counted_accuracy()[..., -1], 2, -1))
    np.testing.assert_allclose(summary.mean, measures.accuracy_ON.value)
    np.testing.assert_allclose(np.maximum(summary.low, 0), measures.accuracy_ON.low)
    np.testing.assert_allclose(np.minimum(summary.high, 1), measures.accuracy_ON.high)


def test_last_epochs_loss_is_that_of_the_sensitivity():
    grid = grid_of(made_results(diverge_above=0.05))
    limit = np.fmin(grid.train_loss_ONSE[..., 0], grid.baseline_loss)
    last = np.minimum(grid.train_loss_ONSE[..., -1], limit)
    expected = np.where(grid.diverged, limit, last)
    np.testing.assert_array_equal(grid.final(grid.capped_loss()), expected)


def test_a_trial_has_diverged_from_its_epoch_on():
    grid = grid_of(made_results(diverge_above=0.05))
    gone = grid.diverged_by_epoch()
    o, n, s = np.argwhere(grid.diverged)[0]
    at = int(grid.diverged_at_epoch_ONS[o, n, s])
    assert not gone[o, n, s, :at].any()
    assert gone[o, n, s, at:].all()
    assert gone[..., -1].sum() == grid.diverged.sum()


def test_only_complete_seeds_count():
    grid = grid_of(made_results(made_study(seeds=4), failed=(4,), untouched=3))
    assert seeds.counted_seeds(grid).tolist() == [True, False, True, False]


def test_all_seeds_count_where_none_is_complete():
    grid = grid_of(made_results(made_study(seeds=2), failed=(0, 4)))
    assert seeds.counted_seeds(grid).all()
