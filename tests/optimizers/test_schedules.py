"""Warm-up by hand, and the learning rates of a cohort."""

import keras
import numpy as np
import pytest

from sweep.optimizers import LinearWarmup
from sweep.optimizers.multipliers import ramps
from sweep.optimizers.schedules import CohortLearningRates
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup


def test_warmup_by_hand():
    """SGD under a gradient of 1 goes down by the learning rates: 0.1, 0.2, 0.3, 0.4, 0.4."""
    weight = keras.Variable(0.0)
    sgd = keras.optimizers.SGD(LinearWarmup(0.4, steps=4))
    trace = []
    for _ in range(5):
        sgd.apply([keras.ops.ones(())], [weight])
        trace.append(float(weight))
    np.testing.assert_allclose(trace, [-0.1, -0.3, -0.6, -1.0, -1.4], rtol=1e-6)


@pytest.mark.parametrize("steps", [1, 3, 7, 155])
def test_warmup_agrees_with_the_table_of_ramps(steps):
    (ramp_K,) = ramps([Optimizer(label="w", algorithm="sgd", warmup=Warmup(steps=steps))], 160)
    single = LinearWarmup(0.5, steps)
    for iterations in (0, 1, 2, 6, 7, 153, 154, 155, 159):
        assert float(single(iterations)) == np.float32(0.5) * ramp_K[iterations]


def test_warmup_from_a_learning_rate_agrees_with_the_table_of_ramps():
    optimizer = Optimizer(label="w", algorithm="sgd", warmup=Warmup(steps=7, start=0.01))
    (ramp_K,) = ramps([optimizer], 10, learning_rates=[0.5])
    single = LinearWarmup(0.5, 7, start=0.01)
    found = [float(single(iterations)) for iterations in range(10)]
    np.testing.assert_allclose(found, 0.5 * ramp_K, rtol=1e-6)
    assert found[0] == pytest.approx(0.01 + 0.49 / 7)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(single))
    assert isinstance(again, LinearWarmup)
    assert float(again(0)) == found[0]


@pytest.mark.parametrize("floatx", ["float16", "bfloat16"])
def test_warmup_counts_steps_beyond_what_half_precision_can(floatx, monkeypatch):
    monkeypatch.setattr(keras.config, "floatx", lambda: floatx)
    schedule = LinearWarmup(1.0, steps=100_000)
    assert float(schedule(3000)) == pytest.approx(0.03001, rel=1e-6)


def test_a_cohort_has_the_rates_that_it_was_given_last():
    rates = keras.Variable([[0.5], [2.0]], trainable=False)
    schedule = CohortLearningRates(rates)
    np.testing.assert_array_equal(np.asarray(schedule(0)), [[0.5], [2.0]])
    rates.assign([[1.0], [3.0]])
    np.testing.assert_array_equal(np.asarray(schedule(0)), [[1.0], [3.0]])


def test_in_a_stateless_scope_the_scopes_rates_count():
    rates = keras.Variable([[0.5]], trainable=False)
    schedule = CohortLearningRates(rates)
    with keras.StatelessScope(state_mapping=[(rates, keras.ops.convert_to_tensor([[8.0]]))]):
        assert np.asarray(schedule(0)) == 8.0
    assert np.asarray(schedule(0)) == 0.5


def test_serialized_and_back():
    config = keras.saving.serialize_keras_object(LinearWarmup(0.4, steps=4))
    schedule = keras.saving.deserialize_keras_object(config)
    assert isinstance(schedule, LinearWarmup)
    assert float(schedule(1)) == pytest.approx(0.2)


def test_no_warmup_shorter_than_a_step():
    with pytest.raises(ValueError, match="steps=0"):
        LinearWarmup(0.1, steps=0)
