"""What can be compared where optimizers have values of their own, and what is said of the rest."""

import made_studies
import numpy as np
from made_results import made_results
from made_studies import ADAM, BATCHES, RADAM, RATES, made

from sweep.analysis.collect import grid_of
from sweep.analysis.comparable import comparable
from sweep.analysis.measures import measure
from sweep.study.axis import Axis


def test_compared_at_the_points_that_all_have():
    grid = grid_of(made_results(made_studies.ragged()))
    compared = comparable(grid)
    assert [point["batch_size"] for point in compared.grid.points] == [64, 256]
    assert compared.grid.axes[0].values == (64, 256)
    assert compared.dropped == (
        "Compared at the 2 batch sizes that all optimizers have (64 and 256); "
        "16 and 128 are left out.",
    )


def test_measures_of_ragged_points_are_those_of_the_shared_ones():
    grid = grid_of(made_results(made_studies.ragged()))
    found, shared = measure(grid), measure(grid.select(points=[1, 3]))
    assert found.points == shared.points
    for name in ("mean_accuracy_O", "sensitivity_O", "expected_best_OK"):
        np.testing.assert_array_equal(getattr(found, name).low, getattr(shared, name).low)
    assert found.robust_range.whole == 2


def test_trial_missing_outside_the_shared_points_costs_no_seed():
    results = made_results(made_studies.ragged())
    kept = tuple(trial for trial in results.trials if trial.point["batch_size"] != 16)
    assert len(kept) < len(results.trials)
    found = measure(grid_of(type(results)(results.study, results.runs, kept, results.cohorts)))
    assert found.seeds == (0, 1, 2)


def test_values_that_no_compared_optimizer_has_are_not_missed():
    """Adam's trials are not there at all: RAdam is alone, at all its points."""
    results = made_results(made_studies.ragged())
    kept = tuple(trial for trial in results.trials if trial.optimizer == "radam")
    found = measure(grid_of(type(results)(results.study, results.runs, kept, results.cohorts)))
    assert [point["batch_size"] for point in found.points] == [16, 64, 256]
    assert found.points_left_out == ()
    assert found.dropped == ("adam is not compared: none of its trials is finished.",)


def test_nothing_shared_is_nothing_compared():
    grid = grid_of(made_results(made_studies.apart()))
    found = measure(grid)
    assert not found.has_shared_points
    assert found.seeds == ()
    assert np.isnan(found.mean_accuracy_O.value).all()
    assert found.dropped == (
        "There is no batch size and learning rate at which all optimizers are trained.",
    )


def test_ragged_study_before_its_first_trial():
    results = made_results(made_studies.apart(), untouched=6)
    found = measure(grid_of(results))
    assert found.dropped == ("No trial is finished yet.",)
    assert np.isnan(found.robust_range.extent_O.value).all()


def test_of_two_axes_each_says_what_is_left_out():
    own = {"batch_size": (64, 256), "learning_rate": (0.01, 0.03)}
    study = made(BATCHES, RATES, optimizers=(RADAM, ADAM.model_copy(update={"values": own})))
    found = measure(grid_of(made_results(study)))
    assert len(found.points) == 4
    assert found.dropped == (
        "Compared at the 2 batch sizes that all optimizers have (64 and 256); 16 is left out.",
        "Compared at the 2 learning rates that all optimizers have (0.01 and 0.03); "
        "0.003 and 0.1 are left out.",
    )


def test_of_many_values_the_ends_are_named():
    many = Axis(name="warmup.steps", values=tuple(range(1, 31)))
    own = ADAM.model_copy(update={"values": {"warmup.steps": (30, 40)}})
    found = measure(grid_of(made_results(made(many, optimizers=(RADAM, own)))))
    assert found.dropped == (
        "Compared at the 1 warm-up length that all optimizers have (30); "
        "30 from 1 to 40 are left out.",
    )
