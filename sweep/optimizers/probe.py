"""Whether an optimizer's trials can train together: known of the table, found by a probe of others.

Trials that train together are stacked in variables (…, P, x). That is right for an optimizer which
treats every weight by itself, and wrong, without any error, for one that takes a norm or a mean
over a variable. So whatever is not known takes a few steps on small variables, once all trials
together and once each alone, in variables of its own plain shapes; the weights and the optimizer's
whole state must be the same.

In the flow: ``executors`` and ``training`` ask before a cohort trains; Keras is loaded by then.

Legend: P trials.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.optimizers.build import build
from sweep.optimizers.schedules import CohortLearningRates
from sweep.study.optimizer import Optimizer

P, STEPS = 3, 10
"""So many trials and steps; some optimizers do something else every fifth or tenth step."""
LEARNING_RATES = (0.003, 0.01, 0.03)
SHAPES = ((5, P, 4), (P, 4), (4, P, 2), (P, 1))
"""Of variables as cohorts have them; alone, they are the same without P."""
TOLERANCE = 1e-4
"""Of the largest value: rounding makes 1e-6 of it in so few steps."""


def alone_because(optimizer: Optimizer) -> str | None:
    """Why trials of an optimizer must train one by one; None where they can train together.

    Args:
        optimizer: of a trial, with the settings that it has there.
    """
    if optimizer.alone_because or optimizer.known_algorithm:
        return optimizer.alone_because
    return _probed(optimizer.algorithm, json.dumps(optimizer.settings, sort_keys=True))


def try_step(optimizer: Optimizer) -> None:
    """Import and build an optimizer, and take a step on small variables, as of one trial alone.

    Args:
        optimizer: of a trial, with the settings that it has there.

    Raises:
        StudyError: it cannot be imported or built.
        Exception: whatever else its own code raises.
    """
    _Probe(optimizer, 0).train(1)


@cache
def _probed(algorithm: str, settings: str) -> str | None:
    optimizer = Optimizer(label="probed", algorithm=algorithm, settings=json.loads(settings))
    try:
        alone = {trial: _Probe(optimizer, trial).train() for trial in (0, P - 1)}
    except Exception:  # anything may come out of it; training it will say what
        return None
    try:
        together = _Probe(optimizer, None).train()
    except Exception as error:
        if not _is_refusal(error):  # such as short memory; training will say what
            return None
        return f"it cannot take a learning rate for each trial ({type(error).__name__}: {error})"
    for trial, mine in alone.items():
        if not _agree(together, mine, trial):
            return "a probe found other steps together than alone, so it looks at whole variables"
    return None


def _is_refusal(error: Exception) -> bool:
    """Whether shapes do not fit; TensorFlow, which has an error of its own, may not be there."""
    return isinstance(error, TypeError | ValueError) or (
        type(error).__name__ == "InvalidArgumentError"
    )


class _Probe:
    """A few steps of all trials together, or of one of them alone, with fixed gradients."""

    def __init__(self, optimizer: Optimizer, trial: int | None) -> None:
        self._trial = trial
        random = np.random.default_rng(0)
        self._variables = [
            keras.Variable(self._mine(random.normal(0, 1, shape)), name=f"variable_{number}")
            for number, shape in enumerate(SHAPES)
        ]
        rates_P1 = np.array(LEARNING_RATES, np.float32)[:, None]
        rates = rates_P1 if trial is None else rates_P1[trial, 0]
        learning_rates = keras.Variable(rates, trainable=False, name="learning_rates")
        self._optimizer = build(optimizer, CohortLearningRates(learning_rates))
        self._optimizer.build(self._variables)

    def train(self, steps: int = STEPS) -> list[NDArray[Any]]:
        """The weights, then the optimizer's state, after so many steps."""
        random = np.random.default_rng(1)
        for _ in range(steps):
            # Some trials' gradients are long and others short, so that whatever is common shows.
            scale_P1 = 10.0 ** random.uniform(-3, 2, (P, 1))
            gradients = [self._mine(scale_P1 * random.normal(0.3, 1, shape)) for shape in SHAPES]
            self._optimizer.apply(
                [ops.convert_to_tensor(gradient) for gradient in gradients], self._variables
            )
        parts = (*self._variables, *self._optimizer.variables)
        return [np.asarray(part.value, np.float64) for part in parts]

    def _mine(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Of all trials, or of the one, without the axis of trials."""
        mine = values if self._trial is None else values[..., self._trial, :]
        return mine.astype(np.float32)


def _agree(together: Sequence[NDArray[Any]], alone: Sequence[NDArray[Any]], trial: int) -> bool:
    if len(together) != len(alone):
        return False
    return all(_same(all_P, mine, trial) for all_P, mine in zip(together, alone, strict=True))


def _same(all_P: NDArray[Any], mine: NDArray[Any], trial: int) -> bool:
    """Whether a trial's part of what all have is what it has alone."""
    if all_P.shape != mine.shape:
        is_stacked = all_P.ndim == mine.ndim + 1 and all_P.shape[-2] == P
        if not is_stacked or all_P[..., trial, :].shape != mine.shape:
            return False
        all_P = all_P[..., trial, :]
    scale = max(1e-6, float(np.abs(mine).max(initial=0)))
    return bool(np.allclose(all_P, mine, rtol=0, atol=TOLERANCE * scale, equal_nan=True))
