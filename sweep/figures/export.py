"""One figure alone, as a file for papers and slides.

From ``Evidence`` to Plotly's JSON, or through Kaleido and a browser to a picture.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from sweep.analysis.evidence import Evidence
from sweep.errors import MissingError, UsageError
from sweep.figures import FIGURES
from sweep.figures.drawing import Format
from sweep.util.distribution import installing
from sweep.util.files import write_bytes
from sweep.util.nearest import did_you_mean

WIDTH, SCALE, LETTERS = 900, 3, 14
"""In pixels; SCALE is a PNG's. Letters have 7 points where the figure is 16.5 cm wide."""


def write_figure(evidence: Evidence, name: str, format: str, path: Path) -> Path:
    """Write one figure, in its first state, to ``path``.

    Args:
        evidence: a study's.
        name: a key of ``FIGURES``.
        format: ``json`` (Plotly's), or ``png`` and ``svg``, which need Kaleido and a browser.
        path: of the file; its folder is made.

    Returns:
        ``path``.

    Raises:
        UsageError: no such figure or format.
        MissingError: Kaleido or its browser is not there.
        FileError: the file cannot be written.
    """
    if name not in FIGURES:
        raise UsageError(
            f"no figure {name!r}{did_you_mean(name, FIGURES)}",
            remedy=f"Name one of {', '.join(FIGURES)}.",
        )
    if format not in get_args(Format):
        raise UsageError(
            f"a figure has no format {format!r}{did_you_mean(format, get_args(Format))}",
            remedy=f"Name one of {', '.join(get_args(Format))}.",
        )
    drawing = FIGURES[name](evidence)
    if format == "json":
        return write_bytes(path, str(to_json_plotly(drawing.as_json())).encode())
    return write_bytes(path, _image(drawing.first_state, format))


def _image(figure: go.Figure, format: str) -> bytes:
    if find_spec("kaleido") is None:
        raise MissingError(
            f"Kaleido is not installed: it draws figures as {format}",
            remedy=f"Install it with `{installing('kaleido')}`, or take --format json.",
        )
    figure.update_layout(font={"size": LETTERS})
    try:
        scale = SCALE if format == "png" else 1
        return figure.to_image(format=format, width=WIDTH, scale=scale)
    except (ValueError, RuntimeError) as error:
        raise MissingError(
            f"no browser to draw a figure as {format}: {' '.join(str(error).split())[:120]}",
            rule="Chrome or Chromium draws it.",
            remedy="Install chromium, name one in BROWSER_PATH, or take --format json.",
        ) from error
