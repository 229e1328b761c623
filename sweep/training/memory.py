"""How much memory training takes, and how large cohorts may be to keep to a limit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sweep.errors import UsageError
from sweep.planning.cohorts import half, plan_cohorts
from sweep.planning.trials import Trial
from sweep.study.training_config import TrainingConfig
from sweep.tasks.task import Sizes

COMPILED_COHORTS_KEPT = 4
"""How many optimizers' compiled cohorts, with their moments, are kept for the next seed."""


EVALUATION_BATCH = 512
"""So many examples are evaluated at once."""


LIBRARIES_BYTES = 920_000_000
"""What a process takes that trains next to nothing: Python, TensorFlow 2.21, its compiler."""

NETWORK_LIBRARIES_BYTES = {"tensorflow": 950_000_000, "jax": 565_000_000}
"""The same of networks, by backend."""


_COPIES = {"stock": (2.0, 6.0, 2.8), "kernel": (1.4, 1.2, 2.0), "network": (2.0, 3.5, 2.0)}
"""So often there are the data, the weights, and the weights again for each kept cohort."""


@dataclass(frozen=True)
class Fit:
    """What fits into memory.

    Attributes:
        trials: at most so many in a cohort.
        cohorts_kept: so many optimizers' compiled cohorts, with their moments, are kept for the
            next seed, 1 … ``COMPILED_COHORTS_KEPT``.
    """

    trials: int
    cohorts_kept: int


def estimated_memory_bytes(trials: Sequence[Trial], sizes: Sizes, fit: Fit | None = None) -> int:
    """About the most memory that a process takes that trains on the processor.

    The libraries' own; the data, as a tensor and as a mapped file; the largest batch, twice;
    weights, gradients and what the step puts aside, 6 times the weights of the widest cohort; and
    2.8 times them for each kept cohort, of which two are the moments of Adam and its kin. (SGD has
    fewer, so it takes less.) Products in bfloat16 have weights and gradients rounded beside them,
    half as large each. Where the first layer has a kernel, its weights and moments are there once,
    and the features once, with those of them that are not 0. Measured against ``ru_maxrss`` on
    TensorFlow 2.21 by ``tests/benchmarks/growth_training.py``, for heads on frozen features with
    1 … 28 trials, 1 and 3 optimizers, and 4,608 and 25,088 features: 9 % below to 8 % above.

    Networks have 3.5 and 2 times their weights. They take twice what all layers put out for a
    batch, for their gradients, and 3.5 times the largest of it for the examples that are evaluated
    at once. Measured so by ``tests/benchmarks/network_memory.py`` on TensorFlow and JAX: of ``mlp``
    (seven at once on JAX too), ``small-cnn``, and ``resnet20`` with batches of 64 it is 0 to 15 %
    above; of deep networks with large batches too high (``resnet20`` with 256: 1.6 and 1.4 times
    what was taken).

    Args:
        trials: of the plan.
        sizes: of what they train on, and of their weights.
        fit: how large cohorts are; None for as large as the plan has them.
    """
    fit = fit or whole(trials)
    batch_size = max(trial.config.batch_size for trial in trials)
    examples_at_once = max(batch_size, min(EVALUATION_BATCH, sizes.examples))
    batch = examples_at_once * sizes.example_bytes
    rounded = any(trial.config.head_products != "float32" for trial in trials)
    data, step, kept = _COPIES["network" if sizes.libraries_bytes else sizes.first_layer]
    copies = step + rounded + kept * fit.cohorts_kept
    at_once = 1 if sizes.alone_because else fit.trials
    training = round(copies * at_once * sizes.weights_bytes)
    gradients = 2 * batch_size * sizes.activation_bytes
    evaluation = round(3.5 * examples_at_once * sizes.output_bytes)
    activations = at_once * (gradients + evaluation)
    libraries = sizes.libraries_bytes or LIBRARIES_BYTES
    return libraries + round(data * sizes.data_bytes) + 2 * batch + training + activations


def whole(trials: Sequence[Trial]) -> Fit:
    """Cohorts as large as the plan has them, and as many kept as it has use for."""
    cohorts = plan_cohorts(trials)
    kinds = {_kept_as(cohort.config) for cohort in cohorts}
    largest = max(len(cohort.trials) for cohort in cohorts)
    return Fit(largest, min(len(kinds), COMPILED_COHORTS_KEPT))


def _kept_as(config: TrainingConfig) -> tuple:
    """Equal for cohorts that share what is compiled: of trials that train alone, all rates."""
    optimizer = config.optimizer
    if optimizer.element_wise:
        return config.cohort_key()
    return optimizer.algorithm, repr(sorted(optimizer.settings.items())), config.hidden_units


def fit_into(trials: Sequence[Trial], sizes: Sizes, limit_bytes: int | None) -> Fit:
    """How cohorts keep to a limit: first fewer are kept, then they are halved.

    Raises:
        UsageError: not even one trial at a time keeps to it.
    """
    fit = whole(trials)
    while limit_bytes is not None and estimated_memory_bytes(trials, sizes, fit) > limit_bytes:
        if fit.cohorts_kept > 1:
            fit = replace(fit, cohorts_kept=fit.cohorts_kept - 1)
        elif fit.trials > 1:
            fit = replace(fit, trials=half(fit.trials))
        else:
            raise UsageError(
                f"one trial takes about {estimated_memory_bytes(trials, sizes, fit) / 1e9:.1f} GB, "
                f"above the memory limit of {limit_bytes / 1e9:.1f} GB",
                remedy="Raise --memory-limit, or take fewer --pictures or a smaller head.",
            )
    return fit
