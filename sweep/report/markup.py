"""The pages' templates and what they are made of; whatever is put into them is escaped."""

import re
from functools import cache
from typing import Any

import jinja2
import plotly.io
from markupsafe import Markup, escape

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@cache
def templates() -> jinja2.Environment:
    """The pages' templates; whatever is put into them is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("sweep.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["tied"] = tied
    return made


def tied(text: str) -> Markup:
    """``text`` in which no line ends between a number and its %, or within a command's option.

    Example:
        >>> tied("a < b with --measure-rounding 2")
        Markup('a &lt; b with <span class="tied">--measure-rounding</span> 2')
    """
    safe = str(escape(text.replace(" %", "\N{NO-BREAK SPACE}%")))
    return Markup(_OPTION.sub(r'<span class="tied">\g<0></span>', safe))


def source(name: str) -> str:
    """The text of a file among the templates."""
    loader = templates().loader
    assert loader is not None
    return loader.get_source(templates(), name)[0]


def inlined(content: dict[str, Any]) -> str:
    """JSON that can stand inside a script element, whatever the texts in it say.

    Plotly writes ``<``, ``>`` and ``/`` as escapes, so that no text can end the element.
    """
    return str(plotly.io.json.to_json_plotly(content))
