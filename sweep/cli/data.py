"""``sweep data fetch|check|where``: the public pictures and weights in the cache, or pictures."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from sweep.cli.console import show_json, show_text
from sweep.cli.options import (
    ClassesOption,
    DataOption,
    JsonOption,
    OrientationOption,
    PicturesOption,
    QuietOption,
    SplitOption,
    TwinsOption,
)
from sweep.errors import UsageError
from sweep.settings import Settings, from_environment

data_app = typer.Typer(
    no_args_is_help=True, help="Download or check the public pictures and weights, or pictures."
)


@data_app.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[dogs-vs-cats|vgg16|vgg19|cifar-10]...",
            help="What to download. (default: dogs-vs-cats vgg16)",
            show_default=False,
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Download the Dogs vs. Cats archive and VGG16's weights, or what is named, into the cache.

    A download that was cut off continues; a damaged file is downloaded again.

    Example: sweep data fetch --quiet

    Example: sweep data fetch cifar-10
    """
    from sweep.cli.progress import RunDisplay
    from sweep.cli.public_files import DAMAGED, fault_of, named
    from sweep.data.fetch import fetch as fetch_public
    from sweep.data.files import cache_errors
    from sweep.util.progress import silent

    settings, display = from_environment(), RunDisplay()
    wanted = named(names or [])
    with display:
        progress = silent if quiet else display.progress
        for file in wanted:
            place = file.place(settings.cache)
            with cache_errors(place):
                if fault_of(file, settings.cache) == DAMAGED:
                    place.unlink()
            fetch_public(file, settings.cache, progress)
    _show_paths(settings)


@data_app.command()
def check(
    data: DataOption = None,
    pictures: PicturesOption = None,
    classes: ClassesOption = None,
    split: SplitOption = None,
    twins: TwinsOption = None,
    orientation: OrientationOption = None,
    json: JsonOption = False,
) -> None:
    """Check whether what was downloaded is whole; with --data, what a study would use of pictures.

    Exit status 3 if something is not whole, or the pictures cannot be used.

    Example: sweep data check

    Example: sweep data check --data PetImages.zip --pictures 2500
    """
    from sweep.cli.texts import pictures_of

    settings = from_environment()
    asked = pictures_of(
        pictures=pictures, classes=classes, split=split, twins=twins, orientation=orientation
    )
    if data is not None:
        _check_pictures(data, asked, settings, as_json=json)
    elif asked:
        raise UsageError(
            "no --data: the other options choose from its pictures",
            remedy="Add --data with a folder, a zip, or dogs-vs-cats.",
        )
    else:
        _check_public_files(settings, as_json=json)


def _check_public_files(settings: Settings, *, as_json: bool) -> None:
    """Those that only some studies need may be missing."""
    from sweep.cli.public_files import BY_NAME, DAMAGED, USUAL, fault_of

    faults = {name: fault_of(file, settings.cache) for name, file in BY_NAME.items()}
    if as_json:
        show_json({BY_NAME[name].title: fault for name, fault in faults.items()})
    else:
        for name, fault in faults.items():
            command = "sweep data fetch" if name in USUAL else f"sweep data fetch {name}"
            show_text(f"{BY_NAME[name].title}: {f'{fault}: {command}' if fault else 'whole'}")
    if any(fault for name, fault in faults.items() if name in USUAL or fault == DAMAGED):
        raise typer.Exit(3)


def _check_pictures(data: str, asked: dict[str, Any], settings: Settings, *, as_json: bool) -> None:
    """Read all pictures, and say what becomes of them; all are taken unless fewer are asked for."""
    from pydantic import ValidationError

    from sweep.cli.account import account_json, show_warnings
    from sweep.cli.progress import RunDisplay
    from sweep.data.pictures import find_pictures
    from sweep.results.account import account_of
    from sweep.results.account_words import statements
    from sweep.study.problems import invalid
    from sweep.study.tasks import Pictures
    from sweep.util.progress import silent

    try:
        wanted = Pictures.model_validate({"limit": None} | asked)
    except ValidationError as error:
        raise invalid("what is asked of the pictures", error) from error
    display = None if as_json else RunDisplay()
    with display or nullcontext():
        progress = display.progress if display else silent
        info = find_pictures(wanted, data, cache=settings.cache, progress=progress).account
    if as_json:
        show_json(account_json(info))
    else:
        for term, text in statements(account_of(info)):
            show_text(f"{term}: {text}")
    show_warnings(info)


@data_app.command()
def where() -> None:
    """Show the paths of the downloaded files, and whether they are there.

    Example: sweep data where
    """
    _show_paths(from_environment())


def _show_paths(settings: Settings) -> None:
    from sweep.cli.public_files import BY_NAME

    for file in BY_NAME.values():
        state = "there" if file.is_there(settings.cache) else "not there"
        show_text(f"{file.title}: {file.place(settings.cache)} ({state})")
