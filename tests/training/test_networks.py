"""Networks trained end to end: against Keras' own ``fit``, and together against alone.

Tolerance: as for heads (``made_cohorts``), float32 rounding grows from step to step; equality is
claimed over the first 8 steps, within 2e-3 of a figure's scale.
"""

from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pytest
from processes import printed_on_jax
from training.made_networks import (
    ADAM,
    BATCH,
    TRAIN,
    cohort_of,
    examples_of,
    figures,
    made_examples,
    network_of,
    train,
    training_of,
)
from training.own_networks import SEQUENCE

from sweep.errors import StudyError
from sweep.study.metric import Metric
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import StepDecay, Warmup
from sweep.tasks import models
from sweep.training.cohort_plan import example_order
from sweep.training.networks import checkpoints
from sweep.training.networks.members import values_of

TOLERANCE = 2e-3


@pytest.mark.parametrize("kind", ["dense", "batch_normalization", "convolution", "penalized"])
def test_one_network_trains_as_keras_fit_does(kind, tmp_path):
    """The same initial weights and batches, the last one smaller; all figures of all epochs."""
    training = training_of(network_of(kind), tmp_path, kind=kind)
    epochs, _ = train(training, cohort_of((0.01,)))
    examples = made_examples(kind)
    model = models.build(network_of(kind), examples.inputs_N.shape[1:], 3, seed=0)
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        run_eagerly=True,  # eight steps take less time than to compile them
    )
    inputs, targets = examples.inputs_N, examples.targets_N
    for epoch in (1, 2):
        order = example_order(0, epoch, TRAIN)
        history = model.fit(
            inputs[order],
            targets[order],
            BATCH,
            shuffle=False,
            verbose=0,
            validation_data=(inputs[TRAIN:], targets[TRAIN:]),
        ).history
        penalty = 0.0 if kind != "penalized" else float(sum(map(np.asarray, model.losses)))
        names = ("loss", "accuracy", "val_loss", "val_accuracy")
        expected = [history[name][0] for name in names]
        expected[2] -= penalty  # fit counts penalties in the validation loss too
        np.testing.assert_allclose(figures(epochs)[epoch, :, 0], expected, atol=TOLERANCE)


def test_epoch_0_is_the_evaluation_before_training(tmp_path):
    examples = made_examples()
    epochs, _ = train(training_of(network_of("dense"), tmp_path), cohort_of((0.01,)))
    model = models.build(network_of("dense"), SEQUENCE, 3, seed=0)
    logits = model.predict(examples.inputs_N, verbose=0).astype(np.float64)
    right = logits.argmax(axis=-1) == examples.targets_N
    assert epochs[0].train_accuracy_P == pytest.approx(right[:TRAIN].mean())
    assert epochs[0].valid_accuracy_P == pytest.approx(right[TRAIN:].mean())
    assert np.isnan(epochs[0].effective_learning_rate_P).all()


def test_a_last_softmax_is_taken_off(tmp_path):
    epochs, _ = train(training_of(network_of("softmax"), tmp_path), cohort_of((0.01,)))
    logits = models.build(network_of("softmax"), SEQUENCE, 3, seed=0)
    logits.layers[-1].activation = keras.activations.linear
    found = logits.predict(made_examples().inputs_N[TRAIN:], verbose=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    expected = float(loss(made_examples().targets_N[TRAIN:], found))
    assert epochs[0].valid_loss_P == pytest.approx(expected, rel=1e-5)


def test_seeds_draw_other_weights_and_orders(tmp_path):
    training = training_of(network_of("dense"), tmp_path)
    first, _ = train(training, cohort_of((0.01,)))
    other, _ = train(training, cohort_of((0.01,), seed=1))
    again, _ = train(training, cohort_of((0.01,)))
    assert not np.array_equal(figures(first), figures(other))
    np.testing.assert_array_equal(figures(first), figures(again))


def test_built_in_weights_come_from_the_seed_alone():
    """Not from the process's random numbers, nor from the backend's."""
    shape, network = (8, 8, 1), network_of("x", model="small-cnn", data="digits")
    first = values_of(models.build(network, shape, 10, seed=4).variables)
    keras.utils.set_random_seed(99)
    again = values_of(models.build(network, shape, 10, seed=4).variables)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_resnet20_is_that_of_the_paper():
    """Its weights, counted layer by layer: 19 convolutions, 2 shortcuts, normalization, Dense."""
    network = network_of("x", model="resnet20", data="cifar-10")
    model = models.build(network, (32, 32, 3), 10, seed=0)
    widths = [3, *[16] * 7, *[32] * 6, *[64] * 6]
    convolutions = sum(9 * a * b for a, b in pairwise(widths))
    shortcuts = 16 * 32 + 32 * 64
    normalized = 2 * (sum(widths[1:]) + 32 + 64)
    trained = sum(int(np.prod(each.shape)) for each in model.trainable_variables)
    assert trained == convolutions + shortcuts + normalized + 64 * 10 + 10
    assert model.output_shape == (None, 10)
    first = np.asarray(model.trainable_variables[0])
    assert first.std() == pytest.approx(np.sqrt(2 / (9 * 16)), rel=0.1)  # fan out


def test_micro_batches_are_the_same_batch(tmp_path):
    training = training_of(network_of("dense"), tmp_path)
    whole, _ = train(training, cohort_of((0.01,)))
    parts, result = train(training, cohort_of((0.01,)), micro_batches=3)
    np.testing.assert_allclose(figures(parts), figures(whole), atol=TOLERANCE)
    assert result.provenance["micro_batches"] == 3


@pytest.mark.parametrize("kind", ["batch_normalization", "dropout"])
def test_where_parts_are_another_batch_there_are_none(kind, tmp_path):
    training = training_of(network_of(kind), tmp_path, kind=kind)
    with pytest.raises(StudyError, match=f"a batch of 8 examples of .*{kind} cannot be cut"):
        list(training.train(cohort_of((0.01,)), micro_batches=2))


@pytest.mark.parametrize("kind", ["batch_normalization", "dropout"])
def test_rounded_otherwise_where_batches_cannot_be_cut(kind, tmp_path):
    """The last bits of the weights differ: figures do too, by no more than rounding at first."""
    training = training_of(network_of(kind), tmp_path, kind=kind)
    cohort = cohort_of((0.01,))
    first, _ = train(training, cohort)
    again, result = train(training, replace(cohort, micro_batches=2), micro_batches=2)
    assert not np.array_equal(figures(again), figures(first))
    np.testing.assert_allclose(figures(again), figures(first), atol=TOLERANCE)
    assert result.provenance["initial_weights"] == "last bits changed"
    assert result.provenance["micro_batches"] == 1
    third, result = train(training, cohort)
    np.testing.assert_array_equal(figures(third), figures(first))
    assert "initial_weights" not in result.provenance


def test_a_killed_training_goes_on_in_its_middle(tmp_path, monkeypatch):
    """Dropout's seeds, batch normalization's means and Adam's moments: the same to the last bit."""
    monkeypatch.setattr(checkpoints, "AT_MOST_EVERY_SECONDS", 0)
    network = network_of("many_layers", callback="training.own_networks:halving")
    cohort = cohort_of((0.01,), epochs=4)
    expected, _ = train(training_of(network, tmp_path / "whole"), cohort)
    events = training_of(network, tmp_path / "cut").train(cohort)
    for _ in range(3):  # epochs 0, 1 and 2; the checkpoint is that after epoch 1
        next(events)
    events.close()
    (left,) = (tmp_path / "cut/checkpoints").glob("*.npz")
    told = []
    monkeypatch.setattr("sweep.training.networks.training._Training._train_epoch", _counting(told))
    found, _ = train(training_of(network, tmp_path / "cut"), cohort)
    assert told == [2, 3, 4]
    np.testing.assert_array_equal(figures(found), figures(expected))
    rates = [epoch.effective_learning_rate_P[0] for epoch in found[1:]]
    np.testing.assert_allclose(rates, [0.01, 0.005, 0.0025, 0.00125])
    assert not left.exists()


def _counting(told):
    from sweep.training.networks.training import _Training

    real = _Training._train_epoch

    def train_epoch(self, epoch):
        told.append(epoch)
        return real(self, epoch)

    return train_epoch


def test_a_damaged_checkpoint_is_passed_over(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(checkpoints, "AT_MOST_EVERY_SECONDS", 0)
    network, cohort = network_of("dense"), cohort_of((0.01,))
    expected, _ = train(training_of(network, tmp_path / "whole"), cohort)
    events = training_of(network, tmp_path).train(cohort)
    for _ in range(3):
        next(events)
    events.close()
    (left,) = (tmp_path / "checkpoints").glob("*.npz")
    left.write_bytes(left.read_bytes()[:-200])
    found, _ = train(training_of(network, tmp_path), cohort)
    np.testing.assert_array_equal(figures(found), figures(expected))
    assert "cannot be read" in caplog.text


def test_a_short_training_leaves_no_checkpoint(tmp_path):
    train(training_of(network_of("dense"), tmp_path), cohort_of((0.01,)))
    assert not (tmp_path / "checkpoints").exists()


def test_schedule_and_warmup_are_taken_and_recorded(tmp_path):
    optimizer = Optimizer(
        label="s",
        algorithm="sgd",
        warmup=Warmup(steps=4),
        schedule=StepDecay(factor=0.1, epochs=(1, 2)),
    )
    epochs, result = train(
        training_of(network_of("dense"), tmp_path), cohort_of((0.5,), optimizer, epochs=3)
    )
    rates = [epoch.effective_learning_rate_P[0] for epoch in epochs[1:]]
    np.testing.assert_allclose(rates, [0.5, 0.05, 0.005], rtol=1e-6)
    np.testing.assert_allclose(
        result.multiplier_PK[0, :9], [0.25, 0.5, 0.75, 1, 0.1, 0.1, 0.1, 0.1, 0.01], rtol=1e-6
    )


def test_a_callback_may_not_stop_the_training(tmp_path):
    network = network_of("dense", callback="training.own_networks:stopping")
    with pytest.raises(StudyError, match="stopping stops the training"):
        list(training_of(network, tmp_path).train(cohort_of((0.01,))))


def test_any_loss_and_metric(tmp_path):
    """A regression by Keras' names: mean squared error, judged by the mean absolute error."""
    examples = made_examples()
    targets = examples.inputs_N.mean(axis=(1, 2))
    network = network_of(
        "one_output",
        loss="mse",
        measure="mae",
        metric=Metric(name="mean absolute error", unit="", direction="minimize", near=0.05),
    )
    numbers = examples_of(examples.inputs_N, targets, None)
    training = training_of(network, tmp_path, numbers)
    epochs, _ = train(training, cohort_of((0.01,), epochs=1))
    model = models.build(network, SEQUENCE, None, seed=0)
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], run_eagerly=True)
    order = example_order(0, 1, TRAIN)
    history = model.fit(
        examples.inputs_N[order],
        targets[order],
        BATCH,
        shuffle=False,
        verbose=0,
        validation_data=(examples.inputs_N[TRAIN:], targets[TRAIN:]),
    ).history
    expected = [history[name][0] for name in ("loss", "mae", "val_loss", "val_mae")]
    np.testing.assert_allclose(figures(epochs)[1, :, 0], expected, atol=TOLERANCE)


def test_a_divergence_is_told_with_its_epoch(tmp_path):
    network = network_of("one_output", loss="mse", measure="mae")
    examples = made_examples()
    far = examples_of(examples.inputs_N * 1e15, examples.inputs_N.mean(axis=(1, 2)) * 1e15, None)
    sgd = Optimizer(label="sgd", algorithm="sgd")
    _, result = train(training_of(network, tmp_path, far), cohort_of((10.0,), sgd))
    assert result.diverged_at_epoch_P == (1,)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"model": "training.own_networks:no_model"}, "returned int, no keras.Model"),
        ({"model": "training.own_networks:failing"}, "RuntimeError: no model today, seed 0"),
        ({"model": "training.own_networks:missing"}, "cannot be imported"),
        ({"model": "training.own_networks:SEQUENCE"}, "is tuple, which cannot be called"),
        ({"model": "training.own_networks:one_output"}, r"outputs of the shape \(1,\)"),
        ({"loss": "crossentropie"}, "no loss 'crossentropie'"),
        ({"measure": "accurracy"}, "no metric 'accurracy'"),
    ],
)
def test_what_does_not_fit_is_told(said, told, tmp_path):
    with pytest.raises(StudyError, match=told):
        training_of(network_of("dense", **said), tmp_path)


def test_targets_that_are_no_classes_want_a_loss(tmp_path):
    examples = made_examples()
    numbers = examples_of(examples.inputs_N, examples.targets_N / 2, None)
    with pytest.raises(StudyError, match="no loss: the targets of made:up are no classes"):
        training_of(network_of("dense"), tmp_path, numbers)


ON_JAX = """
import json, pathlib, sys
import numpy as np
import keras
from training.made_networks import *
from sweep.study.schedules import ReduceOnPlateau
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
from sweep.training.networks import compiled as module
from sweep.optimizers import probe
out = {}
module.alone_because = lambda model: None  # convolutions too
rates = (0.001, 0.01, 0.1)
for kind in KINDS:
    folder = pathlib.Path(kind)
    training = training_of(network_of(kind), folder, kind=kind)
    epochs, result = train(training, cohort_of(rates))
    assert "trained_alone" not in result.provenance
    module.alone_because = lambda model: "to compare"
    singles = alone(training_of(network_of(kind), folder, kind=kind), cohort_of(rates))
    module.alone_because = lambda model: None
    apart = np.concatenate([figures(each) for each in singles], axis=-1)
    out[kind] = [figures(epochs).tolist(), apart.tolist()]
plateau = Optimizer(
    label="p", algorithm="adam", schedule=ReduceOnPlateau(factor=0.5, patience=1, min_delta=0.05)
)
cohort = cohort_of((0.03, 0.0003), plateau, epochs=3)
epochs, _ = train(training_of(network_of("dense"), pathlib.Path("cut")), cohort)
module.alone_because = lambda model: "to compare"
singles = alone(training_of(network_of("dense"), pathlib.Path("cut")), cohort)
module.alone_because = lambda model: None
apart = np.concatenate([figures(each) for each in singles], axis=-1)
out["plateau"] = [figures(epochs).tolist(), apart.tolist()]
out["rates"] = [each.effective_learning_rate_P.tolist() for each in epochs[1:]]
out["rates apart"] = [
    [each[epoch].effective_learning_rate_P[0] for each in singles] for epoch in (1, 2, 3)
]
micro, _ = train(training_of(network_of("dense"), pathlib.Path("micro")), cohort, 3)
out["micro-batches"] = [figures(micro).tolist(), out["plateau"][0]]
print(json.dumps(out))
"""


def test_together_is_alone_on_jax(tmp_path):
    """Of every kind of layer, with the seeds of dropout and the means of batch normalization.

    And each is cut on a plateau of its own losses: the lower rate lowers them too little.
    """
    on_jax = printed_on_jax(ON_JAX, tmp_path)
    rates = on_jax.pop("rates")
    assert rates == on_jax.pop("rates apart")
    np.testing.assert_allclose(rates, [[0.03, 0.0003]] * 2 + [[0.03, 0.00015]], rtol=1e-6)
    for kind, (together, singles) in on_jax.items():
        np.testing.assert_allclose(together, singles, atol=TOLERANCE, err_msg=kind)
        last = np.array(together)[-1, 0]
        assert len({*last}) == len(last)  # the rates make a difference


def test_trials_of_one_network_on_tensorflow_train_alone(tmp_path):
    training = training_of(network_of("dense"), tmp_path)
    assert training.alone_because(cohort_of((0.1,)).config) == (
        "TensorFlow trains networks one at a time"
    )
    with pytest.raises(ValueError, match="train one by one"):
        list(training.train(cohort_of((0.01, 0.1), ADAM)))
