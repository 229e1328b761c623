"""Any number of classes: against a plain Keras model, alone, in micro-batches, and diverging."""

import keras
import numpy as np
import pytest
from training.made_cohorts import (
    BATCH,
    FEATURES,
    HIDDEN,
    RATES,
    assert_close,
    cohort_of,
    made_classes,
    train,
    trained_once,
    uncompiled,
    varied_cohort,
)

from sweep.optimizers.build import build
from sweep.study.optimizer import Optimizer
from sweep.training.loop import CohortTraining, example_order
from sweep.training.losses import evaluate
from sweep.training.stacked_heads import initial_weights

ADAM = Optimizer(label="adam", algorithm="adam")
SGD = Optimizer(label="sgd", algorithm="sgd", settings={"momentum": 0.9})


def keras_model(optimizer, learning_rate, class_count):
    """The head as a Keras model, with the weights that sweep starts seed 0 from."""
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            keras.layers.Dense(HIDDEN, "relu"),
            keras.layers.Dense(class_count),
        ]
    )
    model.set_weights(initial_weights(0, FEATURES, HIDDEN, class_count))
    model.compile(
        optimizer=build(optimizer, learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        run_eagerly=True,  # ten steps take less time than to compile them
    )
    return model


@pytest.mark.parametrize(("optimizer", "class_count"), [(ADAM, 10), (SGD, 3)], ids=["adam", "sgd"])
def test_trial_equals_keras_fit_on_the_same_batches(optimizer, class_count):
    data = made_classes(class_count)
    trained = trained_once(cohort_of(optimizer), made_classes, class_count)
    order = example_order(0, 1, data.train_count)
    features, valid = data.features_NF[order], data.features_NF[data.train_count :]
    for member in (0, 6):
        model = keras_model(optimizer, RATES[member], class_count)
        history = model.fit(
            features.astype(np.float32),
            data.labels_N[order],
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
        ).history
        assert_close(trained.logits_PV[member], model.predict(valid.astype(np.float32), verbose=0))
        assert_close(trained.epochs[1].train_loss_P[member], history["loss"][0])
        assert trained.epochs[1].train_accuracy_P[member] == pytest.approx(history["accuracy"][0])
        loss, accuracy = model.evaluate(
            valid.astype(np.float32), data.labels_N[data.train_count :], verbose=0
        )
        assert_close(trained.epochs[1].valid_loss_P[member], loss)
        assert trained.epochs[1].valid_accuracy_P[member] == pytest.approx(accuracy)


@pytest.mark.parametrize("class_count", [3, 10])
def test_trials_together_equal_each_alone(class_count):
    data = made_classes(class_count)
    optimizers = [
        Optimizer(label="r", algorithm="radam", settings={"beta_2": beta_2})
        for beta_2 in (0.5, 0.9, 0.999)
    ]
    rates = (0.003, 0.03, 0.1)
    together = train(varied_cohort(optimizers, rates), data)
    assert together.logits_PV.shape == (3, 40, class_count)
    for member, (optimizer, rate) in enumerate(zip(optimizers, rates, strict=True)):
        with uncompiled():
            alone = train(varied_cohort([optimizer], [rate]), data)
        assert_close(together.logits_PV[member], alone.logits_PV[0])


def test_it_learns():
    data = made_classes(3)
    epochs = train(cohort_of(ADAM, (0.01,), epochs=10), data).epochs
    assert epochs[-1].train_accuracy_P[0] > 0.9
    assert epochs[-1].train_loss_P[0] < 0.5 * epochs[0].train_loss_P[0]


def test_micro_batches_equal_whole_batches():
    data = made_classes(3, train=9 * BATCH + 3)
    whole = train(cohort_of(ADAM), data)
    micro = train(cohort_of(ADAM), data, micro_batches=4)
    for member in range(len(RATES)):
        assert_close(micro.logits_PV[member], whole.logits_PV[member])
    assert_close(micro.epochs[1].train_loss_P, whole.epochs[1].train_loss_P)


def test_diverging_trials_leave_their_neighbours_bit_identical():
    data = made_classes(3)
    training = CohortTraining(data)
    calm = train(cohort_of(SGD, (0.003, 0.005, 0.01), epochs=2), data, training)
    wild = train(cohort_of(SGD, (0.003, 1e30, 0.01), epochs=2), data, training)
    assert wild.result.diverged_at_epoch_P == (None, 1, None)
    for member in (0, 2):
        assert np.array_equal(wild.logits_PV[member], calm.logits_PV[member])
        for epoch, expected in zip(wild.epochs, calm.epochs, strict=True):
            assert epoch.valid_loss_P[member] == expected.valid_loss_P[member]


def test_same_cohort_twice_is_bit_identical():
    data = made_classes(3)
    shared = CohortTraining(data)
    first = train(cohort_of(ADAM), data, shared)
    train(cohort_of(ADAM, seed=1), data, shared)
    again = train(cohort_of(ADAM), data, shared)
    assert np.array_equal(first.logits_PV, again.logits_PV)


def test_evaluation_against_closed_forms():
    logits_NPC = np.array([[[0, 0, 0], [0, 1000, 0]], [[2, 0, 0], [0, 1000, 0]]], np.float32)
    loss_P, accuracy_P = evaluate(logits_NPC, np.array([0, 1], np.uint8))
    second = np.log(np.exp(2) + 2)
    assert loss_P == pytest.approx([(np.log(3) + second) / 2, 500])
    assert accuracy_P == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_evaluation_of_what_has_diverged(value):
    loss_P, _ = evaluate(np.full((2, 1, 3), value, np.float32), np.array([0, 2], np.uint8))
    assert not np.isfinite(loss_P[0])
