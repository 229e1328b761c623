"""``sweep data fetch|check|where``: the public pictures and weights in the cache."""

import typer

from sweep.cli.console import show_text
from sweep.cli.options import QuietOption
from sweep.settings import Settings, from_environment

data_app = typer.Typer(
    no_args_is_help=True, help="Download or check the public pictures and weights."
)


@data_app.command()
def fetch(quiet: QuietOption = False) -> None:
    """Download the Dogs vs. Cats archive and VGG16's weights into the cache.

    A download that was cut off continues; a damaged file is downloaded again.

    Example: sweep data fetch --quiet
    """
    from sweep.cli.progress import RunDisplay
    from sweep.cli.public_files import DAMAGED, PUBLIC_FILES, fault_of
    from sweep.data.fetch import fetch as fetch_public
    from sweep.data.files import cache_errors
    from sweep.util.progress import silent

    settings, display = from_environment(), RunDisplay()
    with display:
        progress = silent if quiet else display.progress
        for file in PUBLIC_FILES:
            place = file.place(settings.cache)
            with cache_errors(place):
                if fault_of(file, settings.cache) == DAMAGED:
                    place.unlink()
            fetch_public(file, settings.cache, progress)
    _show_paths(settings)


@data_app.command()
def check() -> None:
    """Check whether what was downloaded is whole; exit status 3 if something is not.

    Example: sweep data check
    """
    from sweep.cli.public_files import PUBLIC_FILES, fault_of

    settings = from_environment()
    faults = [fault_of(file, settings.cache) for file in PUBLIC_FILES]
    for file, fault in zip(PUBLIC_FILES, faults, strict=True):
        show_text(f"{file.title}: {f'{fault}: sweep data fetch' if fault else 'whole'}")
    if any(faults):
        raise typer.Exit(3)


@data_app.command()
def where() -> None:
    """Show the paths of the downloaded files, and whether they are there.

    Example: sweep data where
    """
    _show_paths(from_environment())


def _show_paths(settings: Settings) -> None:
    from sweep.cli.public_files import PUBLIC_FILES

    for file in PUBLIC_FILES:
        state = "there" if file.is_there(settings.cache) else "not there"
        show_text(f"{file.title}: {file.place(settings.cache)} ({state})")
