"""The adaptive rate of optimizers that divide by the root of a second moment, as each takes it.

It multiplies the learning rate and the first moment m̂. Algorithms differ in where ε stands, and
AMSGrad in which v it takes; what an optimizer really does says the class that has its step.

In the flow: ``training.recorder`` computes it where gradients are recorded.

Legend: N weights, P trials.
"""

from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from sweep.optimizers.adam_2k import Adam2k
from sweep.optimizers.radam import RAdam
from sweep.optimizers.schedule_free import ScheduleFreeAdamW

Floats = NDArray[np.float64]

EpsilonPlace = Literal["after correction", "before correction", "inside root"]

_PLACES: dict[type, EpsilonPlace] = {
    keras.optimizers.Adam: "before correction",
    Adam2k: "before correction",
    keras.optimizers.Lamb: "after correction",
    keras.optimizers.Nadam: "after correction",
    keras.optimizers.ScheduleFreeAdamW: "after correction",
    ScheduleFreeAdamW: "after correction",
    RAdam: "after correction",
}
"""By the class that has the step. A test holds them against steps that are taken."""


@dataclass(frozen=True)
class SecondMoments:
    """What the adaptive rate of an optimizer is made of.

    Attributes:
        variables: v of every variable, shaped like it; of AMSGrad its maximum so far.
        epsilon_place: where ε stands, see ``adaptive_rate``.
        beta_2, epsilon: of the optimizer; None where they differ from trial to trial.
    """

    variables: tuple[Any, ...]
    epsilon_place: EpsilonPlace
    beta_2: float | None
    epsilon: float | None


def second_moments_of(optimizer: keras.optimizers.Optimizer) -> SecondMoments | None:
    """Those of a built optimizer; None where it has none like Adam's, or a step of its own.

    Args:
        optimizer: one of your own has them where it inherits the step of a known one.
    """
    with_step = next(kind for kind in type(optimizer).__mro__ if "update_step" in vars(kind))
    place = _PLACES.get(with_step)
    if place is None:
        return None
    settings = vars(optimizer)
    variables = settings["_velocity_hats" if settings.get("amsgrad") else "_velocities"]
    beta_2, epsilon = (_number(settings[name]) for name in ("beta_2", "epsilon"))
    is_inside = settings.get("epsilon_inside", False)
    return SecondMoments(tuple(variables), "inside root" if is_inside else place, beta_2, epsilon)


def _number(setting: Any) -> float | None:
    return float(setting) if isinstance(setting, int | float) else None


def adaptive_rate(
    v_NP: NDArray[np.floating[Any]],
    step: int,
    *,
    beta_2_P: Floats,
    epsilon_P: Floats,
    epsilon_place: EpsilonPlace,
) -> Floats:
    """What a step multiplies the learning rate and m̂ with, (N, P); NaN where v is 0.

    With v̂ = v / (1 − β₂ᵗ):

        after correction:   1 / (√v̂ + ε)
        before correction:  1 / (√v̂ + ε / √(1 − β₂ᵗ)), Keras' "epsilon hat"
        inside root:        1 / √(v̂ + ε)

    Args:
        v_NP: the second moments after the step, at least 0.
        step: t, from 1.
        beta_2_P: β₂ in [0, 1).
        epsilon_P: ε, at least 0.
        epsilon_place: where ε stands.
    """
    unbiased_P = 1 - beta_2_P**step
    v_hat_NP = v_NP.astype(np.float64) / unbiased_P
    with np.errstate(divide="ignore"):
        if epsilon_place == "inside root":
            rate_NP = 1 / np.sqrt(v_hat_NP + epsilon_P)
        elif epsilon_place == "before correction":
            rate_NP = 1 / (np.sqrt(v_hat_NP) + epsilon_P / np.sqrt(unbiased_P))
        else:
            rate_NP = 1 / (np.sqrt(v_hat_NP) + epsilon_P)
    return np.where(v_NP > 0, rate_NP, np.nan)
