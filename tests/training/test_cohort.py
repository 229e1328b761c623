"""A cohort's training against single trials, Keras' own ``fit``, the other backend, and itself.

Within the tolerance that ``made_cohorts`` states.
"""

import keras
import numpy as np
import pytest
from made_plans import cohorts_of
from optimizers.table import alone
from processes import printed_on_jax
from training.made_cohorts import (
    BATCH,
    ELEMENT_WISE,
    FEATURES,
    HIDDEN,
    RATES,
    STEPS,
    assert_close,
    cohort_of,
    made_data,
    train,
    trained_once,
)
from training.test_head_products import ADAM, ROUNDED, in_bfloat16

from sweep.optimizers.build import build
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.training.loop import CohortTraining, example_order
from sweep.training.losses import evaluate
from sweep.training.stacked_heads import initial_weights


@pytest.mark.parametrize("optimizer", ELEMENT_WISE, ids=lambda optimizer: optimizer.label)
def test_trials_together_equal_each_alone(optimizer):
    data, together = made_data(), trained_once(cohort_of(optimizer))
    training = CohortTraining(data)
    for member, rate in enumerate(RATES):
        alone = train(cohort_of(optimizer, (rate,)), data, training)
        assert_close(together.logits_PV[member], alone.logits_PV[0])
        assert_close(together.epochs[1].train_loss_P[member], alone.epochs[1].train_loss_P[0])


@pytest.mark.parametrize("optimizer", ELEMENT_WISE, ids=lambda optimizer: optimizer.label)
def test_trial_equals_keras_fit_on_the_same_batches(optimizer):
    data, mine = made_data(), trained_once(cohort_of(optimizer))
    for member in (0, 6):
        model = keras_model(optimizer, RATES[member], STEPS)
        order = example_order(0, 1, data.train_count)
        history = model.fit(
            data.features_NF[order].astype(np.float32),
            data.labels_N[order].astype(np.float32),
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
        ).history
        logits_V = keras.ops.convert_to_numpy(
            model(data.features_NF[data.train_count :].astype(np.float32))
        )
        assert_close(mine.logits_PV[member], logits_V[:, 0])
        assert_close(mine.epochs[1].train_loss_P[member], history["loss"][0])
        assert mine.epochs[1].train_accuracy_P[member] == pytest.approx(history["accuracy"][0])


def keras_model(optimizer, learning_rate, total_steps, features=FEATURES):
    """The head as a Keras model, with the weights that sweep starts seed 0 from."""
    model = keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dense(HIDDEN, "relu"),
            keras.layers.Dense(1),
        ]
    )
    weights = initial_weights(0, features, HIDDEN)
    model.set_weights(weights)
    model.compile(
        optimizer=build(optimizer, alone(optimizer, learning_rate, total_steps)),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        run_eagerly=True,  # ten steps take less time than to compile them
    )
    # In fit, Keras builds it where assignments are lost: state that begins at the weights would
    # begin at zero.
    model.optimizer.build(model.trainable_variables)
    return model


def test_last_batch_of_what_is_left_is_trained_as_in_fit():
    data = made_data(train=3 * BATCH + 3)
    optimizer = Optimizer(label="adam", algorithm="adam")
    trained = train(cohort_of(optimizer, (0.01,)), data)
    model = keras_model(optimizer, 0.01, 4)
    order = example_order(0, 1, data.train_count)
    loss = model.fit(
        data.features_NF[order].astype(np.float32),
        data.labels_N[order].astype(np.float32),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history["loss"][0]
    assert trained.epochs[1].train_loss_P[0] == pytest.approx(loss, rel=1e-4)


def test_same_cohort_twice_is_bit_identical():
    data = made_data()
    optimizer = Optimizer(label="radam", algorithm="radam")
    shared = CohortTraining(data)
    first = train(cohort_of(optimizer), data, training=shared)
    train(cohort_of(optimizer, seed=1), data, training=shared)
    again = train(cohort_of(optimizer), data, training=shared)
    for trained in (again, trained_once(cohort_of(optimizer))):
        assert np.array_equal(trained.logits_PV, first.logits_PV)
        for epoch, expected in zip(trained.epochs, first.epochs, strict=True):
            assert np.array_equal(epoch.train_loss_P, expected.train_loss_P)
            assert np.array_equal(epoch.valid_loss_P, expected.valid_loss_P)


@pytest.mark.parametrize("algorithm", ["adagrad", "nadam"])
def test_optimizer_state_is_fresh_in_every_cohort(algorithm):
    data = made_data()
    optimizer = Optimizer(label=algorithm, algorithm=algorithm)
    shared = CohortTraining(data)
    first = train(cohort_of(optimizer), data, training=shared)
    again = train(cohort_of(optimizer), data, training=shared)
    assert np.array_equal(first.logits_PV, again.logits_PV)


def test_seed_fixes_start_and_batches_for_every_optimizer():
    data = made_data()
    by_adam, by_radam = (Optimizer(label=name, algorithm=name) for name in ("adam", "radam"))
    adam = trained_once(cohort_of(by_adam)).epochs
    radam = trained_once(cohort_of(by_radam)).epochs
    other = train(cohort_of(by_radam, seed=1), data).epochs
    assert np.array_equal(adam[0].valid_loss_P, radam[0].valid_loss_P)
    shared = CohortTraining(data)
    for optimizer, seed, fresh in ((by_adam, 0, adam), (by_radam, 0, radam), (by_radam, 1, other)):
        start = train(cohort_of(optimizer, seed=seed), data, shared).epochs[0]
        assert np.array_equal(start.train_loss_P, fresh[0].train_loss_P)
        assert np.array_equal(start.valid_loss_P, fresh[0].valid_loss_P)
    assert np.all(other[0].valid_loss_P != radam[0].valid_loss_P)
    assert list(example_order(0, 1, 50)) == list(example_order(0, 1, 50))
    assert list(example_order(0, 1, 50)) != list(example_order(0, 2, 50))


def test_effective_learning_rate_is_that_of_the_epochs_last_step():
    data = made_data(train=5 * BATCH)
    optimizer = Optimizer(label="w", algorithm="adam", warmup=Warmup(steps=10))
    trained = train(cohort_of(optimizer, (0.1,), epochs=2), data)
    rates = [epoch.effective_learning_rate_P[0] for epoch in trained.epochs]
    assert rates == pytest.approx([np.nan, 0.05, 0.1], nan_ok=True)
    assert trained.result.multiplier_PK[0] == pytest.approx(np.arange(1, 11) / 10)


def test_evaluation_against_closed_forms():
    loss_P, accuracy_P = evaluate(
        np.array([[0.0, 1000.0], [0.0, 1000.0]], np.float32), np.array([0, 1], np.uint8)
    )
    assert loss_P == pytest.approx([np.log(2), 500.0])
    assert accuracy_P == pytest.approx([0.5, 0.5])


def test_whole_variable_optimizers_train_one_by_one():
    clipped = Optimizer(label="clipped", algorithm="adam", settings={"clipnorm": 1.0})
    study = Study(
        name="s", question="q", optimizers=(clipped, "adam"), learning_rates=RATES, seeds=1
    )
    sizes = [len(cohort.trials) for cohort in cohorts_of(study, "key")]
    assert sizes == [1] * 7 + [7]
    data = made_data()
    assert np.isfinite(train(cohort_of(clipped, (0.01,)), data).logits_PV).all()


ELSEWHERE = {"adam-decay", "adam-warmup", "radam-skip", "ranger"}
"""What makes these is trained on both backends by ``test_differing``."""
HERE = [each for each in ELEMENT_WISE if each.label not in ELSEWHERE]
ON_JAX = """
import json, sys
import numpy as np
from sweep.study import Optimizer
from sweep.training.loop import CohortTraining
from training import test_by_seed, test_head_products, test_mirrored
from training.made_cohorts import cohort_of, made_data, train
from training.test_cohort import HERE
import keras
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
out = {}
for optimizer in HERE:
    shared = CohortTraining(made_data())
    trained = train(cohort_of(optimizer), made_data(), shared)
    out[optimizer.label] = [trained.logits_PV.tolist(), trained.epochs[1].train_loss_P.tolist()]
train(cohort_of(optimizer, seed=1), made_data(), shared)
again = train(cohort_of(optimizer), made_data(), shared)
test_by_seed.assert_a_seed_trains_as_if_its_split_were_the_only_one()
test_mirrored.assert_an_epoch_trains_on_what_is_drawn(test_by_seed.pool())
rounded = test_head_products.assert_together_is_alone()
out["products in bfloat16"] = rounded.logits_PV.tolist()
out["identical"] = bool(np.array_equal(trained.logits_PV, again.logits_PV))
print(json.dumps(out))
"""


def test_tensorflow_equals_jax(tmp_path):
    on_jax = printed_on_jax(ON_JAX, tmp_path)
    assert on_jax.pop("identical")
    rounded = trained_once(in_bfloat16(cohort_of(ADAM)))
    assert_close(rounded.logits_PV, on_jax.pop("products in bfloat16"), ROUNDED)
    assert [*on_jax] == [optimizer.label for optimizer in HERE]
    for optimizer in HERE:
        on_tensorflow, (logits, loss) = trained_once(cohort_of(optimizer)), on_jax[optimizer.label]
        assert_close(on_tensorflow.logits_PV, logits)
        assert_close(on_tensorflow.epochs[1].train_loss_P, loss)


@pytest.mark.parametrize(("algorithm", "copies"), [("sgd", 2), ("adam", 4), ("radam", 4)])
def test_memory_is_that_of_weights_gradients_and_moments(algorithm, copies):
    result = trained_once(cohort_of(Optimizer(label=algorithm, algorithm=algorithm))).result
    weights = 4 * len(RATES) * (FEATURES * HIDDEN + HIDDEN + HIDDEN + 1)
    assert copies * weights <= result.memory_bytes <= copies * weights + 64  # and some counters
