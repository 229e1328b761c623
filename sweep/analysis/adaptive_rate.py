"""The adaptive rate's variance over steps with normal gradients: in theory and simulated. Pure.

In the flow: ``optimizers.adaptive_variance`` has the mathematics; figures draw what is put together
here, and ``sweep simulate`` shows it. After Figures 8 and 9 of Liu et al. 2020 (arXiv 1908.03265).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.analysis.gradient_words import number
from sweep.analysis.wording import decimal, percent
from sweep.optimizers.adaptive_variance import approximate_variance, relative_variance, simulate
from sweep.optimizers.rectification import rectification, rho_t

Floats = NDArray[np.float64]

LADDER = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
"""Steps of a decade at which a simulation is told; those that are whole numbers."""
SHORT_LADDER = (1, 2, 5)
"""The same where there is little space."""
FIRST_JUDGED = 10
"""Before this step rates scatter so widely that their sample says little of a standard error."""


@dataclass(frozen=True)
class Theory:
    """What is known of normal gradients at one β₂.

    Attributes:
        beta_2: β₂.
        steps: ascending, from 1.
        rho: ρ_t, the length of the moving average.
        exact: the relative variance of Theorem 1; NaN where ρ is at most 2.
        approximate: the paper's approximation of it; NaN where ρ is at most 4.
        simulated, standard_error: by chance; NaN where there is none.
        rectification: RAdam's r_t; NaN before it rectifies.
        mean: of the simulated gradients; the theory's is 0.
    """

    beta_2: float
    steps: Floats
    rho: Floats
    exact: Floats
    approximate: Floats
    simulated: Floats
    standard_error: Floats
    rectification: Floats
    mean: float = 0.0

    @cached_property
    def rectified(self) -> Floats:
        """The relative variance that r_t leaves, r_t² times the simulated one."""
        return self.rectification**2 * self.simulated


def theory(
    beta_2: float,
    steps: Iterable[float],
    *,
    until: float = math.inf,
    draws: int = 2_000,
    seed: int = 0,
    mean: float = 0.0,
) -> Theory:
    """Theory and simulation at these steps.

    Args:
        beta_2: β₂ in (0, 1).
        steps: whole numbers, ascending, from 1.
        until: later steps are not simulated.
        draws: so many weights are simulated.
        seed: of their gradients.
        mean: of their gradients, whose variance is 1.
    """
    at = np.array([*steps], np.float64)
    rho = rho_t(beta_2, at)
    simulated = np.full((2, len(at)), np.nan)
    known = at <= until
    simulated[:, known] = simulate(
        beta_2, at[known].astype(int).tolist(), draws=draws, seed=seed, mean=mean
    )
    return Theory(
        beta_2=beta_2,
        steps=at,
        rho=rho,
        exact=relative_variance(rho),
        approximate=approximate_variance(rho),
        simulated=simulated[0],
        standard_error=simulated[1],
        rectification=rectification(beta_2, at),
        mean=mean,
    )


def ladder(last: int, rungs: Sequence[float] = LADDER) -> list[int]:
    """Steps from 1 to the last, about evenly spaced in their logarithm.

    Example:
        >>> ladder(30, SHORT_LADDER)
        [1, 2, 5, 10, 20, 30]
    """
    decades = range(len(str(last)))
    steps = {rung * 10**decade for decade in decades for rung in rungs}
    return sorted({int(step) for step in steps if step == int(step) and step < last} | {last})


def theory_rows(found: Theory) -> list[dict[str, Any]]:
    """One row a step; None where there is nothing."""
    columns = {
        "rho": found.rho,
        "exact_variance": found.exact,
        "approximate_variance": found.approximate,
        "simulated_variance": found.simulated,
        "standard_error": found.standard_error,
        "rectification": found.rectification,
        "rectified_variance": found.rectified,
    }
    return [
        {"beta_2": found.beta_2, "step": int(step)}
        | {name: _known(values[at]) for name, values in columns.items()}
        for at, step in enumerate(found.steps)
    ]


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def theory_sentences(found: Theory) -> list[str]:
    """How far the approximation and the simulation are from Theorem 1, and what r makes of it."""
    return [*_of_approximation(found), *_of_simulation(found), *_of_rectification(found)]


def _of_approximation(found: Theory) -> list[str]:
    (known,) = np.nonzero(np.isfinite(found.approximate))
    if not known.size:
        return []
    off = found.approximate[known] / found.exact[known] - 1
    first, last = found.steps[known[[0, -1]]]
    return [
        f"The approximation is {_beside(off[0])} the exact variance at step {first:,.0f} and "
        f"{_beside(off[-1])} it at step {last:,.0f}."
    ]


def _of_simulation(found: Theory) -> list[str]:
    (known,) = np.nonzero((found.steps >= FIRST_JUDGED) & np.isfinite(found.exact))
    if not known.size:
        return []
    off = found.simulated[known] / found.exact[known] - 1
    at = int(np.abs(off).argmax())
    errors = abs(found.simulated - found.exact)[known][at] / found.standard_error[known][at]
    said = (
        f"From step {FIRST_JUDGED} on, the simulated variance is farthest from the exact one at "
        f"step {found.steps[known][at]:,.0f}: {_beside(off[at])} it, which is "
        f"{decimal(errors, 1)} standard errors."
    )
    if found.mean:
        return [f"{said} Theorem 1 is of gradients with mean 0, these have {found.mean:g}."]
    return [said]


def _of_rectification(found: Theory) -> list[str]:
    (known,) = np.nonzero(np.isfinite(found.rectified))
    if not known.size:
        return ["RAdam rectifies none of these steps."]
    before, after = (found.simulated[known], found.rectified[known])
    return [
        f"From step {found.steps[known[0]]:,.0f} on, the highest simulated variance is "
        f"{_times(before)} times the lowest, and {_times(after)} times where r multiplies the rate."
    ]


def _beside(off: float) -> str:
    return f"{percent(abs(off))} {'above' if off >= 0 else 'below'}"


def _times(values: Floats) -> str:
    return number(float(values.max() / values.min()))
