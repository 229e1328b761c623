"""From stored trials of all kinds of axes to arrays."""

import math
from dataclasses import replace

import made_studies
import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.collect import collected, grid_of
from sweep.results.records import Outcome
from sweep.study.axis import Point


def test_points_of_two_axes_are_in_their_order_the_last_fastest():
    results = made_results(made_studies.two_axes())
    grid, finished = collected(results)
    assert [(point["batch_size"], point["learning_rate"]) for point in grid.points] == [
        (batch, rate) for batch in (16, 64, 256) for rate in (0.003, 0.01, 0.03, 0.1)
    ]
    assert grid.hyperparameter == "batch size and learning rate"
    assert grid.valid_accuracy_ONSE.shape == (2, 12, 3, 5)
    with pytest.raises(ValueError, match="unpack"):
        _ = grid.values_N
    for trial in results.trials:
        at = grid.optimizers.index(trial.optimizer), grid.points.index(trial.point), trial.seed
        last = trial.epochs[-1]
        assert grid.train_loss_ONSE[at][last.epoch] == last.train_loss
        assert finished.numbers("number")[at] == trial.number


def test_values_of_an_optimizers_own_are_points_that_the_others_do_not_have():
    grid = grid_of(made_results(made_studies.ragged()))
    assert grid.values_N.tolist() == [16, 64, 128, 256]
    assert grid.axes[0].values == (16, 64, 128, 256)
    assert grid.planned_ON.tolist() == [[True, True, False, True], [False, True, True, True]]
    assert (grid.finished_ONS.all(axis=-1) == grid.planned_ON).all()


def test_trainings_of_different_lengths_end_at_their_own_last_epoch():
    grid = grid_of(made_results(made_studies.epochs()))
    assert grid.epochs == 6
    assert grid.last_epoch_ON.tolist() == [[1, 2, 6]] * 2
    accuracy, loss = grid.counted_accuracy(), grid.capped_loss()
    for n, last in enumerate((1, 2, 6)):
        for series in (accuracy, loss):
            assert np.isfinite(series[:, n, :, : last + 1]).all()
            assert np.isnan(series[:, n, :, last + 1 :]).all()
        assert (grid.final_accuracy()[:, n] == accuracy[:, n, :, last]).all()


def test_short_training_that_diverged_counts_nothing_after_its_end():
    grid = grid_of(made_results(made_studies.epochs()))
    diverged = np.full(grid.finished_ONS.shape, math.nan)
    diverged[0, 1, 0] = 1
    counted = replace(grid, diverged_at_epoch_ONS=diverged).counted_accuracy()[0, 1, 0]
    assert counted[1] == counted[2] <= 0.5
    assert np.isnan(counted[3:]).all()


def test_optimizer_that_does_not_follow_an_axis_has_one_training():
    grid = grid_of(made_results(made_studies.warmups()))
    assert grid.training_ON.tolist() == [[0, 0, 0], [0, 1, 2]]
    assert np.ptp(grid.final_accuracy()[0], axis=0).tolist() == [0, 0, 0]
    assert np.isfinite(grid.memory_bytes_ONS).all()


def test_what_failed_is_marked_unless_it_was_finished_since():
    results = made_results(made_study(seeds=2), failed=(1,))
    grid = grid_of(results)
    assert grid.failed_ONS.sum() == 7
    assert grid.failed_ONS[1, :, 0].all()
    assert not (grid.failed_ONS & grid.finished_ONS).any()
    failed = next(trial for trial in results.trials if trial.outcome is Outcome.FAILED)
    other = next(trial for trial in results.trials if trial.outcome is Outcome.COMPLETED)
    again = replace(
        other, optimizer=failed.optimizer, point=failed.point, seed=failed.seed, number=99
    )
    later = grid_of(replace(results, trials=(*results.trials, again)))
    assert later.failed_ONS.sum() == 6


def test_trials_that_the_study_does_not_have_are_left_out():
    results = made_results(made_study(seeds=2))
    strange = replace(results.trials[0], point=Point.of({"learning_rate": 0.5}))
    grid = grid_of(replace(results, trials=(*results.trials[1:], strange)))
    assert grid.finished_ONS.sum() == len(results.trials) - 1


def test_baseline_of_any_number_of_classes():
    results = made_results(made_study(seeds=2))
    run = results.runs[0]
    pictures = replace(
        run.provenance.pictures,
        class_names=("ant", "bee", "cat"),
        train_counts=(200, 100, 100),
        valid_counts=(50, 25, 25),
    )
    three = replace(run, provenance=replace(run.provenance, pictures=pictures))
    grid = grid_of(replace(results, runs=(three,)))
    assert grid.baseline == 0.5
    assert grid.baseline_loss == pytest.approx(1.5 * math.log(2))
    assert grid.valid_examples == 100
    without = grid_of(replace(results, runs=()))
    assert math.isnan(without.baseline)
    assert math.isnan(without.baseline_loss)
    assert without.valid_examples == 0


def test_selecting_points_keeps_the_values_that_they_have():
    grid = grid_of(made_results(made_studies.two_axes()))
    part = grid.select(points=[1, 5, 9], optimizers=[1])
    assert [axis.values for axis in part.axes] == [(16, 64, 256), (0.01,)]
    assert part.optimizers == ("adam",)
    assert part.valid_loss_ONSE.shape == (1, 3, 3, 5)
    assert part.last_epoch_ON.shape == (1, 3)
    assert grid.select(seeds=()).seeds == ()


def test_selected_points_know_the_first_of_them_with_the_same_training():
    grid = grid_of(made_results(made_studies.warmups()))
    assert grid.select(points=[1, 2]).training_ON.tolist() == [[0, 0], [0, 1]]
    assert grid.select(points=[2], optimizers=[1]).training_ON.tolist() == [[0]]
