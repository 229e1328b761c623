"""Why pictures cannot be used at all, with what is known of the reasons and what to do.

Under ``pictures.py``: what a listing lacks, and what was wrong with files where too few are left.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sweep.data.decoding import NEEDS_PASSWORD, UNKNOWN_PACKING
from sweep.data.formats import HEIC_REMEDY, LFS_POINTER, NEEDS_PLUG_IN, formats_in_words
from sweep.data.layouts import Layout
from sweep.errors import DataError
from sweep.results.account import unusable_reasons
from sweep.results.account_words import reasons_in_words
from sweep.util.paths import as_typed, printable

_REMEDIES = {
    LFS_POINTER: "Fetch the files themselves with `git lfs pull`.",
    NEEDS_PLUG_IN: HEIC_REMEDY,
    NEEDS_PASSWORD: "Unpack the archive with its password, and pass the folder.",
    UNKNOWN_PACKING: "Unpack the archive with the program that made it, and pass the folder.",
    "range is not clear": "Convert them to PNG, or to TIFF with values of 0 … 1.",
    "which is not read": f"Convert them: what is read is {formats_in_words()}.",
}
"""By what a reason says."""
_ANY_REMEDY = "Get these files anew or convert them, or add other pictures."


def checked_classes(layout: Layout, path: Path, file_count: int) -> tuple[str, ...]:
    """The names of the classes.

    Args:
        layout: what the names of files say.
        path: of the folder or zip.
        file_count: all files in it.

    Raises:
        DataError: there are fewer than two.
    """
    names = layout.class_names
    if len(names) >= 2:
        return names
    remedy = (
        "Pass the folder or zip that holds one folder of pictures for each of two or more "
        "classes, such as Cat and Dog."
    )
    if names:
        raise DataError(
            f"only one class in {as_typed(path)}: {names[0]}",
            rule="Pictures are of two or more classes.",
            remedy=remedy,
        )
    if unlabelled := len(layout.unexplained + layout.unlabelled):
        raise DataError(
            f"{unlabelled} pictures in {as_typed(path)}, none of them in a class folder",
            rule="A picture's class is the folder that it lies in.",
            remedy=remedy,
        )
    others = f", which has {file_count:,} other files" if file_count else ""
    raise DataError(
        f"no pictures in {as_typed(path)}{others}",
        rule=f"Pictures are known by their suffix; what is read is {formats_in_words()}.",
        remedy=remedy,
    )


@contextmanager
def reasons_said(skipped: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Add to an error that too few pictures are left why the others could not be used.

    Raises:
        DataError: in place of a ``DataError``.
    """
    try:
        yield
    except DataError as error:
        reasons = unusable_reasons(skipped)
        if not reasons:
            raise
        shown = reasons_in_words(reasons)
        remedies = [remedy for kind, remedy in _REMEDIES.items() if kind in shown]
        raise DataError(
            f"{error.wrong}; not usable: {printable(shown)}",
            rule=error.rule,
            remedy=" ".join(remedies) or _ANY_REMEDY,
        ) from error
