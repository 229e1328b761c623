"""Schedules by name against Keras and PyTorch, after every warm-up; schedules of the user's own."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from sweep.errors import StudyError
from sweep.optimizers.decays import decay_factors
from sweep.optimizers.multipliers import multipliers, ramps, warmup_length
from sweep.optimizers.own_schedule import own_factors
from sweep.study import (
    Constant,
    CosineDecay,
    LinearDecay,
    OneCycle,
    Optimizer,
    OwnSchedule,
    ReduceOnPlateau,
    UntunedWarmup,
    Warmup,
)

ONE_CYCLE = np.load(Path(__file__).with_name("golden") / "one_cycle.npz")
OWN = """
import keras

def line(step, steps, to=0.0):
    return 1 - (1 - to) * step / steps

class Root(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, learning_rate, power=0.5):
        self.learning_rate, self.power = learning_rate, power

    def __call__(self, step):
        return self.learning_rate * (keras.ops.cast(step, "float32") + 1) ** -self.power

def short(step):
    return 1.0

def rises_to_nothing(step, steps):
    return float("nan") if step == 2 else 1.0

def negative(step, steps):
    return -1.0

class NoSchedule:
    pass

number = 3
"""


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The current folder, with a module of the user's; what importing changes is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "own_schedules.py").write_text(OWN)
    yield tmp_path
    sys.modules.pop("own_schedules", None)


def adam(schedule=None, warmup=None, **settings) -> Optimizer:
    parts = {"settings": settings, "schedule": schedule, "warmup": warmup}
    return Optimizer(label="a", algorithm="adam", **parts)


def by_keras(schedule: keras.optimizers.schedules.LearningRateSchedule, steps: int) -> list[float]:
    return [float(schedule(step)) for step in range(steps)]


@pytest.mark.parametrize("last", [0.0, 0.2])
def test_cosine_and_linear_are_those_of_keras(last):
    """To 1e-6: Keras computes them in float32."""
    cosine = keras.optimizers.schedules.CosineDecay(1.0, 13, alpha=last)
    found = decay_factors(CosineDecay(last=last), 13)
    np.testing.assert_allclose(found, by_keras(cosine, 13), atol=1e-6)
    line = keras.optimizers.schedules.PolynomialDecay(1.0, 13, end_learning_rate=last)
    found = decay_factors(LinearDecay(last=last), 13)
    np.testing.assert_allclose(found, by_keras(line, 13), atol=1e-6)


@pytest.mark.parametrize("steps", ONE_CYCLE)
def test_one_cycle_is_that_of_pytorch(steps):
    np.testing.assert_allclose(decay_factors(OneCycle(), int(steps)), ONE_CYCLE[steps], rtol=1e-12)


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
@pytest.mark.parametrize("schedule", [CosineDecay(), LinearDecay(), OneCycle()], ids=str)
def test_a_training_may_be_as_short_as_can_be(schedule, steps):
    factors = decay_factors(schedule, steps)
    assert factors.shape == (steps,)
    assert np.all((factors >= 0) & (factors <= 1))


@pytest.mark.parametrize("schedule", [CosineDecay(last=0.1), LinearDecay(), OneCycle()], ids=str)
@pytest.mark.parametrize("warmup", [None, Warmup(steps=5), UntunedWarmup()], ids=str)
def test_a_schedule_acts_over_the_steps_that_remain_after_the_warmup(schedule, warmup):
    both, alone = adam(schedule, warmup, beta_2=0.75), adam(None, warmup, beta_2=0.75)
    length = {None: 0, Warmup(steps=5): 5, UntunedWarmup(): 8}[warmup]
    assert warmup_length(both, 20) == length
    (found_K,), (warm_K,) = multipliers([both], 20), multipliers([alone], 20)
    expected_K = warm_K * [*[1.0] * length, *decay_factors(schedule, 20 - length)]
    np.testing.assert_allclose(found_K, expected_K, rtol=1e-6)
    np.testing.assert_allclose(ramps([both], 20)[0], found_K, rtol=1e-5, atol=1e-7)


def test_where_warmups_differ_in_length_each_trial_has_its_own_rest():
    optimizers = [adam(CosineDecay(), Warmup(steps=steps)) for steps in (1, 5, 50)]
    rows = [multipliers([each], 20)[0] for each in optimizers]
    np.testing.assert_array_equal(multipliers(optimizers, 20), rows)


@pytest.mark.parametrize("schedule", [Constant(), ReduceOnPlateau()], ids=str)
def test_what_is_constant_or_left_to_the_training_is_one(schedule):
    np.testing.assert_array_equal(multipliers([adam(schedule)], 5), 1)


@pytest.mark.parametrize("shape", ["linear", "exponential"])
def test_untuned_warmups(shape):
    """The formulas of Ma & Yarats; where β₂ differs, each trial has its own."""
    t_K = np.arange(1, 41)
    optimizers = [adam(None, UntunedWarmup(shape=shape), beta_2=beta_2) for beta_2 in (0.9, 0.99)]
    expected_PK = [
        np.minimum(1, (1 - beta_2) / 2 * t_K)
        if shape == "linear"
        else 1 - np.exp(-(1 - beta_2) * t_K)
        for beta_2 in (0.9, 0.99)
    ]
    np.testing.assert_allclose(multipliers(optimizers, 40), expected_PK, rtol=1e-6)
    np.testing.assert_allclose(ramps(optimizers, 40), expected_PK, rtol=1e-5)
    assert ramps(optimizers[:1] * 3, 40).shape == (1, 40)


@pytest.mark.usefixtures("own_folder")
def test_a_function_or_a_class_of_your_own():
    line = OwnSchedule(path="own_schedules:line", settings={"to": 0.5})
    np.testing.assert_allclose(own_factors(line, 4), [1, 0.875, 0.75, 0.625])
    root = OwnSchedule(path="own_schedules:Root")
    np.testing.assert_allclose(own_factors(root, 3), [1, 2**-0.5, 3**-0.5], rtol=1e-6)
    (after_K,) = multipliers([adam(line, Warmup(steps=2))], 6)
    np.testing.assert_allclose(after_K, [0.5, 1, 1, 0.875, 0.75, 0.625])


def test_any_schedule_of_keras_by_its_class():
    settings = {"decay_steps": 2, "decay_rate": 0.5}
    schedule = OwnSchedule(path="keras.optimizers.schedules:ExponentialDecay", settings=settings)
    np.testing.assert_allclose(own_factors(schedule, 5), 0.5 ** (np.arange(5) / 2), rtol=1e-6)


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize(
    ("path", "settings", "got"),
    [
        ("no_such_module_here:line", {}, "No module named 'no_such_module_here'"),
        ("own_schedules:absent", {}, "no attribute 'absent'"),
        ("own_schedules:number", {}, "it is 3"),
        ("own_schedules:NoSchedule", {}, "none of Keras' LearningRateSchedule"),
        ("own_schedules:line", {"no_such": 1}, "fails at step 0: TypeError"),
        ("own_schedules:short", {}, "fails at step 0: TypeError"),
        ("own_schedules:Root", {"no_such": 1}, "cannot be built"),
        ("own_schedules:rises_to_nothing", {}, "returns nan at step 2"),
        ("own_schedules:negative", {}, "returns -1.0 at step 0"),
    ],
)
def test_what_is_no_schedule_is_refused(path, settings, got):
    with pytest.raises(StudyError, match=path) as refused:
        own_factors(OwnSchedule(path=path, settings=settings), 4)
    assert got in refused.value.wrong
    assert refused.value.remedy
