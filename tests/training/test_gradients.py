"""Gradients that are recorded: the training's own, whatever computes them, and of no effect on it.

Histograms are compared with those of gradients that Keras' stock path gives in one piece. Another
order of sums moves a gradient by about 1e-6 of its size, so few of them change their bins: shares
agree to 1 %.
"""

import dataclasses
from functools import cache

import keras
import numpy as np
import pytest
from processes import printed_on_jax
from training.made_cohorts import cohort_of, made_classes, made_data
from training.made_networks import cohort_of as cohort_of_networks
from training.made_networks import network_of, training_of
from training.test_sparse import sparse

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult
from sweep.results.gradients import BINS, EDGES
from sweep.study.optimizer import Optimizer
from sweep.training.cohort_plan import CohortPlan
from sweep.training.gradients import MOST_OF_A_VARIABLE, Sample, mean_and_variance, shares
from sweep.training.loop import CohortTraining
from sweep.training.networks import checkpoints
from sweep.training.recorder import wants_gradients
from sweep.training.sparse import can_be_compiled

ADAM, RADAM, SGD, LAMB = (
    Optimizer(label=it, algorithm=it) for it in ("adam", "radam", "sgd", "lamb")
)
RATES = (0.003, 0.03)
EPOCHS = 6
"""Of ten steps: a record at the first step would not be, were there fewer than 50 in all."""
HAT = 1e-7 / np.sqrt(1e-3)
"""Keras' ε at step 1, which it adds before the bias is corrected."""


def recording(cohort, gradients=True):
    """The same cohort, with its gradients recorded."""
    trials = (
        it._replace(config=dataclasses.replace(it.config, gradients=gradients))
        for it in cohort.trials
    )
    return Cohort(tuple(trials), cohort.micro_batches)


def trained(training, cohort, micro_batches=1):
    events = list(training.train(cohort, micro_batches))
    epochs = [it for it in events if isinstance(it, EpochResult)]
    (result,) = (it for it in events if isinstance(it, CohortResult))
    figures = np.array([[it.train_loss_P, it.valid_loss_P, it.valid_accuracy_P] for it in epochs])
    return figures, result


@cache
def head_training():
    """Of ``made_data()``, whose compiled cohorts all tests take one after another."""
    return CohortTraining(made_data())


def heads(optimizer, **said):
    return cohort_of(optimizer, RATES, epochs=EPOCHS, **said)


@pytest.mark.parametrize("optimizer", [ADAM, RADAM, SGD, LAMB], ids=lambda it: it.label)
def test_training_is_the_same_to_the_last_bit(optimizer):
    training, cohort = head_training(), heads(optimizer)
    if optimizer is LAMB:
        cohort = Cohort(cohort.trials[:1])
    without, plain = trained(training, cohort)
    recorded, result = trained(training, recording(cohort))
    np.testing.assert_array_equal(recorded, without)
    assert plain.gradients == ()
    assert [it.step for it in result.gradients] == [60]
    assert result.gradients[0].epoch == EPOCHS


def test_chosen_steps_are_recorded_as_far_as_there_are_any():
    training, cohort = head_training(), heads(ADAM)
    without, _ = trained(training, cohort)
    recorded, result = trained(training, recording(cohort, (1, 2, 3, 60, 61)))
    np.testing.assert_array_equal(recorded, without)
    assert [it.step for it in result.gradients] == [1, 2, 3, 60]
    assert trained(training, recording(cohort, (61,)))[1].gradients == ()


def test_a_histogram_is_that_of_the_gradients_of_the_batch():
    """Step 1's, whose weights and batch are known, against one tape over a plain Keras model."""
    data, cohort = made_data(), recording(cohort_of(ADAM, RATES, epochs=10))
    _, result = trained(head_training(), cohort)
    (first, *_) = result.gradients
    assert first.step == 1
    gradient = np.concatenate([each.ravel() for each in plain_gradients(data)])
    expected, _ = np.histogram(np.log10(np.abs(gradient[gradient != 0])), EDGES)
    for p in range(len(RATES)):
        np.testing.assert_allclose(first.share_PB[p], expected / gradient.size, atol=0.01)
        assert first.zero_P[p] == pytest.approx((gradient == 0).mean(), abs=0.01)
    assert_rates(first, 1 / (sizes_of(gradient) + HAT))


def sizes_of(gradient):
    """Of those that are not 0: the root of v̂ at step 1."""
    return np.abs(gradient[gradient != 0]).astype(np.float64)


def assert_rates(recorded, rate):
    np.testing.assert_allclose(recorded.rate_mean_P, rate.mean(), rtol=1e-2)
    np.testing.assert_allclose(recorded.rate_variance_P, rate.var(), rtol=3e-2)


@pytest.mark.parametrize(
    ("label", "algorithm", "settings", "rate_of"),
    [
        ("adam-2k", "adam-2k", {}, lambda g: 1 / (g + HAT)),
        ("by-path", "keras.optimizers:Adam", {}, lambda g: 1 / (g + HAT)),
        ("keras-2019", "radam", {"epsilon_inside": True}, lambda g: 1 / np.sqrt(g**2 + 1e-7)),
    ],
)
def test_a_rate_is_that_of_the_optimizer(label, algorithm, settings, rate_of):
    """At step 1, where v̂ is the square of the gradient."""
    data, optimizer = made_data(), Optimizer(label=label, algorithm=algorithm, settings=settings)
    _, result = trained(head_training(), recording(cohort_of(optimizer, RATES, epochs=10)))
    gradient = np.concatenate([each.ravel() for each in plain_gradients(data)])
    assert result.gradients[0].step == 1
    assert_rates(result.gradients[0], rate_of(sizes_of(gradient)))


def plain_gradients(data):
    """Of the first batch by the initial weights, by TensorFlow's tape over Keras' layers."""
    import tensorflow as tf

    from sweep.training.cohort_plan import example_order
    from sweep.training.stacked_heads import initial_weights

    features, hidden, batch = data.features_NF.shape[1], 16, 8
    model = keras.Sequential(
        [keras.Input((features,)), keras.layers.Dense(hidden, "relu"), keras.layers.Dense(1)]
    )
    model.set_weights(list(initial_weights(0, features, hidden)))
    rows = example_order(0, 1, data.train_count)[:batch]
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        outputs = model(data.features_NF[rows].astype(np.float32))
        total = loss(data.labels_N[rows].astype(np.float32)[:, None], outputs)
    return [each.numpy() for each in tape.gradient(total, model.trainable_variables)]


@pytest.mark.skipif(not can_be_compiled(), reason="the kernels need numba")
def test_kernels_give_the_same_gradients():
    data, cohort = sparse(made_classes(3)), heads(RADAM)
    without, _ = trained(CohortTraining(data), cohort)
    recorded, result = trained(CohortTraining(data), recording(cohort))
    np.testing.assert_array_equal(recorded, without)
    assert result.provenance["kernel"] == "numba"
    in_float32 = dataclasses.replace(data, features_NF=data.features_NF.astype(np.float32))
    _, stock = trained(CohortTraining(in_float32), recording(cohort))
    assert_same_gradients(result, stock)


def test_micro_batches_give_the_same_gradients():
    training, cohort = head_training(), recording(heads(ADAM))
    assert_same_gradients(trained(training, cohort, 3)[1], trained(training, cohort)[1])


def assert_same_gradients(these, those):
    assert [it.step for it in these.gradients] == [it.step for it in those.gradients]
    for this, that in zip(these.gradients, those.gradients, strict=True):
        np.testing.assert_allclose(this.share_PB, that.share_PB, atol=0.01)
        np.testing.assert_allclose(this.zero_P, that.zero_P, atol=0.01)
        np.testing.assert_allclose(this.rate_mean_P, that.rate_mean_P, rtol=0.02)


def test_what_diverges_has_gradients_that_are_not_finite():
    _, result = trained(head_training(), recording(cohort_of(SGD, (0.01, 1e20), epochs=EPOCHS)))
    (last,) = result.gradients
    assert last.not_finite_P.tolist() == [0, 1]
    assert last.share_PB.sum(axis=1) + last.zero_P == pytest.approx([1, 0], abs=1e-5)


def test_a_repeat_is_not_recorded():
    cohort = recording(heads(ADAM))
    assert wants_gradients(CohortPlan.of(cohort, 80))
    assert not wants_gradients(CohortPlan.of(dataclasses.replace(cohort, micro_batches=2), 80))


@pytest.mark.parametrize("kind", ["batch_normalization", "dropout"])
def test_networks_train_as_without(kind, tmp_path):
    """Means and seeds, which computing gradients changes, are put back."""
    cohort = cohort_of_networks((0.01,), epochs=13)
    training = training_of(network_of(kind), tmp_path, kind=kind)
    without, _ = trained(training, cohort)
    recorded, result = trained(training, recording(cohort))
    np.testing.assert_array_equal(recorded, without)
    (first, *_) = result.gradients
    assert first.share_PB.sum() + first.zero_P[0] == pytest.approx(1, abs=1e-5)


def test_a_killed_training_goes_on_with_what_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "AT_MOST_EVERY_SECONDS", 0)
    cohort = recording(cohort_of_networks((0.01,), epochs=25))
    _, whole = trained(training_of(network_of("dense"), tmp_path / "whole"), cohort)
    events = training_of(network_of("dense"), tmp_path / "cut").train(cohort)
    for _ in range(3):
        next(events)
    events.close()
    _, found = trained(training_of(network_of("dense"), tmp_path / "cut"), cohort)
    assert [it.step for it in whole.gradients] == [1, 99]
    for this, that in zip(found.gradients, whole.gradients, strict=True):
        assert (this.step, this.epoch) == (that.step, that.epoch)
        np.testing.assert_array_equal(this.share_PB, that.share_PB)
        np.testing.assert_array_equal(this.rate_variance_P, that.rate_variance_P)


def test_a_sample_of_a_large_variable_stands_for_it():
    random = np.random.default_rng(1)
    values = random.standard_normal((400, 3, 120)).astype(np.float32)
    values[:, 1] *= 1e-5
    sample = Sample([values.shape, (3, 7)], 3)
    taken = sample.of_arrays([values, np.ones((3, 7), np.float32)])
    assert taken.shape == (MOST_OF_A_VARIABLE + 7, 3)
    assert sample.weights_N.sum() == pytest.approx(400 * 120 + 7)
    assert np.abs(taken[:-7]).mean(axis=0) == pytest.approx(
        np.abs(values).mean(axis=(0, 2)), rel=0.05
    )
    assert np.isin(taken[:-7, 1], values[:, 1]).all()


def test_shares_of_all_kinds_of_numbers():
    gradient_NP = np.array([[0.0, 1e-30], [np.nan, 1e9], [-1.5e-8, np.inf], [2.0, -0.0]])
    share_PB, zero_P, not_finite_P = shares(gradient_NP, np.array([1.0, 1.0, 2.0, 1.0]))
    assert zero_P == pytest.approx([0.2, 0.2])
    assert not_finite_P == pytest.approx([0.2, 0.4])
    (at,) = np.flatnonzero((EDGES[:-1] <= -7.82) & (EDGES[1:] > -7.82))
    assert share_PB[0, at] == pytest.approx(0.4)
    assert share_PB[1, [0, BINS - 1]] == pytest.approx([0.2, 0.2])


def test_mean_and_variance_over_what_is_known():
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    mean_P, variance_P = mean_and_variance(values, np.array([1.0, 3.0, 9.0]))
    np.testing.assert_allclose(mean_P, [2.5, np.nan])
    np.testing.assert_allclose(variance_P, [0.75, np.nan])


ON_JAX = """
import json
import pathlib

import keras
from training.test_gradients import ADAM, CohortTraining, heads, made_data, recording, trained
from training.test_gradients import cohort_of_networks, network_of, training_of

assert keras.backend.backend() == "jax"
training = CohortTraining(made_data())
without, _ = trained(training, heads(ADAM))
recorded, result = trained(training, recording(heads(ADAM)))
cohort = cohort_of_networks((0.01, 0.03), epochs=13)
training = training_of(network_of("dropout"), pathlib.Path("."), kind="dropout")
plain, _ = trained(training, cohort)
same, of_networks = trained(training, recording(cohort))
print(json.dumps({
    "is_same": bool((recorded == without).all() and (same == plain).all()),
    "share": result.gradients[0].share_PB.tolist(),
    "mean": result.gradients[0].rate_mean_P.tolist(),
    "of_networks": [it.share_PB.shape for it in of_networks.gradients],
}))
"""


def test_tensorflow_equals_jax(tmp_path):
    on_jax = printed_on_jax(ON_JAX, tmp_path)
    assert on_jax["is_same"]
    _, result = trained(head_training(), recording(heads(ADAM)))
    np.testing.assert_allclose(on_jax["share"], result.gradients[0].share_PB, atol=0.02)
    np.testing.assert_allclose(on_jax["mean"], result.gradients[0].rate_mean_P, rtol=0.05)
    assert on_jax["of_networks"] == [[2, BINS]]
