"""Cohorts of small networks on made examples."""

import numpy as np
from made_plans import made_cohort
from training.own_networks import PICTURE, SEQUENCE

from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult
from sweep.results.provenance import DatasetInfo
from sweep.study.networks import Network
from sweep.study.optimizer import Optimizer
from sweep.tasks.arrays import Examples
from sweep.tasks.end_to_end import NetworkData
from sweep.training.networks.training import NetworkTraining

ADAM = Optimizer(label="adam", algorithm="adam")
BATCH, TRAIN, VALID = 8, 29, 12
"""The last batch of an epoch is of 5."""
KINDS = ("convolution", "attention", "embedding", "many_layers")
"""In which is every kind of layer."""


def made_examples(kind="dense"):
    random = np.random.default_rng(3)
    count = TRAIN + VALID
    targets = random.integers(0, 3, count)
    if kind == "embedding":
        inputs = random.integers(0, 9, (count, 6)).astype(np.int32)
    else:
        shape = PICTURE if kind == "convolution" else SEQUENCE
        noise = random.standard_normal((count, *shape))
        inputs = (noise + targets.reshape(-1, *(1 for _ in shape)) / 2).astype(np.float32)
    return examples_of(inputs, targets, 3)


def examples_of(inputs, targets, class_count):
    names = tuple(map(str, range(class_count))) if class_count else ()
    train, valid = ((TRAIN,), (VALID,)) if not names else ((10,) * len(names), (4,) * len(names))
    account = DatasetInfo("made", "made", names, train, valid, (), "hash", are_pictures=False)
    return Examples(inputs, targets, TRAIN, class_count, account)


def network_of(kind, **said):
    return Network(**{"model": f"training.own_networks:{kind}", "data": "made:up"} | said)


def training_of(network, folder, examples=None, kind="dense"):
    data = NetworkData(network, examples or made_examples(kind), folder / "checkpoints")
    return NetworkTraining(data)


def cohort_of(rates, optimizer=ADAM, epochs=2, seed=0):
    return made_cohort(
        optimizer, rates, seed=seed, epochs=epochs, batch_size=BATCH, hidden_units=None
    )


def train(training, cohort, micro_batches=1):
    """The epochs and the result; of trials that train one by one, those of each."""
    events = list(training.train(cohort, micro_batches))
    epochs = [event for event in events if isinstance(event, EpochResult)]
    (result,) = (event for event in events if isinstance(event, CohortResult))
    return epochs, result


def alone(training, cohort):
    return [train(training, Cohort((trial,)))[0] for trial in cohort.trials]


def figures(epochs):
    """All figures of a cohort's epochs, (E, 4, P)."""
    return np.array(
        [
            [it.train_loss_P, it.train_accuracy_P, it.valid_loss_P, it.valid_accuracy_P]
            for it in epochs
        ]
    )
