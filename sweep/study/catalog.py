"""Finds studies: by name among the user's and the built-in ones, or by a file's path.

A study file is Python and defines one ``study``, or a ``collection`` of several. The user's
``./studies/`` wins over the built-in studies, which lie beside the package in a checkout and inside
it in a wheel. Another project may have a folder of that name: files there that cannot be studies
are passed over, not run.
"""

import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sweep.errors import StudyError, SweepError
from sweep.study.collection import Collection
from sweep.study.problems import invalid
from sweep.study.study import Study
from sweep.study.variation import vary
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed, is_file, typed_path

_PACKAGE = Path(__file__).parents[1]
_NEW_STUDY = "`sweep new NAME`"


@dataclass(frozen=True)
class Entry:
    """A study or collection that can be run.

    Attributes:
        name: what ``sweep run`` takes.
        path: of its file.
        built_in: whether it comes with the program.
    """

    name: str
    path: Path
    built_in: bool


def entries() -> tuple[Entry, ...]:
    """All studies and collections found by name; the user's hide built-in ones of their names."""
    built_in, own = _built_in_folder(), Path("studies")
    found = {entry.name: entry for entry in _in(built_in, True)}
    if own.resolve() != built_in.resolve():
        found |= {entry.name: entry for entry in _in(own, False)}
    return tuple(found[name] for name in sorted(found))


def load(target: str, changes: Mapping[str, Any] | None = None) -> Study:
    """The study of this name or path, with ``changes`` made to it.

    Args:
        target: a name from ``entries``, or the path of a study file.
        changes: as ``variation.vary`` takes them.

    Raises:
        StudyError: there is no such study, its file raises, or what it says is not valid; or it is
            a collection.
    """
    study = one_study(target, load_any(target))
    return vary(study, changes) if changes else study


def one_study(target: str, found: Study | Collection) -> Study:
    """What was found under this name or path, where it is a study.

    Raises:
        StudyError: it is a collection.
    """
    if isinstance(found, Study):
        return found
    raise StudyError(
        f"{target} is a collection of studies, and one study is asked for",
        rule=f"Its studies are {', '.join(found.studies)}.",
        remedy="Name one of them. `sweep run`, `report`, `status` and `sensitivity` take a "
        "collection too.",
    )


def load_any(target: str) -> Study | Collection:
    """The study or collection of this name or path.

    Raises:
        StudyError: as ``load``.
    """
    return _load_file(_path_of(target))


def find_collection(target: str) -> Collection | None:
    """The collection of this name or path; None of a study, and where neither can be loaded."""
    try:
        found = load_any(target)
    except StudyError:
        return None
    return found if isinstance(found, Collection) else None


def find_any(target: str) -> Study | Collection | None:
    """As ``load_any``; None where there is no such file.

    Raises:
        StudyError: there is one, and it cannot be loaded.
    """
    try:
        path = _path_of(target)
    except StudyError:
        return None
    return _load_file(path)


def is_path(target: str) -> bool:
    """Whether a target is the path of a study file, and no name."""
    return target.endswith(".py")


def _path_of(target: str) -> Path:
    if is_path(target) or "/" in target:
        path = typed_path(target)
        if not is_file(path):
            raise StudyError(
                f"no study file {as_typed(target)}",
                remedy=f"See the names of studies with `sweep list`, or write one: {_NEW_STUDY}.",
            )
        return path
    known = {entry.name: entry.path for entry in entries()}
    if target.replace("_", "-") not in known:
        raise StudyError(
            f"no study {target!r}{did_you_mean(target, known)}",
            rule=f"There are {', '.join(known)}; or pass the path of a Python file.",
            remedy=f"Name one of them, or start your own with {_NEW_STUDY}.",
        )
    return known[target.replace("_", "-")]


def _load_file(path: Path) -> Study | Collection:
    spec = importlib.util.spec_from_file_location(f"sweep_study_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise StudyError(
            f"{as_typed(path)} is no Python file", remedy="Give it a name that ends with .py."
        )
    module = importlib.util.module_from_spec(spec)
    try:
        with redirect_stdout(sys.stderr):  # what a study prints is no part of an answer
            spec.loader.exec_module(module)
    except ValidationError as error:
        raise invalid(as_typed(path), error) from error
    except SweepError:
        raise
    except (Exception, SystemExit) as error:  # the user's own code: theirs to mend
        said = traceback.format_exception_only(error)[-1].strip()
        raise StudyError(
            f"{as_typed(path)} fails in line {_line_in(path, error)}: {said}",
            remedy="Mend the file; --debug shows the whole traceback.",
        ) from error
    study = getattr(module, "study", None)
    collection = getattr(module, "collection", None)
    if study is None and isinstance(collection, Collection):
        return collection
    if not isinstance(study, Study):
        raise StudyError(
            f"{as_typed(path)} has no study: {_found_instead(study)}",
            rule="A study file defines a variable called study, a sweep.Study.",
            remedy=f"Start from the file that {_NEW_STUDY} writes.",
        )
    return study


def _found_instead(value: Any) -> str:
    if value is None:
        return "no variable is called study"
    return f"its variable study is of the type {type(value).__name__}"


def _line_in(path: Path, error: BaseException) -> int | str:
    """The last line of the file that the exception came through."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename) == path.absolute()]
    return (lines[-1] if lines else None) or "unknown"


def _in(folder: Path, built_in: bool) -> Iterator[Entry]:
    for path in sorted(folder.glob("*.py")):
        if not path.stem.startswith("_") and (built_in or _may_define_study(path)):
            yield Entry(path.stem.replace("_", "-"), path, built_in)


def _may_define_study(path: Path) -> bool:
    """Whether a file may be a study; files of another project's ``studies/`` are never run."""
    try:
        text = path.read_bytes()
    except OSError:
        return True  # told when it is loaded
    return b"sweep" in text or (b"study" in text and b"optuna" not in text)


def _built_in_folder() -> Path:
    inside = _PACKAGE / "_studies"
    return inside if inside.is_dir() else _PACKAGE.parent / "studies"
