"""All measures where one axis of any kind is swept, or two, or trainings differ in length."""

import made_studies
import numpy as np
import pytest
from hypothesis import given, settings
from made_grids import accuracies, every_number, made_grid
from made_results import made_results

from sweep.analysis.collect import grid_of
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows
from sweep.study.axis import Axis

BATCHES = Axis(name="batch_size", values=(16, 32, 128))
DECADES = Axis(name="learning_rate", values=(0.01, 0.1))


def test_two_axes_by_hand():
    """Three batch sizes (1 and 2 octaves apart) × two rates, a decade apart."""
    accuracy = np.array([[0.90, 0.90], [0.94, 0.94], [0.90, 0.90]]).ravel()
    accuracy_ONS = np.stack([accuracy, np.full(6, 0.5)])[:, :, None] + np.zeros(3)
    found = measure(made_grid(accuracy_ONS, axes=(BATCHES, DECADES)))
    weights = np.array([1 / 6, 1 / 2, 1 / 3])
    assert found.mean_accuracy_O.value == pytest.approx([weights @ [0.9, 0.94, 0.9], 0.5])
    assert found.robust_range.unit == "octaves × decades"
    assert found.robust_range.whole == pytest.approx(3)
    assert found.robust_range.extent_O.value == pytest.approx([1.5, 0])
    assert found.robust_range.share_O.value == pytest.approx([0.5, 0])
    assert found.robust_range.is_open_O.tolist() == [True, False]
    assert found.robust_range.pieces_O == ((), ())
    assert found.expected_best_OK.value.shape == (2, 6)
    assert found.expected_best_OK.value[0, 0] == pytest.approx(5.48 / 6)
    assert found.worst_accuracy_O.value == pytest.approx([0.9, 0.5])


@settings(max_examples=25)
@given(accuracies(rates=6))
def test_order_of_the_axes_changes_nothing(accuracy):
    turned = accuracy.reshape(2, 3, 2, 3).swapaxes(1, 2).reshape(2, 6, 3)
    before = measure(made_grid(accuracy, axes=(BATCHES, DECADES)))
    after = measure(made_grid(turned, axes=(DECADES, BATCHES)))
    for name in ("mean_accuracy_O", "worst_accuracy_O", "spread_O", "expected_best_OK"):
        one, other = getattr(before, name), getattr(after, name)
        assert other.value == pytest.approx(one.value, nan_ok=True)
        assert other.high == pytest.approx(one.high, nan_ok=True)
    assert after.robust_range.extent_O.value == pytest.approx(before.robust_range.extent_O.value)
    assert after.mean_accuracy_differences.p_value == pytest.approx(
        before.mean_accuracy_differences.p_value
    )


@settings(max_examples=25)
@given(accuracies(rates=3))
def test_axis_of_one_value_changes_no_number(accuracy):
    one = Axis(name="epochs", values=(7,))
    alone = every_number(measure(made_grid(accuracy, axes=(BATCHES,))))
    beside = every_number(measure(made_grid(accuracy, axes=(BATCHES, one))))
    for name, expected in alone.items():
        assert beside[name] == pytest.approx(expected, nan_ok=True), name


def test_units_are_those_of_the_axis():
    accuracy = np.full((2, 3, 3), 0.9) + np.array([-0.001, 0, 0.001])
    found = {}
    for axis in (BATCHES, Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.999))):
        rows = measures_rows(measure(made_grid(accuracy, axes=(axis,))))
        found[axis.name] = {row["unit"] for row in rows if row["measure"] == "robust range"}
    assert found == {"batch_size": {"octaves"}, "optimizer.beta_2": {"decades"}}


def test_rows_of_two_axes_give_the_region_and_its_share():
    accuracy = np.random.default_rng(9).uniform(0.8, 1, (2, 6, 3))
    rows = measures_rows(measure(made_grid(accuracy, axes=(BATCHES, DECADES))))
    units = {row["measure"]: row["unit"] for row in rows if "robust" in row["measure"]}
    assert units == {
        "robust region": "octaves × decades",
        "robust region, share": "share",
        "own robust region": "octaves × decades",
        "own robust region, share": "share",
    }


def test_training_of_few_epochs_counts_at_its_own_end():
    results = made_results(made_studies.epochs(), gains=(0.0,), diverge_share=0)
    found = measure(grid_of(results))
    last = {
        (trial.optimizer, trial.point["epochs"], trial.seed): trial.epochs[-1].valid_accuracy
        for trial in results.trials
    }
    expected = [[np.mean([last["radam", count, seed] for seed in range(3)]) for count in (1, 2, 6)]]
    assert found.accuracy_ON.value[:1] == pytest.approx(np.array(expected))
    assert found.convergence.epochs_ON[0, 0] == np.inf
    # Positions 0, 1 and log2(6); the two short trainings count with all their epochs.
    weights = np.array([1, np.log2(6), np.log2(6) - 1]) / 2 / np.log2(6)
    counted = np.minimum(found.convergence.epochs_ON[0], [1, 2, 6])
    assert found.convergence.mean_epochs_O.value[0] == pytest.approx(weights @ counted)
