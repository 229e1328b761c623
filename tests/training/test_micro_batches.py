"""A batch in micro-batches is the same batch: the same gradient, figures and training."""

import gc

import numpy as np
import pytest
import tensorflow as tf
from training.made_cohorts import (
    BATCH,
    ELEMENT_WISE,
    RATES,
    assert_close,
    cohort_of,
    made_data,
    train,
)

from sweep.training.loop import CohortTraining

LABELS = {"adam", "adam-warmup", "adamw", "radam", "rmsprop", "sgd-momentum"}


@pytest.mark.parametrize(
    "optimizer",
    [optimizer for optimizer in ELEMENT_WISE if optimizer.label in LABELS],
    ids=lambda optimizer: optimizer.label,
)
def test_micro_batches_equal_whole_batches(optimizer):
    """At every rate, over ten steps, the last of them of a batch that is not full."""
    data = made_data(train=9 * BATCH + 3)
    epochs, whole = train(cohort_of(optimizer), data)
    micro_epochs, micro = train(cohort_of(optimizer), data, micro_batches=4)
    assert_equal(micro_epochs, micro, epochs, whole)
    assert (whole.provenance["micro_batches"], micro.provenance["micro_batches"]) == (1, 4)


@pytest.mark.parametrize("count", [2, 3, 8])
def test_any_number_of_micro_batches(count):
    """Three do not divide a batch of eight; eight are of one picture each."""
    optimizer = ELEMENT_WISE[0]
    data = made_data()
    epochs, whole = train(cohort_of(optimizer), data)
    assert_equal(*train(cohort_of(optimizer), data, micro_batches=count), epochs, whole)


def assert_equal(epochs, result, expected_epochs, expected):
    for member in range(len(RATES)):
        assert_close(result.valid_logits_PV[member], expected.valid_logits_PV[member])
    for epoch, other in zip(epochs, expected_epochs, strict=True):
        assert_close(epoch.train_loss_P, other.train_loss_P)
        assert_close(epoch.valid_loss_P, other.valid_loss_P)
        assert np.abs(epoch.train_accuracy_P - other.train_accuracy_P).max() < 0.02


def test_evaluation_takes_smaller_batches_too():
    training = CohortTraining(made_data(valid=1000))
    training._new_step(ELEMENT_WISE[0].model_dump_json(), 2, 1)
    sizes = []
    for micro_batches in (1, 8):
        step = training._new_step(ELEMENT_WISE[0].model_dump_json(), 2, micro_batches)
        compiled = step._compiled_logits

        def noting(features, rows, compiled=compiled):
            sizes.append(len(rows))
            return compiled(features, rows)

        step._compiled_logits = noting
        assert step.logits(np.arange(1080)).shape == (1080, 2)
    assert set(sizes[:3]) == {512}
    assert set(sizes[3:]) == {64}


def test_whole_batches_are_compiled_as_before():
    """One micro-batch needs no loop: what is compiled is what was without any."""
    training = CohortTraining(made_data())
    for micro_batches, loops in ((1, False), (2, True)):
        step = training._new_step(ELEMENT_WISE[0].model_dump_json(), 2, micro_batches)
        graph = step._compiled_step.get_concrete_function(
            step._features_NF,
            step._labels_N,
            np.zeros(BATCH, np.int32),
            np.zeros(BATCH, np.float32),
        ).graph
        assert any("While" in node.type for node in graph.get_operations()) is loops


def test_freed_cohorts_give_their_memory_back():
    """All of it: what TensorFlow keeps for good would hold the graphs, and they the variables."""
    data = made_data()
    training = CohortTraining(data, cohorts_kept=2)
    before = resources()
    for optimizer in ELEMENT_WISE[:4]:
        train(cohort_of(optimizer), data, training=training)
    assert len(training._steps) == 2
    kept = resources()
    assert training.free()
    assert before == resources() < kept
    assert not training.free()
    assert training.cohorts_kept == 1


def resources():
    """How many variables there are that TensorFlow holds memory for."""
    gc.collect()
    held = (each for each in gc.get_objects() if issubclass(type(each), tf.Tensor))
    return sum(tensor.dtype == tf.resource and hasattr(tensor, "numpy") for tensor in held)
