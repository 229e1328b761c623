"""The content of code of the user's own: a hash of each file that its steps rest on.

It enters the fingerprint, so that an edited optimizer or program is another one. Files are read,
and never run: a run that has nothing left to train loads no Keras. In the flow: the runner hands
that of optimizers to ``plan_trials`` and to the store; a task has its own.
"""

import ast
import hashlib
import importlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from sweep.errors import StudyError
from sweep.study.optimizer import ALGORITHMS, Optimizer
from sweep.util.paths import as_typed, is_file, printable

_SWEEP = Path(__file__).parents[1]
_INSTALLED = tuple(
    {Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_INSTALLED_FOLDERS = {"site-packages", "dist-packages"}
UNREADABLE = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)
"""What reading a file as Python raises."""
_FIRST_SEEN: dict[Path, str] = {}
"""The hash that each file had when this process first looked, which is before it imports it."""


def own_code(algorithm: str) -> dict[str, str]:
    """The hash of each file of the user's that an algorithm is made of.

    That is the module of ``module:Class``, the packages around it, and what they import, in
    functions too and however deep. What is installed, Python's own and sweep are left out: they
    are known by their versions. All of a file counts, comments as well. Modules that are imported
    by a name made at run time (``importlib.import_module``) are not seen.

    Args:
        algorithm: of an optimizer; one that is known by name has no file of the user's. Or
            ``module:name`` of anything else of the user's.

    Returns:
        By the file's path from the current folder (in full where it lies elsewhere), the SHA-256
        of its content in hexadecimal digits, in the order of the paths.

    Raises:
        StudyError: the module cannot be found; a file of it cannot be read, is not Python, or was
            edited after this process imported it.

    Example:
        >>> own_code("adam"), own_code("keras.optimizers:Adam")
        ({}, {})
    """
    if algorithm in ALGORITHMS:
        return {}
    importlib.invalidate_caches()  # a file may have been written a moment ago
    module = algorithm.partition(":")[0]
    if _find(module) is None:
        raise StudyError(
            f"no module {module!r}, which {algorithm!r} names",
            remedy=f"Install {module}, or run in the folder that holds {module}.py.",
        )
    found = {}
    for path, (name, content) in sorted(_files(algorithm, [*_with_packages(module)]).items()):
        found[printable(_shown(path))] = content_hash = hashlib.sha256(content).hexdigest()
        _refuse_stale(name, path, content_hash)
    return found


def own_script(path: Path) -> dict[str, str]:
    """The hash of a file that a command names and, of a Python script, of what it imports.

    As ``own_code``, with modules looked for beside the script first, as Python does.

    Args:
        path: of the file.

    Raises:
        StudyError: a file cannot be read, or is not Python although its name says so.
    """
    importlib.invalidate_caches()
    if path.suffix != ".py":
        return {printable(_shown(path)): _hash_of(path)}
    try:
        imported = [*_imported("__main__", path, path.read_bytes())]
    except UNREADABLE as error:
        raise _unreadable(path, path.name, error) from error
    files = _files(path.name, imported, path.parent)
    hashes = {path: _hash_of(path)}
    hashes |= {each: hashlib.sha256(content).hexdigest() for each, (_, content) in files.items()}
    return {printable(_shown(each)): hashes[each] for each in sorted(hashes)}


def own_places(path: str) -> set[Path]:
    """Where the modules lie that ``own_code`` reads, as something that can be taken along whole.

    Args:
        path: ``module:name`` of something of the user's.

    Returns:
        Files, and of modules within packages the folders of the outermost packages.

    Raises:
        StudyError: a file cannot be read, or is not Python.
    """
    importlib.invalidate_caches()
    files = _files(path, [*_with_packages(path.partition(":")[0])])
    return {_outermost(file, name) for file, (name, _) in files.items()}


def _outermost(file: Path, module: str) -> Path:
    """The file of a module, or the folder of the outermost package around it."""
    depth = module.count(".") + (file.name == "__init__.py")
    return file.parents[depth - 1] if depth else file


def codes_of(
    optimizers: Iterable[Optimizer], *, are_there: bool = True
) -> dict[str, dict[str, str]]:
    """By label, ``own_code`` of each optimizer, or schedule, that is made of the user's own files.

    Args:
        optimizers: a study's.
        are_there: whether all are to be found here; a program may run where they are.
    """
    found: dict[str, dict[str, str]] = {}
    for optimizer in optimizers:
        for path in optimizer.paths:
            if are_there or _find(path.partition(":")[0]) is not None:
                found.setdefault(optimizer.label, {}).update(own_code(path))
    return {label: files for label, files in found.items() if files}


def _hash_of(path: Path) -> str:
    """Of a file that may be large."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, path.name, error) from error


def _refuse_stale(name: str, path: Path, content_hash: str) -> None:
    """Refuse an edited file whose module this process has imported: it would train as it was."""
    first = _FIRST_SEEN.setdefault(path, content_hash)
    if first != content_hash and name in sys.modules:
        raise StudyError(
            f"{as_typed(_shown(path))} was edited after this process had imported {name}",
            rule="Code of your own is run as its files are now.",
            remedy="Start Python anew (in a notebook, restart the kernel).",
        )


def _files(
    of: str, waiting: list[str], beside: Path | None = None
) -> dict[Path, tuple[str, bytes]]:
    """The user's files that importing modules runs, with their modules' names and content.

    Args:
        of: what they are of, for errors.
        waiting: the modules.
        beside: the folder where they are looked for first.
    """
    files: dict[Path, tuple[str, bytes]] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        path = None if name in seen else _own_file(name, beside)
        seen.add(name)
        if path is None:
            continue
        try:
            content = path.read_bytes()
            files[path] = name, content
            waiting += _imported(name, path, content)
        except UNREADABLE as error:
            raise _unreadable(path, of, error) from error
    return files


def _unreadable(path: Path, of: str, error: BaseException) -> StudyError:
    return StudyError(
        f"{as_typed(_shown(path))} of {of!r} cannot be read: {type(error).__name__}: {error}",
        remedy="Mend that file.",
    )


def _with_packages(module: str) -> Iterator[str]:
    """``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``: importing the last one runs all three."""
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _own_file(module: str, beside: Path | None) -> Path | None:
    """The file of a module of the user's; None of any other, and of what is not there."""
    spec = _find(module, beside)
    if spec is None or not spec.has_location or spec.origin is None:
        return None
    path = Path(spec.origin)
    return path if is_file(path) and not _is_installed(path) else None


def _is_installed(path: Path) -> bool:
    return (
        path.is_relative_to(_SWEEP)
        or not _INSTALLED_FOLDERS.isdisjoint(path.parts)
        or any(path.is_relative_to(folder) for folder in _INSTALLED)
    )


def _find(module: str, beside: Path | None = None) -> ModuleSpec | None:
    """Where a module lies; nothing of it, nor of the packages around it, is run."""
    package, _, name = module.rpartition(".")
    if not package:
        found = PathFinder.find_spec(name, [str(beside)]) if beside else None
        return found or _find_top(name)
    around = _find(package, beside)
    folders = around and around.submodule_search_locations
    return PathFinder.find_spec(name, [*folders]) if folders else None


def _find_top(name: str) -> ModuleSpec | None:
    """As ``optimizers.build`` imports it: what is installed first, the current folder last."""
    for finder in sys.meta_path:
        look = getattr(finder, "find_spec", None)
        if look is not None and (spec := look(name, None)) is not None:
            return spec
    return PathFinder.find_spec(name, [str(Path.cwd())])


def _imported(module: str, path: Path, content: bytes) -> Iterator[str]:
    """The names of all modules that a file may import, with the packages around them."""
    if path.suffix != ".py":
        return  # compiled: its content says it all
    is_package = path.name == "__init__.py"
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, package)
            for name in (source, *(f"{source}.{alias.name}" for alias in node.names)):
                yield from _with_packages(name)


def _source(node: ast.ImportFrom, package: str) -> str:
    """The module that ``from … import`` names, dots resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    around = parts[: len(parts) - (node.level - 1)]
    return ".".join([*around, *filter(None, [node.module])])


def _shown(path: Path) -> str:
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
