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
    trained_once,
    uncompiled,
)

from sweep.training.compiled import Shape
from sweep.training.loop import CohortTraining

LABELS = {"adam-warmup", "adamw", "radam", "rmsprop", "sgd-momentum"}


@pytest.mark.parametrize(
    "optimizer",
    [optimizer for optimizer in ELEMENT_WISE if optimizer.label in LABELS],
    ids=lambda optimizer: optimizer.label,
)
def test_micro_batches_equal_whole_batches(optimizer):
    """At every rate, over ten steps, the last of them of a batch that is not full."""
    data = made_data(train=9 * BATCH + 3)
    whole = train(cohort_of(optimizer), data)
    micro = train(cohort_of(optimizer), data, micro_batches=4)
    assert_equal(micro, whole)
    assert whole.result.provenance["micro_batches"] == 1
    assert micro.result.provenance["micro_batches"] == 4


@pytest.mark.parametrize("count", [2, 3, 8])
def test_any_number_of_micro_batches(count):
    """Three do not divide a batch of eight; eight are of one picture each."""
    optimizer = ELEMENT_WISE[0]
    micro = train(cohort_of(optimizer), made_data(), micro_batches=count)
    assert_equal(micro, trained_once(cohort_of(optimizer)))


def assert_equal(trained, expected):
    for member in range(len(RATES)):
        assert_close(trained.logits_PV[member], expected.logits_PV[member])
    for epoch, other in zip(trained.epochs, expected.epochs, strict=True):
        assert_close(epoch.train_loss_P, other.train_loss_P)
        assert_close(epoch.valid_loss_P, other.valid_loss_P)
        assert np.abs(epoch.train_accuracy_P - other.train_accuracy_P).max() < 0.02


def compiled(training, cohort, micro_batches):
    """What trains the cohort, anew; TensorFlow compiles it only when it is called."""
    trials = len(cohort.trials)
    with uncompiled():
        return training.compiled.take(
            Shape.of(cohort.config, (), trials), cohort.config, micro_batches
        )


def test_evaluation_takes_smaller_batches_too():
    training = CohortTraining(made_data(valid=1000))
    sizes = []
    for micro_batches in (1, 8):
        predictions = compiled(training, cohort_of(ELEMENT_WISE[0]), micro_batches).predictions
        compiled_logits = predictions._compiled_logits

        def noting(inputs, rows, compiled_logits=compiled_logits):
            sizes.append(len(rows))
            return compiled_logits(inputs, rows)

        predictions._compiled_logits = noting
        with uncompiled():
            assert predictions.logits(np.arange(1080)).shape == (1080, len(RATES))
    assert set(sizes[:3]) == {512}
    assert set(sizes[3:]) == {64}


def test_whole_batches_are_compiled_as_before():
    """One micro-batch needs no loop: what is compiled is what was without any."""
    training = CohortTraining(made_data())
    for micro_batches, loops in ((1, False), (2, True)):
        step = compiled(training, cohort_of(ELEMENT_WISE[0]), micro_batches).step
        graph = step._compiled_step.get_concrete_function(
            step._examples.inputs,
            step._examples.labels_B,
            np.zeros(BATCH, np.int32),
            np.zeros(BATCH, np.float32),
        ).graph
        assert any("While" in node.type for node in graph.get_operations()) is loops


def test_freed_cohorts_give_their_memory_back():
    """All of it: what TensorFlow keeps for good would hold the graphs, and they the variables."""
    data = made_data()
    training = CohortTraining(data, cohorts_kept=2)
    before = resources()
    for optimizer in ELEMENT_WISE[:3]:
        train(cohort_of(optimizer), data, training=training)
    assert len(training.compiled) == 2
    kept = resources()
    assert training.free()
    assert before == resources() < kept
    assert not training.free()
    assert training.compiled.kept == 1


def resources():
    """How many variables there are that TensorFlow holds memory for."""
    gc.collect()
    held = (each for each in gc.get_objects() if issubclass(type(each), tf.Tensor))
    return sum(tensor.dtype == tf.resource and hasattr(tensor, "numpy") for tensor in held)
