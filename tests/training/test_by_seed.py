"""Each seed trains on its own examples, by their numbers in one pool."""

from dataclasses import replace

import numpy as np
from training.made_cohorts import BATCH, STEPS, cohort_of, made_data, train

from sweep.data.by_seed import seed_splits
from sweep.study.optimizer import Optimizer
from sweep.training.loop import CohortTraining

ADAM = Optimizer(label="adam", algorithm="adam")
RADAM = Optimizer(label="radam", algorithm="radam")


def pool():
    """Made data that each seed splits: two thirds to train on."""
    data = made_data()
    splits = seed_splits(data.labels_N.tolist(), range(len(data.labels_N)), 1 / 3)
    assert len(splits.rows(0).train) == data.train_count == STEPS * BATCH
    return replace(data, by_seed=splits)


def parted(data, seed):
    """The same examples as one split has them: those to train on first."""
    rows = data.rows(seed)
    order = np.concatenate([rows.train, rows.valid])
    return replace(
        data, features_NF=data.features_NF[order], labels_N=data.labels_N[order], by_seed=None
    )


def assert_a_seed_trains_as_if_its_split_were_the_only_one():
    """Bit by bit where the batches are the same; before training all are one batch, in an order.

    ``test_cohort`` runs it on JAX too.
    """
    data = pool()
    shared = CohortTraining(data)
    for seed in (0, 1):
        by_seed = train(cohort_of(ADAM, seed=seed, epochs=2), data, shared).epochs
        alone = train(cohort_of(ADAM, seed=seed, epochs=2), parted(data, seed)).epochs
        for epoch, expected in zip(by_seed[1:], alone[1:], strict=True):
            for name in ("train_loss_P", "train_accuracy_P", "valid_loss_P", "valid_accuracy_P"):
                assert np.array_equal(getattr(epoch, name), getattr(expected, name)), name
        for name in ("train_loss_P", "valid_loss_P"):
            before, expected = getattr(by_seed[0], name), getattr(alone[0], name)
            np.testing.assert_allclose(before, expected, rtol=1e-6)


def test_a_seed_trains_as_if_its_split_were_the_only_one():
    assert_a_seed_trains_as_if_its_split_were_the_only_one()


def test_all_optimizers_and_rates_of_a_seed_have_the_same_split():
    """Before training they have the same loss on the same validation examples; seeds differ."""
    data = pool()
    shared = CohortTraining(data)
    first = {
        (optimizer.label, seed): train(cohort_of(optimizer, seed=seed), data, shared).epochs[0]
        for optimizer in (ADAM, RADAM)
        for seed in (0, 1)
    }
    for seed in (0, 1):
        losses_P = first["adam", seed].valid_loss_P
        assert np.array_equal(losses_P, first["radam", seed].valid_loss_P)
        assert len(set(losses_P.tolist())) == 1
    assert not np.array_equal(data.rows(0).valid, data.rows(1).valid)
