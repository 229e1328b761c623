"""All measures of a grid: by hand, by properties, and where the grid is not whole."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_grids import HUNDREDTHS, RATES, accuracies, every_number, made_grid

from sweep.analysis.intervals import Estimate
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows, measures_table

THREE = np.array([0.01, 0.1, 1.0])


def test_by_hand():
    """Two optimizers, three rates a decade apart, three seeds that differ by a constant."""
    radam = np.array([0.90, 0.94, 0.90])
    adam = np.array([0.90, 0.90, 0.50])
    seeds = np.array([-0.01, 0.0, 0.01])
    accuracy = np.stack([radam, adam])[:, :, None] + seeds
    accuracy[1, 2] = 0.5
    found = measure(made_grid(accuracy, values_N=THREE))
    assert found.mean_accuracy_O.value == pytest.approx([0.92, 0.80])
    assert found.worst_accuracy_O.value == pytest.approx([0.90, 0.50])
    assert found.spread_O.value == pytest.approx([0.04, 0.40])
    assert found.robust_range.extent_O.value == pytest.approx([1.0, 0.0])
    assert found.own_robust_range.extent_O.value == pytest.approx([1.0, 1.05])
    assert found.robust_range.is_open_O.tolist() == [False, False]
    assert found.own_robust_range.is_open_O.tolist() == [False, True]
    assert found.robust_range.pieces_O[0] == (pytest.approx((10**-1.5, 10**-0.5)),)
    assert found.failure_share_O.value == pytest.approx([0, 1 / 3])
    assert found.expected_best_OK.value[1] == pytest.approx([2.3 / 3, 0.9, 0.9])
    assert found.improvement_OO.value[0] == pytest.approx([0.5, 5 / 6])
    # ± t(2) · 0.01/√3, and of the second three quarters of it, as its last rate has no scatter
    half = 4.302653 * 0.01 / math.sqrt(3)
    assert found.mean_accuracy_O.high - found.mean_accuracy_O.value == pytest.approx(
        [half, 0.75 * half]
    )
    assert found.convergence.target == pytest.approx(0.5 + 0.9 * 0.44)
    assert found.convergence.epochs_ON[0] == pytest.approx(4 * 0.396 / np.array([0.4, 0.44, 0.4]))
    assert found.convergence.is_open_O.tolist() == [False, True]
    assert found.convergence.mean_epochs_O.value[1] == pytest.approx(0.75 * 3.96 + 0.25 * 4)
    assert found.sampling_error_ON[0, 0] == pytest.approx(math.sqrt(0.9 * 0.1 / 500))


def test_sensitivity_caps_the_loss_at_the_baselines():
    loss = np.broadcast_to(np.array([0.1, 0.2, 5.0])[:, None], (1, 3, 3))
    found = measure(made_grid(np.full((1, 3, 3), 0.9), values_N=THREE, loss_ONS=loss))
    assert found.sensitivity_O.value == pytest.approx([0.5 * 0.1 + 0.25 * (math.log(2) - 0.1)])


def test_diverged_trials_count_the_baseline_and_the_capped_loss():
    accuracy = np.full((2, 3, 3), 0.9)
    diverged = np.full((2, 3, 3), np.nan)
    diverged[1, 2] = 3
    found = measure(made_grid(accuracy, values_N=THREE, diverged_ONS=diverged))
    assert found.accuracy_ON.value[1] == pytest.approx([0.9, 0.9, 0.5])
    assert found.diverged_O.tolist() == [0, 3]
    assert found.failure_share_O.value == pytest.approx([0, 1 / 3])
    assert found.sensitivity_O.value == pytest.approx([0, 0.25 * (math.log(2) - 0.1)])


def test_diverged_trial_that_was_worse_than_the_baseline_counts_what_it_had():
    accuracy = np.full((1, 1, 3), 0.3)
    grid = made_grid(accuracy, values_N=[0.01], diverged_ONS=np.full((1, 1, 3), 4.0))
    assert measure(grid).accuracy_ON.value == pytest.approx(np.array([[0.35]]))


def test_divergence_does_not_erase_the_epochs_before_it():
    grid = made_grid(np.full((1, 1, 3), 0.9), values_N=[0.01], diverged_ONS=np.full((1, 1, 3), 3.0))
    assert grid.counted_accuracy()[0, 0, 0].tolist() == pytest.approx([0.5, 0.6, 0.7, 0.5, 0.5])


@settings(max_examples=50)
@given(accuracies(), st.sampled_from([-0.3, -0.1, -0.01]))
def test_a_constant_changes_no_spread(accuracy, constant):
    before = measure(made_grid(accuracy, values_N=RATES[:4]))
    after = measure(made_grid(accuracy + constant, values_N=RATES[:4]))
    learned = ~(before.learned_nothing_O | after.learned_nothing_O)
    expected = before.spread_O.value[learned]
    assert after.spread_O.value[learned] == pytest.approx(expected, abs=1e-9)


@given(HUNDREDTHS.filter(lambda level: level > 0.52), st.integers(2, 7))
def test_flat_curve_has_no_spread_and_the_whole_range(level, rates):
    values = RATES[:rates]
    found = measure(made_grid(np.full((2, rates, 3), level), values_N=values))
    whole = math.log10(values[-1] / values[0])
    assert found.spread_O.value == pytest.approx([0, 0], abs=1e-12)
    for ranges in (found.robust_range, found.own_robust_range):
        assert ranges.extent_O.value == pytest.approx([whole, whole])
        assert ranges.is_open_O.all()


@settings(max_examples=50)
@given(accuracies(), st.sampled_from([0.5, 2.0, 3.0]))
def test_stretching_the_grid_stretches_the_range_and_nothing_else(accuracy, factor):
    before = measure(made_grid(accuracy, values_N=RATES[:4]))
    after = measure(made_grid(accuracy, values_N=RATES[:4] ** factor))
    for ranges in ("robust_range", "own_robust_range"):
        stretched = factor * getattr(before, ranges).extent_O.value
        assert getattr(after, ranges).extent_O.value == pytest.approx(stretched, abs=1e-9)
    assert after.mean_accuracy_O.value == pytest.approx(before.mean_accuracy_O.value)


@settings(max_examples=50)
@given(accuracies(), st.integers(0, 3), st.integers(0, 2))
def test_diverging_instead_of_finishing_raises_nothing(accuracy, rate, seed):
    finished = made_grid(accuracy, values_N=RATES[:4])
    diverged = np.full(accuracy.shape, np.nan)
    diverged[0, rate, seed] = finished.epochs
    before = measure(finished)
    after = measure(dataclasses.replace(finished, diverged_at_epoch_ONS=diverged))
    for name in ("mean_accuracy_O", "worst_accuracy_O", "expected_best_OK"):
        assert (getattr(after, name).value[0] <= getattr(before, name).value[0] + 1e-12).all()
    assert after.improvement_OO.value[0, 1] <= before.improvement_OO.value[0, 1] + 1e-12
    assert after.failure_share_O.value[0] >= before.failure_share_O.value[0]


@settings(max_examples=50)
@given(accuracies(), st.permutations(range(3)))
def test_order_of_seeds_changes_nothing(accuracy, order):
    before = measure(made_grid(accuracy, values_N=RATES[:4]))
    after = measure(made_grid(accuracy[:, :, list(order)], values_N=RATES[:4]))
    expected = every_number(before)
    for name, found in every_number(after).items():
        assert found == pytest.approx(expected[name], abs=1e-9, nan_ok=True), name


def test_order_of_optimizers_only_changes_their_order():
    accuracy = np.random.default_rng(4).uniform(0.5, 1, (3, 7, 5))
    before = measure(made_grid(accuracy))
    after = measure(made_grid(accuracy[::-1], optimizers=("adam-warmup", "adam", "radam")))
    assert after.mean_accuracy_O.low[::-1] == pytest.approx(before.mean_accuracy_O.low)
    forward, backward = before.mean_accuracy_differences, after.mean_accuracy_differences
    for first, second in itertools.combinations(range(3), 2):
        assert backward.of(2 - first, 2 - second) == pytest.approx(forward.of(first, second))


def test_ties_are_even_and_not_claimed():
    accuracy = np.broadcast_to(np.random.default_rng(5).uniform(0.5, 1, (7, 5)), (3, 7, 5))
    found = measure(made_grid(accuracy))
    assert (found.improvement_OO.value == 0.5).all()
    assert (found.mean_accuracy_differences.p_value == 1).all()
    assert not found.mean_accuracy_differences.claimed.any()


def test_one_picture_in_every_seed_is_a_coincidence():
    accuracy = np.full((3, 7, 3), 0.9)
    accuracy[1, 3] -= 1 / 500
    accuracy[2] -= 0.1
    found = measure(made_grid(accuracy)).mean_accuracy_differences
    assert found.value == pytest.approx([1 / 3000, 0.1, 0.1 - 1 / 3000])
    assert found.claimed.tolist() == [False, True, True]


def test_one_learning_rate():
    found = measure(made_grid(np.full((2, 1, 3), 0.9), values_N=[0.01]))
    assert found.mean_accuracy_O.value == pytest.approx([0.9, 0.9])
    assert found.robust_range.extent_O.value.tolist() == [0, 0]
    assert found.robust_range.is_open_O.all()
    assert found.robust_range.pieces_O[0] == (pytest.approx((0.01, 0.01)),)
    assert found.sensitivity_O.value.tolist() == [0, 0]
    assert found.expected_best_OK.value.shape == (2, 1)


def test_all_diverged():
    shape = (2, 7, 3)
    found = measure(made_grid(np.full(shape, 0.5), diverged_ONS=np.ones(shape)))
    assert found.mean_accuracy_O.value == pytest.approx([0.5, 0.5])
    assert found.failure_share_O.value.tolist() == [1, 1]
    assert np.isnan([found.sensitivity_O.value, found.spread_O.value]).all()
    assert found.robust_range.extent_O.value.tolist() == [0, 0]
    assert not found.robust_range.is_open_O.any()
    assert math.isnan(found.convergence.target)
    assert np.isnan(found.convergence.mean_epochs_O.value).all()


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_for_intervals(seeds):
    accuracy = np.random.default_rng(6).uniform(0.5, 1, (2, 7, seeds))
    found = measure(made_grid(accuracy))
    assert not found.has_intervals
    assert np.isfinite(found.mean_accuracy_O.value).all()
    estimates = [part for part in vars(found).values() if isinstance(part, Estimate)]
    assert all(np.isnan([part.low, part.high]).all() for part in estimates)
    assert not found.mean_accuracy_differences.claimed.any()


def unfinish(grid, *places):
    """The grid with these trials missing: not finished, and NaN."""
    finished = grid.finished_ONS.copy()
    accuracy = grid.valid_accuracy_ONSE.copy()
    for place in places:
        finished[place] = False
        accuracy[place] = np.nan
    return dataclasses.replace(grid, finished_ONS=finished, valid_accuracy_ONSE=accuracy)


def test_seed_missing_for_one_optimizer_is_left_out_for_all():
    accuracy = np.random.default_rng(7).uniform(0.5, 1, (3, 7, 5))
    found = measure(unfinish(made_grid(accuracy), (1, 6, 2)))
    kept = measure(made_grid(accuracy[:, :, [0, 1, 3, 4]]))
    assert found.seeds == (0, 1, 3, 4)
    assert found.mean_accuracy_O.low == pytest.approx(kept.mean_accuracy_O.low)
    assert found.dropped == ("Seed 2 is left out: trials are not finished (1 of adam).",)


def test_optimizer_that_finished_nothing_is_not_compared():
    grid = unfinish(made_grid(np.full((3, 7, 3), 0.9)), (2,))
    found = measure(grid)
    assert found.optimizers == ("radam", "adam")
    assert found.seeds == (0, 1, 2)
    assert found.dropped == ("adam-warmup is not compared: none of its trials is finished.",)


@pytest.mark.parametrize("missing", [[(0, 0)], [()]], ids=["no seed complete", "nothing finished"])
def test_no_complete_seed_gives_no_measures(missing):
    found = measure(unfinish(made_grid(np.full((2, 7, 3), 0.9)), *missing))
    assert found.seeds == ()
    assert found.dropped
    assert np.isnan(found.mean_accuracy_O.value).all()
    assert np.isnan(found.improvement_OO.value).all()
    assert found.robust_range.pieces_O == ((), ())
    assert all(row["value"] is None for row in measures_rows(found))


def test_cost_is_a_mean_of_trials_and_may_be_unmeasured():
    seconds = np.array([1.0, 2.0])[:, None, None] + np.array([-0.1, 0, 0.1])
    found = measure(
        made_grid(np.full((2, 7, 3), 0.9), seconds_ONS=np.broadcast_to(seconds, (2, 7, 3)))
    )
    assert found.seconds.mean_O.value == pytest.approx([1.0, 2.0])
    assert found.seconds.differences.of(1, 0)[0] == pytest.approx(1.0)
    assert np.isnan(found.memory_bytes.mean_O.value).all()


def test_rows_are_fit_for_json_and_hold_every_interval():
    accuracy = np.random.default_rng(8).uniform(0.5, 1, (3, 7, 5))
    found = measure(made_grid(accuracy))
    rows = json.loads(json.dumps(measures_rows(found), allow_nan=False))
    mean = next(
        row for row in rows if (row["measure"], row["optimizer"]) == ("mean accuracy", "adam")
    )
    assert mean["value"] == found.mean_accuracy_O.value[1]
    assert (mean["low"], mean["high"]) == (
        found.mean_accuracy_O.low[1],
        found.mean_accuracy_O.high[1],
    )
    best = [row for row in rows if row["measure"].startswith("expected best of")]
    assert len(best) == 3 * 7
    apart = [row for row in rows if row["measure"] == "difference in mean accuracy"]
    assert [(row["optimizer"], row["against"]) for row in apart] == [
        ("radam", "adam"),
        ("radam", "adam-warmup"),
        ("adam", "adam-warmup"),
    ]
    assert [row["claimed"] for row in apart] == found.mean_accuracy_differences.claimed.tolist()


def test_table_reads_as_people_write():
    accuracy = np.full((2, 7, 3), 0.9) + np.array([-0.001, 0, 0.001])
    table = {row["measure"]: row for row in measures_table(measure(made_grid(accuracy)))}
    assert table["mean accuracy (%)"]["radam"] == "90.0 [89.8, 90.2]"
    assert table["robust range (decades)"]["adam"] == "≥ 1.52"
    assert table["memory a trial (MiB)"]["adam"] == "not measured"


def test_many_optimizers_are_compared_down_a_column():
    accuracy = np.full((7, 7, 3), 0.9) + np.array([-0.001, 0, 0.001])
    measures = measure(made_grid(accuracy))
    rows = measures_table(measures)
    assert [row["optimizer"] for row in rows] == list(measures.optimizers)
    assert {row["mean accuracy (%)"] for row in rows} == {"90.0 [89.8, 90.2]"}
    assert "mean accuracy (%)" in measures_table(measure(made_grid(accuracy[:6])))[0]["measure"]
