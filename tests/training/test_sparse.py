"""Features that are mostly zeros: the kernels' steps are those of the Keras optimizers.

The same features in float32 are not taken for sparse, so the stock path is the reference. Sums have
another order, so equality is within the tolerance that ``made_cohorts`` states, over its ten steps.
"""

import json
import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from processes import python_path
from training.made_cohorts import (
    BATCH,
    RATES,
    STEPS,
    assert_close,
    cohort_of,
    made_classes,
    made_data,
    train,
    uncompiled,
    varied_cohort,
)

from sweep.study.optimizer import BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.schedules import Warmup
from sweep.tasks.task import TrainingData
from sweep.training.loop import CohortTraining
from sweep.training.sparse import SPARSE_BELOW, can_be_compiled, has_kernel, is_sparse


def optimizer(algorithm, warmup=None, **settings):
    return Optimizer(label="o", algorithm=algorithm, settings=settings, warmup=warmup)


WITH_KERNEL = {
    "adam": optimizer("adam"),
    "adam decay and warm-up": optimizer("adam", warmup=Warmup(steps=4), weight_decay=0.1),
    "adamw": optimizer("adamw"),
    "radam": optimizer("radam"),
    "radam skip": optimizer("radam", below_threshold="skip"),
    "radam threshold 4": optimizer("radam", threshold=4.0, beta_2=0.9, weight_decay=0.1),
    "radam never rectified": optimizer("radam", beta_2=0.5),
    "sgd momentum": optimizer("sgd", momentum=0.9, weight_decay=0.1),
    "sgd nesterov": optimizer("sgd", momentum=0.9, nesterov=True),
}
WITHOUT_KERNEL = {
    "rmsprop": optimizer("rmsprop"),
    "adam amsgrad": optimizer("adam", amsgrad=True),
    "adam clipvalue": optimizer("adam", clipvalue=0.01),
    "adam clipnorm": optimizer("adam", clipnorm=0.1),
}


def sparse(data, zeros=0.8):
    """The same data with so many more zeros, as a share of all features."""
    is_zero = np.random.default_rng(9).random(data.features_NF.shape) < zeros
    features = np.where(is_zero, 0, data.features_NF).astype(np.float16)
    return TrainingData(features, data.labels_N, data.train_count, data.class_count)


def dense(data):
    features = data.features_NF.astype(np.float32)
    return TrainingData(features, data.labels_N, data.train_count, data.class_count)


def by_the_stock_path(cohort, data):
    with uncompiled():
        return train(cohort, dense(data))


def assert_same(mine, reference):
    assert_close(mine.logits_PV, reference.logits_PV)
    for epoch, other in zip(mine.epochs, reference.epochs, strict=True):
        assert_close(epoch.valid_loss_P, other.valid_loss_P)
        if epoch.epoch:
            assert_close(epoch.train_loss_P, other.train_loss_P)


@pytest.mark.parametrize("name", WITH_KERNEL)
def test_a_kernel_takes_the_steps_of_the_keras_optimizer(name):
    data, cohort = sparse(made_data()), cohort_of(WITH_KERNEL[name])
    mine, reference = train(cohort, data), by_the_stock_path(cohort, data)
    assert_same(mine, reference)
    assert mine.result.provenance["kernel"] == "numba"
    assert "kernel" not in reference.result.provenance
    assert mine.result.memory_bytes < reference.result.memory_bytes


@pytest.mark.parametrize("name", WITHOUT_KERNEL)
def test_what_has_no_kernel_trains_as_ever(name):
    data, rates = sparse(made_data()), RATES[:1]
    mine = train(cohort_of(WITHOUT_KERNEL[name], rates), data)
    assert "kernel" not in mine.result.provenance
    reference = train(cohort_of(WITHOUT_KERNEL[name], rates), dense(data))
    assert np.array_equal(mine.logits_PV, reference.logits_PV)


@pytest.mark.parametrize(
    "label", ["ranger", "lookahead-adam", "radam-keras-2019", "adam-2k", "adam-eps", "adam"]
)
def test_which_built_in_optimizers_have_a_kernel(label):
    config = cohort_of(BUILT_IN_OPTIMIZERS[label]).config
    assert has_kernel(config) == (label in ("adam-eps", "adam"))


@pytest.mark.parametrize(
    ("algorithm", "setting", "values"),
    [
        ("adam", "beta_1", (0.0, 0.5, 0.9)),
        ("radam", "beta_2", (0.5, 0.9, 0.9999)),
        ("adam", "epsilon", (1e-8, 1e-3, 0.1)),
        ("adamw", "weight_decay", (0.0, 0.1, 1.0)),
        ("sgd", "weight_decay", (0.0, 0.1, 1.0)),
    ],
)
def test_settings_may_differ_from_trial_to_trial(algorithm, setting, values):
    optimizers = [optimizer(algorithm, **{setting: value}) for value in values]
    cohort = varied_cohort(optimizers, (0.03,) * len(values))
    data = sparse(made_data())
    mine = train(cohort, data)
    assert_same(mine, by_the_stock_path(cohort, data))
    assert "kernel" in mine.result.provenance


@pytest.mark.parametrize("hidden_units", [128, 96])
@pytest.mark.parametrize("name", ["radam", "sgd nesterov"])
def test_hidden_units_of_several_slices_and_of_one_that_registers_do_not_hold(name, hidden_units):
    data, cohort = sparse(made_data()), cohort_of(WITH_KERNEL[name], hidden=hidden_units)
    mine = train(cohort, data)
    assert_same(mine, by_the_stock_path(cohort, data))
    assert "kernel" in mine.result.provenance


def test_more_classes_than_two_and_a_last_batch_that_is_not_full():
    data = sparse(made_classes(3, train=STEPS * BATCH - 5))
    cohort = cohort_of(WITH_KERNEL["adam"])
    mine, reference = train(cohort, data), by_the_stock_path(cohort, data)
    assert mine.logits_PV.shape == (len(RATES), 40, 3)
    assert_same(mine, reference)


def test_cohorts_of_all_optimizers_follow_each_other_as_if_each_were_the_first():
    data = sparse(made_data())
    training = CohortTraining(data)
    for seed in (0, 1):
        for each in (WITH_KERNEL["adam"], WITHOUT_KERNEL["rmsprop"], WITH_KERNEL["radam"]):
            cohort = cohort_of(each, RATES[:2], seed)
            mine, alone = train(cohort, data, training), train(cohort, data)
            assert np.array_equal(mine.logits_PV, alone.logits_PV)
            assert mine.epochs[0].valid_loss_P == pytest.approx(alone.epochs[0].valid_loss_P)


def test_a_trial_that_diverges_leaves_the_others_as_they_are():
    data = sparse(made_data())
    mine = train(cohort_of(WITH_KERNEL["sgd momentum"], (0.01, 1000.0), epochs=8), data)
    alone = train(cohort_of(WITH_KERNEL["sgd momentum"], (0.01,), epochs=8), data)
    assert mine.result.diverged_at_epoch_P[0] is None
    assert mine.result.diverged_at_epoch_P[1] is not None
    assert np.array_equal(mine.logits_PV[0], alone.logits_PV[0])


def test_micro_batches_take_the_stock_step():
    data, cohort = sparse(made_data()), cohort_of(WITH_KERNEL["adam"])
    assert "kernel" not in train(cohort, data, micro_batches=2).result.provenance


def test_what_is_sparse_and_what_is_not(monkeypatch):
    data = sparse(made_data())
    share = np.count_nonzero(data.features_NF) / data.features_NF.size
    assert share < SPARSE_BELOW
    assert is_sparse(data.features_NF)
    assert not is_sparse(made_data().features_NF)  # half of them are not 0
    assert not is_sparse(dense(data).features_NF)
    assert can_be_compiled()
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not can_be_compiled()
    training = train(cohort_of(WITH_KERNEL["sgd momentum"], RATES[:1]), data)
    assert "kernel" not in training.result.provenance


SUMS = """
import json, numba, numpy as np
from sweep.training import sparse_kernel as kernel
random = np.random.default_rng(0)
features = np.where(random.random((20, 1000)) < 0.8, 0, random.random((20, 1000)))
bits = features.astype(np.float16).view(np.uint16)
weights = random.standard_normal((3, 2, 1000, WIDTH)).astype(np.float32)
rows = np.arange(16, dtype=np.int32)
sums = kernel.hidden_sums(bits, kernel.FLOAT16, rows, weights)
expected = np.einsum("bf,psfw->psbw", features.astype(np.float16)[:16].astype(float), weights)
m, v = np.zeros_like(weights), np.zeros_like(weights)
numbers = np.tile(np.array([[1], [0.1], [0.001], [0.01], [1], [1e-7]], np.float32), (1, 3))
kernel.adam_step(bits, kernel.FLOAT16, rows, sums, weights, m, v, numbers)
tiny = np.full_like(m, 1e-40)
kernel.adam_step(bits, kernel.FLOAT16, rows, 0 * sums, weights, tiny, v, numbers)
print(json.dumps([
    numba.get_num_threads(), float(abs(sums - expected).max()), sums.tobytes().hex()[:4000],
    weights.tobytes().hex()[:4000], int(np.count_nonzero(tiny)), float(np.float32(1e-40)),
]))
"""


@pytest.mark.parametrize("width", [40, 64])
def test_sums_are_right_and_the_same_with_any_number_of_threads(width):
    """In registers and in loops, within 1e-4 of those in float64: 200 products of size 1."""
    ended = [
        subprocess.run(
            [sys.executable, "-c", SUMS.replace("WIDTH", str(width))],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"NUMBA_NUM_THREADS": str(threads), "PYTHONPATH": python_path()},
        )
        for threads in (1, 2)
    ]
    one, two = (json.loads(each.stdout) for each in ended)
    assert (one[0], two[0]) == (1, 2)
    assert one[1] < 1e-4
    if platform.machine() in ("x86_64", "AMD64"):
        assert one[4] == 0  # denormal moments count as 0, and nowhere but in the kernels
    assert one[5] > 0
    assert one[1:] == two[1:]
