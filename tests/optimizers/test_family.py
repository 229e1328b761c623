"""Lookahead, Adam-2k and the RAdam of Keras' package of 2019 against golden steps.

See ``golden/make_golden.py``. K steps, N weights.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from optimizers.table import values_of

from sweep.optimizers import Adam2k, Lookahead, RAdam
from sweep.optimizers.build import build
from sweep.study import Optimizer
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS

GOLDEN = np.load(Path(__file__).with_name("golden") / "family.npz")
CASES = [json.loads(str(case)) for case in GOLDEN["cases"]]
START, GRADIENTS, WEIGHTS = GOLDEN["start"], GOLDEN["gradients"], GOLDEN["weights"]
TINY = 1e-30


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


def optimizer_of(case: dict) -> keras.optimizers.Optimizer:
    settings = {name: value for name, value in case.items() if name != "by"}
    match case["by"]:
        case "adam-2k":
            return Adam2k(**settings)
        case "keras-2019":
            return RAdam(**settings, epsilon_inside=True)
    rate, around = case["learning_rate"], {"steps": case["steps"], "alpha": case["alpha"]}
    inner = {
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=0.875),
        "adam": lambda: keras.optimizers.Adam(rate, 0.875, 0.96875, epsilon=TINY),
        "radam": lambda: RAdam(rate, epsilon=TINY),
    }[case["algorithm"]]()
    return Lookahead(inner, **around)


def steps_of(optimizer: keras.optimizers.Optimizer, dtype: str) -> np.ndarray:
    """(K, N): the weights after every golden gradient."""
    weights = keras.Variable(START, dtype=dtype)
    optimizer.build([weights])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weights]))
    trace = []
    for gradient in GRADIENTS:
        step(tf.constant(gradient, dtype))
        trace.append(values_of(weights))
    return np.array(trace)


def name_of(index: int) -> str:
    return " ".join(str(value) for value in CASES[index].values())


def test_the_golden_file_holds_what_it_should():
    assert {case["by"] for case in CASES} == {"lookahead", "adam-2k", "keras-2019"}
    assert WEIGHTS.shape == (len(CASES), 60, 5)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("index", range(len(CASES)), ids=name_of)
def test_float64_equals_the_golden_steps(index):
    """To 1e-11 of how far a weight has gone: 1 − β₂ᵗ and ρ_t lose some digits on either side."""
    golden, mine = WEIGHTS[index], steps_of(optimizer_of(CASES[index]), "float64")
    gone = np.cumsum(np.abs(np.diff(golden, axis=0, prepend=START[None])), axis=0)
    assert np.all(np.abs(mine - golden) <= 1e-11 * gone + 1e-14 * np.abs(golden))


@pytest.mark.parametrize("index", range(0, len(CASES), 3), ids=name_of)
def test_float32_equals_the_golden_steps(index):
    """To 1e-5 of how far a weight has gone, plus half a unit a step of the weight itself.

    (Keras' Adam computes 1 − β₂ᵗ in float32, at β₂ = 0.97 in step 1 to some 1e-6.)
    """
    golden, mine = WEIGHTS[index], steps_of(optimizer_of(CASES[index]), "float32")
    gone = np.cumsum(np.abs(np.diff(golden, axis=0, prepend=START[None])), axis=0)
    rounding = np.arange(1, len(golden) + 1)[:, None] * 6e-8 * (np.abs(golden) + np.abs(START))
    assert np.all(np.abs(mine - golden) <= 1e-5 * gone + rounding)


def trained(optimizer: keras.optimizers.Optimizer, gradients: list[float]) -> list[float]:
    weight, trace = keras.Variable(1.0), []
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [weight])
        trace.append(float(values_of(weight)))
    return trace


def test_slow_weights_begin_at_the_weights_and_meet_them_every_k_steps():
    optimizer = Lookahead(keras.optimizers.SGD(0.1), steps=2, alpha=0.25)
    fast = trained(optimizer, [1.0, 1.0, 1.0])
    np.testing.assert_allclose(fast, [0.9, 0.95, 0.85], rtol=1e-6)
    np.testing.assert_allclose(values_of(optimizer.slow_weights[0]), 0.95, rtol=1e-6)


def test_an_alpha_of_one_is_the_inner_optimizer():
    gradients = [1.0, -2.0, 0.5, 3.0, 0.1]
    around = trained(Lookahead(keras.optimizers.Adam(0.1), steps=2, alpha=1.0), gradients)
    np.testing.assert_allclose(around, trained(keras.optimizers.Adam(0.1), gradients), rtol=1e-6)


def test_adam_2k_stays_for_as_many_steps_as_it_says():
    first, *later = trained(Adam2k(0.1, variance_steps=2, weight_decay=0.5), [1.0] * 4)
    assert first == later[0] == 1.0
    assert 1.0 > later[1] > later[2]
    assert trained(Adam2k(0.1), [1.0] * 3) == [1.0] * 3


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (lambda: Lookahead(keras.optimizers.SGD(0.1), steps=0), "steps=0"),
        (lambda: Lookahead(keras.optimizers.SGD(0.1), alpha=0.0), "alpha=0.0"),
        (lambda: Adam2k(variance_steps=-1), "variance_steps=-1"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, got):
    with pytest.raises(ValueError, match=got):
        wrong()


def test_the_labels_are_what_they_say():
    ranger = build(BUILT_IN_OPTIMIZERS["ranger"], 0.1)
    assert isinstance(ranger, Lookahead)
    assert isinstance(ranger.inner_optimizer, RAdam)
    assert (ranger.steps, ranger.alpha) == (5, 0.5)
    of_adam = build(BUILT_IN_OPTIMIZERS["lookahead-adam"], 0.1)
    assert isinstance(of_adam, Lookahead)
    assert type(of_adam.inner_optimizer) is keras.optimizers.Adam
    assert build(BUILT_IN_OPTIMIZERS["adam-eps"], 0.1).epsilon == 1e-4
    assert build(BUILT_IN_OPTIMIZERS["adam-2k"], 0.1).variance_steps == 2000
    assert build(BUILT_IN_OPTIMIZERS["radam-paper"], 0.1).threshold == 4.0
    of_2019 = build(BUILT_IN_OPTIMIZERS["radam-keras-2019"], 0.1)
    assert (of_2019.threshold, of_2019.epsilon_inside) == (5.0, True)


def test_lookahead_around_what_trains_alone_trains_alone():
    lamb = Optimizer(label="l", algorithm="lamb", lookahead={"steps": 3})
    assert lamb.alone_because == "it takes the norms of whole variables"


def test_a_saved_model_goes_on_as_if_never_saved(tmp_path):
    """Slow weights and the inner optimizer's moments are in the file."""
    x, y = np.random.default_rng(0).normal(size=(32, 3)), np.arange(32.0)[:, None] / 10
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    inner = Adam2k(0.05, variance_steps=3)
    model.compile(optimizer=Lookahead(inner, steps=3), loss="mse")
    model.fit(x, y, epochs=2, batch_size=8, verbose=0, shuffle=False)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.optimizer, Lookahead)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for each in (model, loaded):
        each.fit(x, y, epochs=2, batch_size=8, verbose=0, shuffle=False)
    for mine, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(values_of(mine), values_of(other))
