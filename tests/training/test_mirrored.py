"""Training on mirror images too: an epoch's rows are as the seed draws them.

The reference trains on rows that are put together by hand, one of the two of each example.
"""

from dataclasses import replace

import numpy as np
import pytest
from training.made_cohorts import (
    BATCH,
    RATES,
    assert_close,
    cohort_of,
    made_classes,
    made_data,
    train,
)
from training.test_by_seed import pool
from training.test_cohort import keras_model
from training.test_sparse import sparse

from sweep.study.optimizer import Optimizer

ADAM = Optimizer(label="adam", algorithm="adam")
ALONE = Optimizer(label="clipped", algorithm="adam", settings={"global_clipnorm": 1.0})


def mirror_images(data):
    """Other features of the same examples, as many of them 0."""
    return np.ascontiguousarray(data.features_NF[:, ::-1])


def with_mirrored(data):
    return replace(data, features_NF=np.concatenate([data.features_NF, mirror_images(data)]))


def drawn_by_hand(data, seed, epoch):
    """The features of an epoch: of training examples one of the two, of the others their own."""
    rows = data.rows(seed).train
    rows = rows[np.random.default_rng([seed, 3, epoch]).integers(0, 2, len(rows)) == 1]
    assert 0.3 < len(rows) / data.train_count < 0.7
    features_NF = data.features_NF.copy()
    features_NF[rows] = mirror_images(data)[rows]
    return features_NF


def assert_an_epoch_trains_on_what_is_drawn(data, optimizer=ADAM, rates=RATES, micro_batches=1):
    """To the last bit; ``test_cohort`` runs it on JAX too."""
    cohort = cohort_of(optimizer, rates, seed=1)
    mine = train(cohort, with_mirrored(data), micro_batches=micro_batches)
    by_hand = replace(data, features_NF=drawn_by_hand(data, 1, 1))
    reference = train(cohort, by_hand, micro_batches=micro_batches)
    for name in ("train_loss_P", "train_accuracy_P", "valid_loss_P", "valid_accuracy_P"):
        assert np.array_equal(getattr(mine.epochs[1], name), getattr(reference.epochs[1], name))
    before, expected = mine.epochs[0], reference.epochs[0]
    assert_close(before.valid_loss_P, expected.valid_loss_P, 1e-6)
    return mine


@pytest.mark.parametrize(
    ("data", "changes"),
    [
        (pool(), {"micro_batches": 3}),
        (made_classes(3), {"optimizer": ALONE, "rates": (0.01,)}),
    ],
    ids=["two classes, split by seed, in micro-batches", "three classes, alone"],
)
def test_an_epoch_trains_on_what_is_drawn(data, changes):
    assert_an_epoch_trains_on_what_is_drawn(data, **changes)


def test_the_sparse_kernel_takes_what_is_drawn():
    mine = assert_an_epoch_trains_on_what_is_drawn(sparse(made_data()))
    assert mine.result.provenance["kernel"] == "numba"


def test_every_epoch_draws_anew_and_all_is_as_keras_trains_on_rows_by_hand():
    """Before training and in validation, pictures are seen as they are."""
    data, rate, epochs = made_data(), 0.01, 3
    mine = train(cohort_of(ADAM, (rate,), epochs=epochs), with_mirrored(data))
    model = keras_model(ADAM, rate, epochs * data.train_count // BATCH)
    as_they_are = data.features_NF.astype(np.float32)
    train_rows, valid_rows = slice(data.train_count), slice(data.train_count, None)
    loss, _ = model.evaluate(as_they_are[train_rows], data.labels_N[train_rows], verbose=0)
    assert_close(mine.epochs[0].train_loss_P[0], loss, 1e-5)
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng([0, 1, epoch]).permutation(data.train_count)
        history = model.fit(
            drawn_by_hand(data, 0, epoch)[order].astype(np.float32),
            data.labels_N[order].astype(np.float32),
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
        ).history
        assert_close(mine.epochs[epoch].train_loss_P[0], history["loss"][0])
    assert_close(mine.logits_PV[0], np.asarray(model(as_they_are[valid_rows]))[:, 0])


def test_the_features_of_both_travel_as_one_array():
    """As to a worker of a cluster, which gets the large array by itself."""
    data = with_mirrored(made_data())
    arrived = data.with_large(np.empty(0)).with_large(data.large)
    assert arrived.have_mirrored
    assert arrived.feature_labels.tolist() == 2 * data.labels_N.tolist()
    assert arrived.rows(0).valid.max() == len(data.labels_N) - 1
