"""Where a command writes what it has made: into the file of ``--output``, or to the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.cli.console import show_text
from sweep.errors import UsageError
from sweep.util.paths import as_typed


def write_or_show(text: str, output: Path | None) -> None:
    """Write a text to a file; show it where there is none.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        show_text(text)
        return
    with output_errors(output):
        output.write_text(text, encoding="utf-8")


@contextmanager
def output_errors(output: Path) -> Iterator[None]:
    """Raise UsageError where the file cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{as_typed(output)} cannot be written: {error.strerror or error}",
            remedy="Name a file in a folder that exists, and that you may write to.",
        ) from error
