"""How help looks: in panels where a terminal is wide enough for them, else as plain text.

In the flow: ``app`` asks before Typer draws it.
"""

import sys
from typing import Literal

from sweep.cli.terminal import terminal_of

MIN_PANEL_WIDTH = 100
"""In narrower panels Typer cuts names of options and examples off."""


def markup_mode() -> Literal["rich"] | None:
    """What ``typer.Typer`` takes: panels, or None for plain text."""
    width = terminal_of(sys.stdout).width
    return "rich" if width is not None and width >= MIN_PANEL_WIDTH else None


def adapt_panels() -> None:
    """Let Typer's panels, where there are any, keep to our rules for colours and widths."""
    if markup_mode() is None:
        return
    from typer import rich_utils

    here = terminal_of(sys.stdout)
    rich_utils.FORCE_TERMINAL = here.is_coloured
    rich_utils.COLOR_SYSTEM = here.colours
    rich_utils.MAX_WIDTH = here.width
