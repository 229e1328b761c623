"""Where a report goes, and how it gets there. Loads nothing that draws one."""

from contextlib import suppress
from pathlib import Path

from sweep.results.results import Results
from sweep.util.files import write_bytes
from sweep.util.names import file_stem


def file_name(results: Results) -> str:
    """The report's file name: the study's name, or one like it that no other study's file has."""
    return f"{file_stem(results.study.name)}.html"


def write_report(page: str, path: Path) -> Path:
    """Write a rendered report to ``path``, whole or not at all; one that is there already stays.

    Args:
        page: from ``page.render``.
        path: of the HTML file; its folder is made.

    Returns:
        ``path``.

    Raises:
        FileError: the file cannot be written.
    """
    content = page.encode()
    with suppress(OSError):
        if path.read_bytes() == content:
            return path
    return write_bytes(path, content)
