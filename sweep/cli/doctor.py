"""Examines the machine: what works, and what to do about what does not; and the public files."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass

from sweep.cli import console as display
from sweep.data.fetch import DOGS_VS_CATS, WEIGHTS, PublicFile
from sweep.data.fetch import fetch as fetch_public
from sweep.data.files import cache_errors
from sweep.errors import SweepError
from sweep.settings import Settings, without_password
from sweep.store import open_store
from sweep.training.keras_runtime import load_keras, versions
from sweep.util.progress import silent

PUBLIC_FILES = (DOGS_VS_CATS, WEIGHTS["vgg16"])
"""What the built-in studies are trained on, and all that they ever download."""

_DAMAGED = "damaged"
_FETCH = (
    "sweep data fetch, here or where there is a network, then copy that cache folder; "
    "or --data and --weights; or the built-in rendered pets"
)


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


def show(settings: Settings, *, as_json: bool) -> bool:
    """Print all findings; returns whether everything that is needed works."""
    findings = examine(settings)
    if as_json:
        display.show_text(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        display.show_table(
            "sweep doctor",
            ("what", "state", "detail"),
            [(finding.what, _state(finding), finding.detail) for finding in findings],
        )
    return all(finding.works for finding in findings if finding.needed)


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Everything that a run may need."""
    return (
        _tried("backend", lambda: _backend(settings)),
        _tried("store", lambda: _store(settings)),
        _tried("cache", lambda: _cache(settings)),
        *(_public(file, settings) for file in PUBLIC_FILES),
    )


def fetch(settings: Settings, *, quiet: bool) -> None:
    """Download the public files into the cache, with progress; what is damaged there, anew."""
    run_display = display.RunDisplay()
    with run_display:
        progress = silent if quiet else run_display.progress
        for file in PUBLIC_FILES:
            place = file.place(settings.cache)
            with cache_errors(place):
                if _fault(file, settings) == _DAMAGED:
                    place.unlink()
            fetch_public(file, settings.cache, progress)
    show_places(settings)


def check_files(settings: Settings) -> bool:
    """Print of every public file whether it is whole; returns whether all are."""
    faults = [_fault(file, settings) for file in PUBLIC_FILES]
    for file, fault in zip(PUBLIC_FILES, faults, strict=True):
        display.show_text(f"{file.title}: {f'{fault}: sweep data fetch' if fault else 'whole'}")
    return not any(faults)


def show_places(settings: Settings) -> None:
    """Print where every public file lies, or would."""
    for file in PUBLIC_FILES:
        state = "there" if file.is_there(settings.cache) else "not there"
        display.show_text(f"{file.title}: {file.place(settings.cache)} ({state})")


def _state(finding: Finding) -> str:
    return "ok" if finding.works else "missing" if finding.needed else "absent"


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, True, look())
    except SweepError as error:
        return Finding(what, False, True, str(error))
    except (ImportError, OSError) as error:
        return Finding(what, False, True, f"{type(error).__name__}: {error}")


def _backend(settings: Settings) -> str:
    load_keras(settings.backend)
    from sweep.training.backend import device_name

    (keras_version,) = versions(("keras",)).values()
    return f"{settings.backend}, Keras {keras_version}, trains on: {device_name()}"


def _store(settings: Settings) -> str:
    with closing(open_store(settings.store_url, create=True)) as store:
        return f"{without_password(settings.store_url)}, {len(store.studies())} studies"


def _cache(settings: Settings) -> str:
    settings.cache.mkdir(parents=True, exist_ok=True)
    probe = settings.cache / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    return str(settings.cache)


def _public(file: PublicFile, settings: Settings) -> Finding:
    fault = _fault(file, settings)
    place = file.place(settings.cache)
    if fault is None:
        return Finding(file.title, True, False, f"{place}, checksum right")
    return Finding(file.title, False, False, f"{place}: {fault}. {_FETCH}")


def _fault(file: PublicFile, settings: Settings) -> str | None:
    """What is wrong with a public file, in a word or two; None if it is whole. Reads all of it."""
    try:
        if file.is_whole(settings.cache):
            return None
        return _DAMAGED if file.place(settings.cache).exists() else "missing"
    except OSError as error:
        return (error.strerror or str(error)).lower()
