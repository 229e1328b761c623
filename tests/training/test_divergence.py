"""Trials that diverge, at any step and by any optimizer: seen, and nothing to their neighbours."""

from functools import cache

import numpy as np
import pytest
from training.made_cohorts import BATCH, STEPS, cohort_of, made_data, train

from sweep.study.optimizer import Optimizer
from sweep.training.loop import CohortTraining

CALM = (0.003, 0.005, 0.01, 0.05, 0.1)
OPTIMIZERS = [
    Optimizer(label="sgd-momentum", algorithm="sgd", settings={"momentum": 0.9}),
    Optimizer(label="adam", algorithm="adam"),
    Optimizer(label="radam", algorithm="radam"),
]


@cache
def calm_cohort(label):
    """What trains cohorts of an optimizer, compiled once, and one of which no trial diverges."""
    (optimizer,) = (each for each in OPTIMIZERS if each.label == label)
    training = CohortTraining(made_data())
    return training, train(cohort_of(optimizer, CALM, epochs=3), training.data, training)


@pytest.mark.parametrize("wild", [1e25, 1e30, 1e38], ids="{:.0e}".format)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.label)
def test_diverging_trials_leave_their_neighbours_bit_identical(optimizer, wild):
    """Two of five diverge, in the first step or later, by infinities or NaN."""
    training, calm = calm_cohort(optimizer.label)
    rates = (CALM[0], wild, CALM[2], wild / 100, CALM[4])
    trained = train(cohort_of(optimizer, rates, epochs=3), training.data, training)
    assert calm.result.diverged_at_epoch_P == (None,) * 5
    assert [epoch is None for epoch in trained.result.diverged_at_epoch_P] == [True, False] * 2 + [
        True
    ]
    for member in (0, 2, 4):
        assert np.array_equal(trained.logits_PV[member], calm.logits_PV[member])
        for epoch, expected in zip(trained.epochs, calm.epochs, strict=True):
            for field in ("train_loss_P", "train_accuracy_P", "valid_loss_P", "valid_accuracy_P"):
                assert getattr(epoch, field)[member] == getattr(expected, field)[member]


def test_divergence_in_a_later_epoch():
    """Weight decay multiplies the weights by 1 − rate · decay a step, until they overflow."""
    decaying = Optimizer(label="d", algorithm="sgd", settings={"weight_decay": 0.5})
    cohort = cohort_of(decaying, (0.003, 4.5, 6.0, 10.0), epochs=12)
    calm = cohort_of(decaying, (0.003, 0.004, 0.005, 0.006), epochs=12)
    training = CohortTraining(made_data())
    trained = train(cohort, training.data, training)
    epochs, expected = trained.epochs, train(calm, training.data, training).epochs[-1]
    first, second, third = trained.result.diverged_at_epoch_P[1:]
    assert first > second > third > 1
    for member, at_epoch in ((1, first), (2, second), (3, third)):
        losses = [(e.train_loss_P[member], e.valid_loss_P[member]) for e in epochs]
        assert np.isfinite(losses[:at_epoch]).all()
        assert not np.isfinite(losses[at_epoch]).all()
    assert epochs[-1].valid_loss_P[0] == expected.valid_loss_P[0]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.label)
def test_weights_lost_in_the_last_step_are_seen_in_the_validation_loss(optimizer):
    """One step an epoch: its loss is that of the weights before it, and finite."""
    whole_batch = STEPS * BATCH
    cohort = cohort_of(optimizer, (0.003, 1e35), epochs=2, batch=whole_batch)
    trained = train(cohort, made_data())
    assert np.isfinite(trained.epochs[1].train_loss_P).all()
    assert not np.isfinite(trained.epochs[1].valid_loss_P[1])
    assert trained.result.diverged_at_epoch_P == (None, 1)
