"""One figure alone, as a file for papers and slides.

From ``Evidence`` to Plotly's JSON, or through Kaleido and a browser to a picture.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.errors import MissingError, UsageError
from sweep.figures import FIGURES
from sweep.figures.drawing import Format
from sweep.util.distribution import installing
from sweep.util.files import write_bytes

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
        raise UsageError(f"A figure is one of {', '.join(FIGURES)}.", got=name)
    if format not in get_args(Format):
        raise UsageError(f"A figure's format is one of {', '.join(get_args(Format))}.", got=format)
    figure = FIGURES[name](evidence).figure
    if format == "json":
        return write_bytes(path, (figure.to_json() or "").encode())
    return write_bytes(path, _image(figure, format))


def _image(figure: go.Figure, format: str) -> bytes:
    if find_spec("kaleido") is None:
        raise MissingError(
            f"A figure as {format} needs Kaleido, which is not installed.",
            remedy=f"{installing('kaleido')}, or take --format json",
        )
    figure.update_layout(font={"size": LETTERS})
    try:
        scale = SCALE if format == "png" else 1
        return figure.to_image(format=format, width=WIDTH, scale=scale)
    except (ValueError, RuntimeError) as error:
        raise MissingError(
            f"A figure as {format} needs a Chrome or Chromium browser, which draws it.",
            got=" ".join(str(error).split())[:120],
            remedy="Install chromium, name one in BROWSER_PATH, or take --format json.",
        ) from error
