"""Learning rates that are cut where the validation loss stays: Keras' callback, trial by trial.

P trials, T epochs.
"""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from training import made_networks
from training.made_cohorts import STEPS, assert_close, cohort_of, made_data, train

from sweep.study import Optimizer, ReduceOnPlateau, StepDecay
from sweep.tasks import models
from sweep.training.cohort_plan import example_order
from sweep.training.loop import CohortTraining
from sweep.training.plateau import Plateau, with_factors

P, T = 6, 40


def by_keras(schedule: ReduceOnPlateau, losses_T: np.ndarray) -> list[float]:
    """The learning rate after every epoch, that of the start 1."""
    callback = keras.callbacks.ReduceLROnPlateau(
        factor=schedule.factor,
        patience=schedule.patience,
        min_delta=schedule.min_delta,
        cooldown=schedule.cooldown,
        min_lr=schedule.least,
    )
    optimizer = SimpleNamespace(learning_rate=1.0)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses_T):
        callback.on_epoch_end(epoch, {"val_loss": float(loss)})
        rates.append(float(optimizer.learning_rate))
    return rates


@pytest.mark.parametrize(
    "schedule",
    [
        ReduceOnPlateau(patience=1),
        ReduceOnPlateau(factor=0.5, patience=3),
        ReduceOnPlateau(factor=0.5, patience=2, cooldown=2),
        ReduceOnPlateau(factor=0.3, patience=2, least=0.1, min_delta=0.3),
    ],
    ids=str,
)
def test_it_takes_the_steps_of_keras_callback(schedule):
    """To 1e-6: Keras keeps the learning rate in float32."""
    losses_TP = np.random.default_rng(0).normal(1, 0.3, (T, P)) - np.linspace(0, 1, T)[:, None]
    plateau, factors = Plateau(schedule, P), []
    for loss_P in losses_TP:
        plateau.end(loss_P)
        factors.append(plateau.factor_P)
    expected = np.transpose([by_keras(schedule, losses_T) for losses_T in losses_TP.T])
    np.testing.assert_allclose(factors, expected, rtol=1e-6)
    assert np.unique(expected, axis=1).shape[1] > 1  # of which each has its own


def test_another_schedule_leaves_factors_at_one():
    plateau = Plateau(StepDecay(factor=0.1, epochs=(1,)), 2)
    plateau.end(np.array([1.0, 2.0]))
    plateau.end(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(plateau.factor_P, 1)


def test_factors_of_some_steps():
    row_1K = np.ones((1, 4), np.float32)
    assert with_factors(row_1K, slice(2, 4), np.ones(3)) is row_1K
    cut_PK = with_factors(row_1K, slice(2, 4), np.array([1.0, 0.5]))
    np.testing.assert_array_equal(cut_PK, [[1, 1, 1, 1], [1, 1, 0.5, 0.5]])
    np.testing.assert_array_equal(row_1K, 1)


def test_in_a_cohort_each_trial_is_cut_by_its_own_losses():
    """Together as alone, and what is recorded is what was trained."""
    schedule = ReduceOnPlateau(factor=0.5, patience=1, min_delta=0.15)
    optimizer = Optimizer(label="p", algorithm="adam", schedule=schedule)
    rates, data, epochs = (0.03, 0.003), made_data(), 3
    training = CohortTraining(data)
    together = train(cohort_of(optimizer, rates, epochs=epochs), data, training)
    multiplier_PK = together.result.multiplier_PK
    assert multiplier_PK.shape == (2, epochs * STEPS)
    assert [row[-1] for row in multiplier_PK] == [1.0, 0.5]
    (last,) = (each for each in together.epochs if each.epoch == epochs)
    np.testing.assert_allclose(last.effective_learning_rate_P, [0.03, 0.0015], rtol=1e-6)
    for trial, rate in enumerate(rates):
        alone = train(cohort_of(optimizer, (rate,), epochs=epochs), data, training)
        assert_close(together.logits_PV[trial], alone.logits_PV[0])
        np.testing.assert_array_equal(alone.result.multiplier_PK[0], multiplier_PK[trial])
    adam = Optimizer(label="a", algorithm="adam")
    as_ever = train(cohort_of(adam, rates, epochs=epochs), data, training)
    np.testing.assert_array_equal(together.logits_PV[0], as_ever.logits_PV[0])
    assert not np.array_equal(together.logits_PV[1], as_ever.logits_PV[1])


IN_NETWORKS = ReduceOnPlateau(factor=0.5, patience=1, min_delta=0.05)


def test_a_network_is_cut_where_keras_fit_is(tmp_path):
    """The same weights and batches, and the rate of each epoch.

    Over 12 steps of a low rate, which lowers the loss too little; together as alone is tested with
    all that networks train together (``test_networks``).
    """
    optimizer, rate = Optimizer(label="p", algorithm="adam", schedule=IN_NETWORKS), 0.0003
    network, examples = made_networks.network_of("dense"), made_networks.made_examples()
    cohort = made_networks.cohort_of((rate,), optimizer, epochs=3)
    (_, *epochs), _ = made_networks.train(made_networks.training_of(network, tmp_path), cohort)
    inputs, targets, count = examples.inputs_N, examples.targets_N, made_networks.TRAIN
    model = models.build(network, inputs.shape[1:], 3, seed=0)
    model.compile(
        keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=0.05)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for told in epochs:
        rates.append(float(model.optimizer.learning_rate))
        order = example_order(0, told.epoch, count)
        fitted = model.fit(
            inputs[order],
            targets[order],
            made_networks.BATCH,
            shuffle=False,
            verbose=0,
            validation_data=(inputs[count:], targets[count:]),
        )
        (loss,) = fitted.history["val_loss"]
        assert told.valid_loss_P[0] == pytest.approx(loss, abs=2e-3)
        callback.on_epoch_end(told.epoch, {"val_loss": loss})
    assert rates == pytest.approx([rate, rate, rate / 2], rel=1e-6)
    assert [told.effective_learning_rate_P[0] for told in epochs] == pytest.approx(rates, rel=1e-6)
