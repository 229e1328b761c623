"""What training takes memory for, of any task; a network is built to be counted.

In the flow: ``sweep plan`` says it, and ``runner`` keeps to a limit by it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from sweep.planning.trials import Trial
from sweep.study.networks import Network
from sweep.tasks.arrays import Examples
from sweep.tasks.end_to_end import EndToEnd
from sweep.tasks.frozen_features import FrozenFeatures
from sweep.tasks.programs import ProgramTask
from sweep.tasks.task import Sizes, Task
from sweep.training.keras_runtime import load_keras
from sweep.training.memory import (
    LIBRARIES_BYTES,
    NETWORK_LIBRARIES_BYTES,
    Fit,
    fit_into,
    whole,
)
from sweep.training.sparse import can_be_compiled, has_kernel, is_sparse


def sizes_of(task: Task, trials: Sequence[Trial], backend: str) -> Sizes | None:
    """Of a task's training; None where nothing is known of it.

    Args:
        task: what is trained.
        trials: of the plan.
        backend: of Keras, which is loaded for a network.
    """
    if isinstance(task, EndToEnd):
        load_keras(backend)
        return network_sizes(task.network, task.examples, backend)
    return task.sizes(trials) if isinstance(task, FrozenFeatures) else None


def with_kernel(sizes: Sizes, task: Task, trials: Sequence[Trial], backend: str) -> Sizes:
    """Sizes for a processor where the first layer of all trials has a kernel, as far as is known.

    What a limit makes of cohorts does not rest on it: a study's features are not known before its
    first run, and the same command shall split it the same way again.
    """
    can_have_one = backend == "tensorflow" and can_be_compiled()
    if not (isinstance(task, FrozenFeatures) and can_have_one):
        return sizes
    features = task.cached() if all(has_kernel(trial.config) for trial in trials) else None
    if features is None or not is_sparse(features):
        return sizes
    return replace(sizes, first_layer="kernel")


def fit_of(task: Task, trials: Sequence[Trial], limit_bytes: int | None, backend: str) -> Fit:
    """How cohorts keep to a limit; without one nothing has to be counted.

    Raises:
        UsageError: not even one trial at a time keeps to it.
    """
    sizes = None if limit_bytes is None else sizes_of(task, trials, backend)
    return fit_to(task, trials, sizes, limit_bytes)


def fit_to(
    task: Task, trials: Sequence[Trial], sizes: Sizes | None, limit_bytes: int | None
) -> Fit:
    """The same, where sizes are known; None where they are not, or need not be.

    Raises:
        UsageError: not even one trial at a time keeps to the limit.
    """
    if isinstance(task, ProgramTask):
        return Fit(trials=1, cohorts_kept=1)  # each in a process of its own
    return whole(trials) if sizes is None else fit_into(trials, sizes, limit_bytes)


def network_sizes(network: Network, examples: Examples, backend: str) -> Sizes:
    """Of examples and weights, and of what every layer puts out for one example.

    Args:
        network: the study's; it is built to be counted.
        examples: that it trains on.
        backend: of Keras, which is loaded.
    """
    from sweep.tasks import models
    from sweep.training.networks.together import alone_because, layers_of

    model = models.build(network, examples.inputs_N.shape[1:], examples.class_count, seed=0)
    weights = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    outputs = [_output_size(layer) for layer in layers_of(model)]
    return Sizes(
        examples=len(examples.targets_N),
        data_bytes=examples.inputs_N.nbytes,
        example_bytes=4 * math.prod(examples.inputs_N.shape[1:]),
        weights_bytes=4 * weights,
        activation_bytes=4 * sum(outputs),
        alone_because=alone_because(model),
        output_bytes=4 * max(outputs, default=0),
        libraries_bytes=NETWORK_LIBRARIES_BYTES.get(backend, LIBRARIES_BYTES),
    )


_VIEWS = ("InputLayer", "Flatten", "Reshape")


def _output_size(layer: object) -> int:
    """Numbers that a layer puts out for one example; 0 where that is not known beforehand.

    What only looks at its input in another shape puts out nothing.
    """
    if type(layer).__name__ in _VIEWS:
        return 0
    try:
        shape = getattr(layer, "output").shape  # noqa: B009 - a layer that ran not has none
    except (AttributeError, ValueError):
        return 0
    return math.prod(size or 1 for size in shape[1:])
