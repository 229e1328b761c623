"""Small cohorts on made features, and how closely two trainings must agree.

Tolerance: float32 rounding (6e-8 relative an operation) grows from step to step, and the faster
the higher the learning rate, so equality is claimed over the first 10 steps: logits and losses
within 2e-3 of their scale. Measured: below 1e-4 for all but the highest rates.
"""

import numpy as np
from made_plans import made_cohort

from sweep.planning.events import CohortResult, EpochResult
from sweep.study.axis import log_spaced
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.study.schedules import Warmup
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


def cohort_of(optimizer, rates=RATES, seed=0, epochs=1, batch=BATCH, hidden=HIDDEN):
    return made_cohort(
        optimizer, rates, seed=seed, epochs=epochs, batch_size=batch, hidden_units=hidden
    )


def train(cohort, data, training=None, micro_batches=1):
    training = training or CohortTraining(data)
    *epochs_, result = training.train(cohort, micro_batches)
    assert all(isinstance(epoch, EpochResult) for epoch in epochs_)
    assert isinstance(result, CohortResult)
    return epochs_, result


def assert_close(actual, expected, tolerance=TOLERANCE):
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.abs(np.asarray(actual) - np.asarray(expected)).max() <= tolerance * scale
