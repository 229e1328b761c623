"""Small cohorts on made features, and how closely two trainings must agree.

Tolerance: float32 rounding (6e-8 relative an operation) grows from step to step, and the faster
the higher the learning rate, so equality is claimed over the first 10 steps: logits and losses
within 2e-3 of their scale. Measured: below 1e-4 for all but the highest rates.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
from made_plans import made_cohort

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult
from sweep.planning.trials import Trial
from sweep.study.axis import Point, log_spaced
from sweep.study.lookahead import Lookahead
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.study.schedules import Warmup
from sweep.study.training_config import TrainingConfig
from sweep.tasks.task import TrainingData
from sweep.training.loop import CohortTraining

FEATURES, HIDDEN, BATCH, STEPS = 96, 16, 8, 10
RATES = log_spaced(0.003, 0.1, 7)
ELEMENT_WISE = [
    *(
        Optimizer(label=name, algorithm=name)
        for name in ALGORITHMS
        if Optimizer(label=name, algorithm=name).element_wise
    ),
    Optimizer(label="adam-warmup", algorithm="adam", warmup=Warmup(steps=4)),
    Optimizer(label="radam-skip", algorithm="radam", settings={"below_threshold": "skip"}),
    Optimizer(label="ranger", algorithm="radam", lookahead=Lookahead(steps=3)),
    Optimizer(label="sgd-momentum", algorithm="sgd", settings={"momentum": 0.9}),
    Optimizer(label="adam-decay", algorithm="adam", settings={"weight_decay": 0.1}),
    Optimizer(label="adam-clipvalue", algorithm="adam", settings={"clipvalue": 0.01}),
]
TOLERANCE = 2e-3


def made_data(train=STEPS * BATCH, valid=40, features=FEATURES):
    random = np.random.default_rng(7)
    labels = (np.arange(train + valid) % 2).astype(np.uint8)
    direction = random.standard_normal(features) * 0.3
    noise = random.standard_normal((train + valid, features))
    values = np.maximum(noise + (2.0 * labels[:, None] - 1) * direction, 0)
    return TrainingData(values.astype(np.float16), labels, train)


def made_classes(class_count, train=STEPS * BATCH, valid=40):
    """As ``made_data``, of more classes than two."""
    random = np.random.default_rng(8)
    labels = (np.arange(train + valid) % class_count).astype(np.uint8)
    directions = random.standard_normal((class_count, FEATURES))
    noise = random.standard_normal((train + valid, FEATURES))
    values = np.maximum(noise + 0.5 * directions[labels], 0)
    return TrainingData(values.astype(np.float16), labels, train, class_count)


def cohort_of(optimizer, rates=RATES, seed=0, epochs=1, batch=BATCH, hidden=HIDDEN):
    return made_cohort(
        optimizer, rates, seed=seed, epochs=epochs, batch_size=batch, hidden_units=hidden
    )


def varied_cohort(optimizers, rates, seed=0, epochs=1):
    """A cohort of trials that differ in what can be a vector: an optimizer and a rate each."""
    configs = [
        TrainingConfig(optimizer, rate, epochs, BATCH, HIDDEN)
        for optimizer, rate in zip(optimizers, rates, strict=True)
    ]
    assert len({config.cohort_key() for config in configs}) == 1
    return Cohort(
        tuple(
            Trial(config.optimizer.label, Point.of({"number": number}), seed, config, f"f{number}")
            for number, config in enumerate(configs)
        )
    )


@dataclass(frozen=True)
class Trained:
    """What a cohort's training came to.

    Attributes:
        epochs, result: its events.
        logits_PV: of the validation examples after the last epoch, (P, V) or (P, V, C).
    """

    epochs: list[EpochResult]
    result: CohortResult
    logits_PV: np.ndarray


def train(cohort, data, training=None, micro_batches=1):
    training = training or CohortTraining(data)
    *epochs, result = training.train(cohort, micro_batches)
    assert all(isinstance(epoch, EpochResult) for epoch in epochs)
    assert isinstance(result, CohortResult)
    return Trained(epochs, result, valid_logits(training, micro_batches))


_TRAINED: dict[tuple, Trained] = {}


def trained_once(cohort: Cohort, make: Callable[..., TrainingData] = made_data, *given) -> Trained:
    """What a cohort's training comes to that shares nothing; tests that only read it share it.

    Args:
        cohort: what is trained, once a process.
        make: makes the data.
        given: to ``make``.
    """
    key = (repr(cohort), make.__name__, *given)
    if key not in _TRAINED:
        _TRAINED[key] = train(cohort, make(*given))
    return _TRAINED[key]


@contextmanager
def uncompiled() -> Iterator[None]:
    """TensorFlow takes every operation by itself meanwhile, where it would compile.

    What is trained so is a reference to what is compiled that owes nothing to XLA; over ten steps
    it takes less time than to compile.
    """
    if keras.backend.backend() == "jax":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def valid_logits(training, micro_batches):
    """Of the cohort that trained last."""
    *_, state = training.compiled._states.values()
    valid = np.arange(training.data.train_count, len(training.data.labels_N))
    return np.moveaxis(state.predictions[micro_batches].logits(valid), 1, 0)


def assert_close(actual, expected, tolerance=TOLERANCE):
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.abs(np.asarray(actual) - np.asarray(expected)).max() <= tolerance * scale
