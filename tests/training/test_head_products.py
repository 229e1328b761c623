"""The head's products in bfloat16: the same training as in float32, but for what they round.

Tolerances: bfloat16 has 8 bits, so what a product gives is rounded by up to 2⁻⁹ of itself. Sums
that differ in their last float32 bit, as those of another cohort may, round to neighbours, 2⁻⁸
apart, in one of some 10,000 cases; and XLA may leave out a rounding between two operations that it
fuses. Over the first 10 steps logits and losses together and alone agree within 5e-3 of their scale
(measured: 1e-7 on TensorFlow, 3e-3 on JAX), and those of Adam in bfloat16 and float32, or on the
two backends, within 0.03 (measured: 0.01).
"""

from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
from training.made_cohorts import (
    FEATURES,
    HIDDEN,
    RATES,
    assert_close,
    cohort_of,
    made_classes,
    made_data,
    train,
    trained_once,
)

from sweep.planning.cohorts import Cohort
from sweep.study.optimizer import Optimizer
from sweep.training.loop import CohortTraining
from sweep.training.stacked_heads import Heads, initial_weights

TOGETHER, ROUNDED = 5e-3, 0.03
ADAM = Optimizer(label="adam", algorithm="adam")
RADAM = Optimizer(label="radam", algorithm="radam")
MUON = Optimizer(label="muon", algorithm="muon")


def in_bfloat16(cohort):
    """The same cohort with products in bfloat16."""
    return Cohort(
        tuple(
            trial._replace(config=replace(trial.config, head_products="bfloat16"))
            for trial in cohort.trials
        )
    )


def rounded(array):
    """To bfloat16 and back."""
    return np.asarray(array).astype(ml_dtypes.bfloat16).astype(np.float32)


def reference_logits(features_NF):
    """Of the untrained head of seed 0, and how far off they may be, by NumPy.

    Inputs and weights are rounded; then each product is cut or rounded to bfloat16, 2⁻⁸ of itself.
    """
    kernel, bias, out_kernel, out_bias = initial_weights(0, FEATURES, HIDDEN)
    product = rounded(features_NF) @ rounded(kernel)
    logits = np.maximum(product + bias, 0) @ out_kernel[:, 0] + out_bias[0]
    return logits, np.abs(product) @ np.abs(out_kernel[:, 0]) / 2**8 + 1e-6


def assert_together_is_alone(optimizer=ADAM, rates=RATES, made=(made_data,)):
    """A cohort of all rates against single trials; also for the other backend."""
    together = trained_once(in_bfloat16(cohort_of(optimizer, rates)), *made)
    make, *given = made
    data = make(*given)
    training = CohortTraining(data)
    for member, rate in enumerate(rates):
        alone = train(in_bfloat16(cohort_of(optimizer, (rate,))), data, training)
        assert_close(together.logits_PV[member], alone.logits_PV[0], TOGETHER)
        assert_close(
            together.epochs[1].train_loss_P[member], alone.epochs[1].train_loss_P[0], TOGETHER
        )
    return together


@pytest.mark.parametrize("optimizer", [ADAM, RADAM], ids=lambda optimizer: optimizer.label)
def test_trials_together_equal_each_alone(optimizer):
    assert_together_is_alone(optimizer)


def test_of_more_classes_and_of_whole_variables_too():
    assert_together_is_alone(rates=RATES[::3], made=(made_classes, 3))
    in_float32 = train(cohort_of(MUON, (0.01,)), made_data())
    assert_close(
        train(in_bfloat16(cohort_of(MUON, (0.01,))), made_data()).logits_PV,
        in_float32.logits_PV,
        ROUNDED,
    )


def test_inputs_weights_and_products_are_rounded():
    features_NF = made_data().features_NF.astype(np.float32)
    logits_N, bounds_N = reference_logits(features_NF)
    errors = {}
    for products in ("float32", "bfloat16"):
        heads = Heads(1, FEATURES, HIDDEN, products=products)
        heads.reset(0)
        errors[products] = np.abs(np.asarray(heads.predict(features_NF))[:, 0] - logits_N)
    assert np.all(errors["bfloat16"] <= bounds_N)
    assert not np.array_equal(errors["bfloat16"], errors["float32"])


def test_weights_keep_what_bfloat16_cannot():
    """Each update is far below the distance of two numbers in bfloat16."""
    data = made_data()
    training = CohortTraining(data)
    train(in_bfloat16(cohort_of(ADAM, (1e-6,))), data, training)
    (state,) = training.compiled._states.values()
    kernel = np.asarray(state.members.variables[0])[:, 0]
    moved = np.abs(kernel - initial_weights(0, FEATURES, HIDDEN).kernel_FH)
    assert 1e-6 < np.median(moved) < 2e-5
    assert all(variable.dtype == "float32" for variable in state.members.variables)
    assert all(each.dtype != "bfloat16" for each in state.optimizer.variables)


def test_both_kinds_in_one_process_do_not_meet():
    data = made_data()
    shared = CohortTraining(data)
    cohorts = [cohort_of(ADAM), in_bfloat16(cohort_of(ADAM)), cohort_of(ADAM)]
    first, other, again = (train(cohort, data, shared) for cohort in cohorts)
    assert np.array_equal(first.logits_PV, again.logits_PV)
    assert np.array_equal(other.logits_PV, trained_once(cohorts[1]).logits_PV)
    for trained, cohort in ((other, cohorts[1]), (again, cohorts[2])):
        fresh = trained_once(cohort).epochs[0]
        assert np.array_equal(trained.epochs[0].valid_loss_P, fresh.valid_loss_P)
    assert not np.array_equal(first.epochs[0].valid_loss_P, other.epochs[0].valid_loss_P)
