"""One table of all optimizers, and ten steps of each on either backend.

Run as a script with ``KERAS_BACKEND=jax`` it writes the ten steps to a file, for the comparison
with TensorFlow. P trials, F features, H hidden units, K steps.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np

from sweep.optimizers import LinearWarmup
from sweep.optimizers.build import build
from sweep.optimizers.multipliers import ramps
from sweep.optimizers.schedules import CohortLearningRates
from sweep.study.lookahead import Lookahead
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.study.schedules import Warmup

P, F, H, K = 3, 5, 4, 10
SHAPES = ((F, P, H), (P, H), (P, H), (P, 1))
LEARNING_RATES = (0.003, 0.03, 0.1)


@dataclass(frozen=True)
class Entry:
    """An optimizer, and the learning rates at which it solves the two problems."""

    optimizer: Optimizer
    quadratic: float = 0.1
    rosenbrock: float = 0.02


def _named(algorithm: str, **rates: float) -> Entry:
    return Entry(Optimizer(label=algorithm, algorithm=algorithm), **rates)


def _variant(
    label: str,
    algorithm: str,
    warmup: Warmup | None = None,
    lookahead: Lookahead | None = None,
    **settings,
) -> Entry:
    parts = {"settings": settings, "warmup": warmup, "lookahead": lookahead}
    return Entry(Optimizer(label=label, algorithm=algorithm, **parts))


ENTRIES = (
    _named("adadelta", quadratic=30.0, rosenbrock=0.3),
    _named("adafactor", quadratic=0.1, rosenbrock=0.03),
    _named("adagrad", quadratic=1.0, rosenbrock=0.5),
    _named("adam"),
    _variant("adam-2k", "adam-2k", variance_steps=3, weight_decay=0.001),
    _named("adamax"),
    _named("adamw"),
    _named("ftrl", quadratic=1.0, rosenbrock=0.5),
    _named("lamb", quadratic=0.01, rosenbrock=0.003),
    _named("lion", quadratic=0.001, rosenbrock=0.001),
    _named("muon", quadratic=0.01, rosenbrock=0.002),
    _named("nadam"),
    _named("radam"),
    _named("rmsprop", quadratic=0.002, rosenbrock=0.002),
    _named("schedule-free-adamw"),
    _named("sgd", rosenbrock=0.002),
    _named("sgd-l2", rosenbrock=0.002),
    _variant("adam-warmup", "adam", Warmup(share=0.2)),
    _variant("radam-warmup", "radam", Warmup(steps=4)),
    _variant("radam-skip", "radam", below_threshold="skip"),
    _variant("radam-paper", "radam", threshold=4.0),
    _variant("radam-decay", "radam", weight_decay=0.001, clipvalue=50.0),
    _variant("radam-short", "radam", beta_2=0.9),
    _variant("radam-keras-2019", "radam", epsilon_inside=True),
    _variant("ranger", "radam", lookahead=Lookahead()),
    _variant("lookahead-adam", "adam", lookahead=Lookahead(steps=3, alpha=0.8)),
)
ELEMENT_WISE = tuple(entry for entry in ENTRIES if entry.optimizer.element_wise)
assert {entry.optimizer.algorithm for entry in ENTRIES} == set(ALGORITHMS)


def label(entry: Entry) -> str:
    return entry.optimizer.label


def alone(optimizer: Optimizer, learning_rate: float, total_steps: int) -> float | LinearWarmup:
    """What a trial that trains alone gives Keras as its learning rate."""
    warmup = optimizer.warmup
    return (
        learning_rate if warmup is None else LinearWarmup(learning_rate, warmup.length(total_steps))
    )


def values_of(variable: keras.Variable) -> np.ndarray:
    return np.asarray(variable.value).copy()


class Cohort:
    """Variables of P trials, fixed gradients for K steps, and the optimizer.

    With ``trial`` only that one of them, alone, its learning rate a plain number.
    """

    def __init__(self, optimizer: Optimizer, trial: int | None = None) -> None:
        self.trials = slice(None) if trial is None else slice(trial, trial + 1)
        random = np.random.default_rng(1)
        start = [random.normal(0, 1, shape) for shape in SHAPES]
        gradients = [
            [random.normal(0.3, 1, shape) * 10.0 ** random.integers(-3, 2) for shape in SHAPES]
            for _ in range(K)
        ]
        self.rates_P1 = keras.Variable(np.reshape(LEARNING_RATES, (-1, 1)), trainable=False)
        self.variables = [keras.Variable(self._mine(values)) for values in start]
        self.gradients = [[self._mine(values) for values in step] for step in gradients]
        rates_P1 = np.reshape(LEARNING_RATES, (-1, 1)).astype("float32")
        self.rates_PK = rates_P1 * ramps([optimizer], K)
        self.keras_optimizer = build(
            optimizer,
            CohortLearningRates(self.rates_P1)
            if trial is None
            else alone(optimizer, LEARNING_RATES[trial], K),
        )
        self.keras_optimizer.build(self.variables)

    def _mine(self, values: np.ndarray) -> np.ndarray:
        return values[..., self.trials, :].astype("float32")

    def weights(self) -> list[np.ndarray]:
        return [values_of(variable) for variable in self.variables]

    def train(self) -> list[np.ndarray]:
        """The weights after every compiled step, as one array (K, size) a variable."""
        return self._train(compiled_step(self))

    def train_eagerly(self) -> list[np.ndarray]:
        """As ``train``, without compilation."""
        return self._train(lambda grads: self.keras_optimizer.apply(grads, self.variables))

    def _train(self, step: Callable[[list[np.ndarray]], None]) -> list[np.ndarray]:
        trace = []
        for k, gradients in enumerate(self.gradients):
            self.rates_P1.assign(self.rates_PK[:, k : k + 1])
            step(gradients)
            trace.append(self.weights())
        return [np.reshape(values, (len(trace), -1)) for values in zip(*trace, strict=True)]


def compiled_step(cohort):
    """A step of a cohort's ``keras_optimizer`` on its ``variables``, at its ``rates_P1``."""
    return _jax_step(cohort) if keras.config.backend() == "jax" else _tensorflow_step(cohort)


def _tensorflow_step(cohort):
    import tensorflow as tf

    @tf.function(jit_compile=True)
    def compiled(gradients):
        cohort.keras_optimizer.apply(gradients, cohort.variables)

    def step(gradients):
        compiled([tf.constant(gradient) for gradient in gradients])
        assert compiled.experimental_get_tracing_count() == 1

    return step


def _jax_step(cohort):
    import jax

    state = [*cohort.variables, *cohort.keras_optimizer.variables]
    mapped = [*state, cohort.rates_P1]

    @jax.jit
    def compiled(values, gradients):
        scope = keras.StatelessScope(state_mapping=list(zip(mapped, values, strict=True)))
        with scope:
            cohort.keras_optimizer.apply(gradients, cohort.variables)
        return [scope.get_current_value(variable) for variable in state]

    def step(gradients):
        values = compiled([variable.value for variable in mapped], gradients)
        for variable, value in zip(state, values, strict=True):
            variable.assign(value)
        assert compiled._cache_size() == 1

    return step


@cache
def ten_steps(optimizer_label: str) -> np.ndarray:
    """(K, weights of all variables, one after another) of all trials together."""
    (entry,) = (entry for entry in ENTRIES if label(entry) == optimizer_label)
    return np.concatenate(Cohort(entry.optimizer).train(), axis=1)


if __name__ == "__main__":
    np.savez(sys.argv[1], **{label(entry): ten_steps(label(entry)) for entry in ELEMENT_WISE})
