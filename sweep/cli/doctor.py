"""``sweep doctor``: what works on this machine, and what to do about what does not."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from sweep.cli.console import show_json, show_table
from sweep.cli.options import JsonOption, StoreOption
from sweep.errors import MissingError, NoStoreError, SweepError
from sweep.settings import Settings, from_environment, without_password
from sweep.util.distribution import installed, installing

if TYPE_CHECKING:
    from sweep.data.fetch import PublicFile

_FETCH = (
    "sweep data fetch, here or where there is a network, then copy that cache folder; "
    "or --data and --weights; or the built-in rendered pets"
)

FAST = ("ncnn", "numba")
"""The packages of the extra ``fast``."""


@dataclass(frozen=True)
class Finding:
    """One thing examined.

    Attributes:
        what: the thing.
        works: whether it is as it should be.
        needed: whether runs are impossible without it.
        detail: what was found, or what to do.
    """

    what: str
    works: bool
    needed: bool
    detail: str


def doctor(store: StoreOption = None, json: JsonOption = False) -> None:
    """Check what runs need: backend, store, cache, data and weights; and say what to do.

    Exit status 3 if something is missing that every run needs.

    Example: sweep doctor --json
    """
    findings = examine(from_environment(store))
    if json:
        show_json([asdict(finding) for finding in findings])
    else:
        show_table(
            "sweep doctor",
            ("what", "state", "detail"),
            [(finding.what, _state(finding), finding.detail) for finding in findings],
        )
    if not all(finding.works for finding in findings if finding.needed):
        raise typer.Exit(3)


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Everything that a run may need."""
    from sweep.cli.public_files import PUBLIC_FILES

    return (
        _tried("package", installed, needed=False),
        _tried("backend", lambda: _backend(settings)),
        _tried("speed", _speed, needed=False),
        _tried("store", lambda: _store(settings)),
        _tried("cache", lambda: _cache(settings)),
        *(_public(file, settings) for file in PUBLIC_FILES),
    )


def _state(finding: Finding) -> str:
    return "ok" if finding.works else "missing" if finding.needed else "warning"


def _tried(what: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(what, True, needed, look())
    except SweepError as error:
        return Finding(what, False, needed, str(error))
    except (ImportError, OSError) as error:
        return Finding(what, False, needed, f"{type(error).__name__}: {error}")


def _backend(settings: Settings) -> str:
    from sweep.training.keras_runtime import load_keras, versions

    load_keras(settings.backend)
    from sweep.training.backend import device_name

    (keras_version,) = versions(("keras",)).values()
    return f"{settings.backend}, Keras {keras_version}, trains on: {device_name()}"


def _speed() -> str:
    """The libraries that a processor gains from, where one trains."""
    from sweep.training.backend import device_name
    from sweep.training.keras_runtime import versions

    found, device = versions(FAST), device_name()
    if not device.startswith("cpu"):
        return f"nothing to add: {' and '.join(FAST)} are for processors, and {device} trains here"
    if len(found) < len(FAST):
        missing = " and ".join(name for name in FAST if name not in found)
        raise MissingError(
            f"{missing} would halve the time on a processor",
            rule="Features of VGG16 and VGG19 are computed by ncnn, and heads trained by numba.",
            remedy=f"Install what is missing with {installing('fast')}.",
        )
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _store(settings: Settings) -> str:
    """What is there, and that runs can write to it; nothing is written."""
    from sweep.store import check_place, open_store

    shown = without_password(settings.store_url)
    try:
        with closing(open_store(settings.store_url)) as store:
            found = f"{shown}, {len(store.studies())} studies"
    except NoStoreError:
        found = f"{shown}, which the first run makes"
    warning = check_place(settings.store_url)
    return f"{found}. {warning}" if warning else found


def _cache(settings: Settings) -> str:
    settings.cache.mkdir(parents=True, exist_ok=True)
    probe = settings.cache / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    return str(settings.cache)


def _public(file: "PublicFile", settings: Settings) -> Finding:
    from sweep.cli.public_files import fault_of

    fault = fault_of(file, settings.cache)
    place = file.place(settings.cache)
    if fault is None:
        return Finding(file.title, True, False, f"{place}, checksum right")
    return Finding(file.title, False, False, f"{place}: {fault}. {_FETCH}")
