"""The simulation of the adaptive rate: its figure, and one HTML page of it."""

from collections.abc import Sequence

from sweep.analysis.adaptive_rate import Theory, ladder, theory
from sweep.figures import simulation
from sweep.figures.drawing import Drawing
from sweep.report.frame import whole_page

BETA_2, STEPS, DRAWS = 0.999, 6_000, 5_000
"""Of the paper's simulation, and of ``sweep simulate`` without options."""


def simulated() -> Drawing:
    """The figure of ``sweep simulate`` without options: with the paper's numbers, and mean 0."""
    return simulation.draw([theory(BETA_2, ladder(STEPS), draws=DRAWS)])


def render(theories: Sequence[Theory], draws: int, seed: int) -> str:
    """The page, which loads nothing from outside.

    Args:
        theories: one a β₂, at least one.
        draws: so many weights were simulated.
        seed: of their gradients.
    """
    drawing = simulation.draw(theories)
    about = {"draws": f"{draws:,}", "seed": seed, "mean": f"{theories[0].mean:g}"}
    return whole_page("simulation.html", [drawing], about | {"drawing": drawing})
