"""Cohorts whose trials differ in more than the learning rate: each axis together equals alone.

Within the tolerance that ``made_cohorts`` states, over ten steps, on TensorFlow and on JAX.
"""

import numpy as np
import pytest
from processes import printed_on_jax
from training.made_cohorts import (
    BATCH,
    assert_close,
    made_data,
    train,
    trained_once,
    uncompiled,
    varied_cohort,
)

from sweep.errors import StudyError
from sweep.study.lookahead import Lookahead
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import UntunedWarmup, Warmup
from sweep.training.loop import CohortTraining

RATE = 0.03


def varied(algorithm, name, values, **settings):
    """One optimizer a value of a setting."""
    return [
        Optimizer(label="o", algorithm=algorithm, settings={**settings, name: value})
        for value in values
    ]


def warm(**lengths):
    """One optimizer a length of the warm-up, by steps or by share."""
    ((unit, values),) = lengths.items()
    return [
        Optimizer(label="o", algorithm="adam", warmup=Warmup(**{unit: value})) for value in values
    ]


AXES = {
    "adam beta_1": varied("adam", "beta_1", (0.0, 0.5, 0.9)),
    "adam beta_2": varied("adam", "beta_2", (0.9, 0.99, 0.9999)),
    "adam epsilon": varied("adam", "epsilon", (1e-8, 1e-3, 0.1)),
    "adam weight_decay": varied("adam", "weight_decay", (0.0, 0.01, 1.0)),
    "adamw weight_decay": varied("adamw", "weight_decay", (0.0, 0.1, 1.0)),
    "nadam beta_1": varied("nadam", "beta_1", (0.3, 0.8, 0.95)),
    "radam beta_1": varied("radam", "beta_1", (0.0, 0.5, 0.9)),
    "radam beta_2": varied("radam", "beta_2", (0.5, 0.9, 0.9999)),
    "radam-skip beta_2": varied("radam", "beta_2", (0.8, 0.9, 0.999), below_threshold="skip"),
    "rmsprop rho": varied("rmsprop", "rho", (0.5, 0.9, 0.99)),
    "warmup.steps": warm(steps=(1, 4, 100)),
    "warmup.share": warm(share=(0.1, 0.35, 1.0)),
}
AXES["ranger beta_2"] = [
    each.model_copy(update={"lookahead": Lookahead(steps=3)}) for each in AXES["radam beta_2"]
]
AXES["untuned beta_2"] = [
    each.model_copy(update={"warmup": UntunedWarmup()}) for each in AXES["adam beta_2"]
]
RATES = dict.fromkeys(AXES, (RATE,) * 3)
AXES["radam beta_2 and learning rate"] = AXES["radam beta_2"]
RATES["radam beta_2 and learning rate"] = (0.003, 0.03, 0.1)
AXES["warmup.steps and weight_decay"] = [
    Optimizer(
        label="o", algorithm="radam", settings={"weight_decay": decay}, warmup=Warmup(steps=steps)
    )
    for decay, steps in ((0.0, 3), (0.5, 3), (0.5, 30))
]
RATES["warmup.steps and weight_decay"] = (0.03, 0.03, 0.1)


def trained(axis):
    return trained_once(varied_cohort(AXES[axis], RATES[axis]))


@pytest.mark.parametrize("axis", AXES)
def test_trials_together_equal_each_alone(axis):
    assert_together_equals_alone(axis)


def assert_together_equals_alone(axis, members=range(3)):
    together, training = trained(axis), CohortTraining(made_data())
    for member, (optimizer, rate) in enumerate(zip(AXES[axis], RATES[axis], strict=True)):
        if member not in members:
            continue
        with uncompiled():
            alone = train(varied_cohort([optimizer], [rate]), training.data, training)
        assert_close(together.logits_PV[member], alone.logits_PV[0])
        assert_close(together.epochs[1].train_loss_P[member], alone.epochs[1].train_loss_P[0])
        multiplier_PK, last = together.result.multiplier_PK, together.epochs[-1]
        mine_K = multiplier_PK[member if len(multiplier_PK) > 1 else 0]
        np.testing.assert_array_equal(mine_K, alone.result.multiplier_PK[0])
        assert last.effective_learning_rate_P[member] == rate * float(mine_K[-1])


def test_the_axes_make_a_difference():
    """Otherwise the test above could not fail."""
    for axis in AXES:
        first, *others = trained(axis).logits_PV
        for other in others:
            assert np.abs(other - first).max() > 2e-2, axis


def test_other_values_need_no_new_compilation():
    training = CohortTraining(made_data(train=3 * BATCH + 3))
    for seed, betas_2, steps in ((0, (0.5, 0.9), (1, 4)), (1, (0.999, 0.3), (7, 2))):
        optimizers = [
            Optimizer(label="r", algorithm="radam", settings={"beta_2": beta_2}, warmup=warmup)
            for beta_2, warmup in zip(betas_2, (Warmup(steps=n) for n in steps), strict=True)
        ]
        train(varied_cohort(optimizers, (0.1, 0.03), seed), training.data, training)
    ((state,),) = ([*training.compiled._states.values()],)
    (step,) = state.steps.values()
    assert step._compiled_step.experimental_get_tracing_count() == 1


def test_values_of_the_last_cohort_leave_no_trace():
    data = made_data()
    shared = CohortTraining(data)
    first = train(varied_cohort(AXES["radam beta_2"], (RATE,) * 3), data, shared)
    train(varied_cohort(varied("radam", "beta_2", (0.99, 0.7, 0.3)), (0.1,) * 3), data, shared)
    again = train(varied_cohort(AXES["radam beta_2"], (RATE,) * 3), data, shared)
    np.testing.assert_array_equal(again.logits_PV, first.logits_PV)
    assert len(shared.compiled) == 1


def test_what_does_not_differ_stays_a_number():
    """A cohort that differs in the learning rate alone, but for another β₂: compiled by itself."""
    data = made_data()
    shared = CohortTraining(data)
    for beta_2 in (0.9, 0.99):
        optimizer = Optimizer(label="a", algorithm="adam", settings={"beta_2": beta_2})
        mine = train(varied_cohort([optimizer] * 2, (0.01, 0.03)), data, shared)
        fresh = train(varied_cohort([optimizer] * 2, (0.01, 0.03)), data)
        np.testing.assert_array_equal(mine.logits_PV, fresh.logits_PV)
    assert {shape.differing for shape in shared.compiled._states} == {()}
    assert len(shared.compiled) == 2


def test_a_value_that_the_optimizer_refuses_is_an_error():
    never = varied("radam", "beta_2", (0.999, 0.5), below_threshold="skip")
    with pytest.raises(StudyError, match="settings") as refused:
        train(varied_cohort(never, (RATE,) * 2), made_data())
    assert "beta_2=0.5" in refused.value.wrong


ON_JAX = """
import json
from training import test_differing as t
import keras
assert keras.backend.backend() == "jax"
out = {}
for axis in t.AXES:
    trained = t.trained(axis)
    out[axis] = [trained.logits_PV.tolist(), trained.epochs[1].train_loss_P.tolist()]
for axis in ("radam beta_2", "nadam beta_1", "adam weight_decay", "warmup.steps"):
    t.assert_together_equals_alone(axis, members=(0, 2))
t.test_values_of_the_last_cohort_leave_no_trace()
print(json.dumps(out))
"""


def test_tensorflow_equals_jax(tmp_path):
    for axis, (logits, loss) in printed_on_jax(ON_JAX, tmp_path).items():
        by_tensorflow = trained(axis)
        assert_close(by_tensorflow.logits_PV, logits)
        assert_close(by_tensorflow.epochs[1].train_loss_P, loss)
