"""What all pages share: the data of their figures, and one file that loads nothing from outside.

From drawings and what a template says to HTML. The templates fill the blocks of ``frame.html``.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plotly.offline import get_plotlyjs

from sweep.figures.drawing import Drawing
from sweep.figures.style import template
from sweep.report.markup import inlined, source, templates
from sweep.util.distribution import __version__
from sweep.util.times import zoned


def whole_page(name: str, drawings: Sequence[Drawing], values: Mapping[str, Any]) -> str:
    """A page with its styles, scripts and figures in it, which opens offline.

    Args:
        name: of a template that extends ``frame.html``.
        drawings: its figures, in any order.
        values: whatever else the template shows.
    """
    made = templates().get_template(name)
    return made.render(
        **values,
        **framed(drawings),
        style=source("report.css"),
        script=source("report.js"),
        plotly=get_plotlyjs(),
    )


def framed(drawings: Sequence[Drawing]) -> dict[str, Any]:
    """What the frame says of any page, without styles and scripts: figures' data, who made it."""
    content = {
        "templates": {"light": template("light"), "dark": template("dark")},
        "figures": {drawing.name: drawing.as_json() for drawing in drawings},
    }
    return {
        "figures": inlined(content),
        "version": __version__,
        "made_at": zoned(datetime.now(UTC)),
    }
