"""The simulation of the adaptive rate as one HTML page that loads nothing from outside."""

from collections.abc import Sequence
from datetime import UTC, datetime

from plotly.offline import get_plotlyjs

from sweep.analysis.adaptive_rate import Theory
from sweep.figures import simulation
from sweep.report.markup import inlined, source, templates
from sweep.report.page import page_content
from sweep.util.distribution import __version__
from sweep.util.times import zoned


def render(theories: Sequence[Theory], draws: int, seed: int) -> str:
    """The page.

    Args:
        theories: one a β₂, at least one.
        draws: so many weights were simulated.
        seed: of their gradients.
    """
    drawing = simulation.draw(theories)
    return (
        templates()
        .get_template("simulation.html")
        .render(
            drawing=drawing,
            draws=f"{draws:,}",
            seed=seed,
            mean=f"{theories[0].mean:g}",
            figures=inlined(page_content([drawing])),
            version=__version__,
            made_at=zoned(datetime.now(UTC)),
            style=source("report.css"),
            script=source("report.js"),
            plotly=get_plotlyjs(),
        )
    )
