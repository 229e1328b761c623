"""Paths as people type them: each leads somewhere or nowhere; and where they begin.

Under everything that takes a path from a command line or from the environment.
"""

import shlex
from pathlib import Path

from sweep.errors import MissingError


def check_current_folder() -> None:
    """Look whether the current folder is still there, which every relative path needs.

    Raises:
        MissingError: it was deleted, or cannot be reached any more.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise MissingError(
            f"the current folder is gone ({error.strerror})",
            remedy="Go to a folder that exists, with `cd`.",
        ) from error


def typed_path(text: str) -> Path:
    """The path that was typed, ``~`` being the home folder.

    One that begins with ``~nobody`` stays as it is where there is no such user.

    Example:
        >>> typed_path("~no-such-user/pictures").as_posix()
        '~no-such-user/pictures'
    """
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file can have, such as a too long one, is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Whether a file or folder is there; see ``is_file``."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def printable(name: str) -> str:
    r"""A file's name, or any text with one, as text that every page takes.

    Names that are no UTF-8 come from the system with letters that no text may have.

    Example:
        >>> print(printable("caf\udce9.jpg"))
        caf\udce9.jpg
    """
    return name.encode(errors="backslashreplace").decode()


def as_typed(path: Path | str) -> str:
    """A path as it is typed into a shell: in quotes where it has spaces, so that it can be copied.

    Example:
        >>> as_typed(Path("my pictures", "cats")), as_typed("pictures/cats")
        ("'my pictures/cats'", 'pictures/cats')
    """
    shown = printable(str(path))
    return shlex.quote(shown) if any(letter.isspace() for letter in shown) else shown
