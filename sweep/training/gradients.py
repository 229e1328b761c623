"""A sample of the gradients of a cohort's weights, and what it comes to in numbers.

They are computed beside the training, by a function compiled by itself, from the batch and the
weights of the step that is about to be taken. The training's own step is not touched, so its
numbers are the same to the last bit with and without.

Of a variable with more weights than ``MOST_OF_A_VARIABLE`` a fixed sample is taken, the same at
every step and for every trial: one weight at random out of each of so many equal parts. A share of
weights then has a standard error of at most 0.6 points.

In the flow: ``head_gradients`` and ``networks.gradients`` read it, for ``recorder``.

Legend: P trials, N sampled weights, B bins, V variables.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.results.gradients import BINS, BINS_A_DECADE, LOWEST
from sweep.training import backend

Floats = NDArray[np.float64]

MOST_OF_A_VARIABLE = 2**13
"""So many weights of a variable are looked at, of each trial."""


class Sample:
    """Which weights are looked at.

    Args:
        shapes: of V variables: (…, P, x), or any where one trial is alone.
        trial_count: P.
        is_alone: whether the variables have the shapes of one trial by itself.

    Attributes:
        places: of each variable, where its sampled weights lie in it, flattened, (N_v, P).
        weights_N: how many weights each sampled one stands for.
    """

    def __init__(
        self, shapes: Sequence[Sequence[int]], trial_count: int, *, is_alone: bool = False
    ) -> None:
        random = np.random.default_rng(0)
        self.places: list[NDArray[np.int32]] = []
        counts = []
        for shape in shapes:
            total = math.prod(shape) // trial_count
            chosen = chosen_weights(total, random)
            width = 1 if is_alone else shape[-1]
            line, column = np.divmod(chosen, width)
            trial_P = np.arange(trial_count)
            places = (line[:, None] * trial_count + trial_P) * width + column[:, None]
            self.places.append(places.astype(np.int32))
            counts.append(np.full(len(chosen), total / len(chosen)))
        self.weights_N: Floats = np.concatenate(counts)

    def of(self, values: Sequence[Any], first: int = 0) -> Any:
        """The sampled numbers, (N, P), of values shaped as the variables are; to be compiled.

        Args:
            values: of the variables from the ``first`` on.
            first: so many variables are left out.
        """
        taken = [
            ops.cast(ops.take(ops.reshape(value, (-1,)), places), "float32")
            for value, places in zip(values, self.places[first:], strict=True)
        ]
        return ops.concatenate(taken)

    def of_arrays(self, values: Sequence[Any]) -> NDArray[np.float32]:
        """The same of variables and of NumPy's arrays, outside of what is compiled."""
        pairs = zip(values, self.places, strict=True)
        return np.concatenate([_taken(value, places) for value, places in pairs])


def _taken(value: Any, places: NDArray[np.int32]) -> NDArray[np.float32]:
    """The numbers at these places, without a copy of all where they are in this memory."""
    if isinstance(value, np.ndarray):
        return value.reshape(-1)[places]
    if backend.is_plain_cpu():
        return np.asarray(value.value, np.float32).reshape(-1)[places]
    return np.asarray(ops.take(ops.reshape(value, (-1,)), places), np.float32)


def chosen_weights(total: int, random: np.random.Generator) -> NDArray[np.int64]:
    """All of ``total`` weights, or one at random out of each of so many equal parts."""
    if total <= MOST_OF_A_VARIABLE:
        return np.arange(total)
    edges = np.arange(MOST_OF_A_VARIABLE + 1) * total // MOST_OF_A_VARIABLE
    return random.integers(edges[:-1], edges[1:])


class Reader(Protocol):
    """What computes the gradients of a step that is about to be taken."""

    @property
    def sample(self) -> Sample:
        """Which weights it looks at."""
        ...

    read: Callable[..., NDArray[np.float32]]
    """Takes what the step's ``train`` takes; gives gradients, (N, P)."""


def shares(
    gradient_NP: NDArray[np.floating], weights_N: Floats
) -> tuple[NDArray[np.float32], Floats, Floats]:
    """Which share of the weights has a gradient whose size lies in each bin.

    Args:
        gradient_NP: of sampled weights.
        weights_N: how many each stands for.

    Returns:
        (P, B); and the shares, (P,), of those that are exactly 0, and of those that are not finite.
        Together they are 1.
    """
    size_NP = np.abs(gradient_NP).astype(np.float32)
    is_finite_NP = np.isfinite(size_NP)
    with np.errstate(divide="ignore", invalid="ignore"):
        bin_NP = np.floor((np.log10(size_NP) - LOWEST) * BINS_A_DECADE).clip(0, BINS - 1)
    bin_NP[size_NP == 0] = BINS
    bin_NP[~is_finite_NP] = BINS + 1
    share = np.stack(
        [np.bincount(bin_N, weights_N, minlength=BINS + 2) for bin_N in bin_NP.astype(np.intp).T]
    )
    share /= weights_N.sum()
    return share[:, :BINS].astype(np.float32), share[:, BINS], share[:, BINS + 1]


def mean_and_variance(value_NP: Floats, weights_N: Floats) -> tuple[Floats, Floats]:
    """Over the weights whose value is known, each (P,); NaN where none is."""
    is_known_NP = np.isfinite(value_NP)
    known_NP = np.where(is_known_NP, value_NP, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_P, square_P = (
            weights_N @ power_NP / (weights_N @ is_known_NP) for power_NP in (known_NP, known_NP**2)
        )
    return mean_P, np.maximum(square_P - mean_P**2, 0.0)
