"""The commands about files: ``sweep data …`` and ``sweep store …``. Part of ``cli``."""

from pathlib import Path
from typing import Annotated

import typer

from sweep.cli.options import JsonOption, QuietOption, StoreOption

data_app = typer.Typer(no_args_is_help=True, help="The public pictures and weights.")
store_app = typer.Typer(no_args_is_help=True, help="The database: whole, mended, taken along.")


@data_app.command("fetch")
def data_fetch(quiet: QuietOption = False) -> None:
    """Fetch the Dogs vs. Cats archive and VGG16's weights into the cache; continues if cut off."""
    from sweep import settings
    from sweep.cli import doctor

    doctor.fetch(settings.from_environment(), quiet=quiet)


@data_app.command("check")
def data_check() -> None:
    """Whether what was fetched is whole."""
    from sweep import settings
    from sweep.cli import doctor

    if not doctor.check_files(settings.from_environment()):
        raise typer.Exit(3)


@data_app.command("where")
def data_where() -> None:
    """Where the fetched files lie, or would."""
    from sweep import settings
    from sweep.cli import doctor

    doctor.show_places(settings.from_environment())


@store_app.command("check")
def store_check(store: StoreOption = None, json: JsonOption = False) -> None:
    """Whether the store is whole: one line for all that is not, and exit status 1.

    Finished trials have all their epochs, once each; cohorts ended together; Optuna's tables agree.
    """
    from sweep import settings
    from sweep.cli import store as storekeeping

    if not storekeeping.show_check(settings.from_environment(store), as_json=json):
        raise typer.Exit(1)


@store_app.command("repair")
def store_repair(store: StoreOption = None, json: JsonOption = False) -> None:
    """Reset what is not whole, after a backup copy; the next run trains it again."""
    from sweep import settings
    from sweep.cli import store as storekeeping

    if not storekeeping.show_repair(settings.from_environment(store), as_json=json):
        raise typer.Exit(1)


@store_app.command("export")
def store_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    format: Annotated[str, typer.Option("--format", "-f", metavar="csv|parquet")] = "csv",
    store: StoreOption = None,
) -> None:
    """Write all tables into a folder, one file each, without any loss.

    Example: sweep store export kept --format parquet
    """
    from sweep import settings
    from sweep.cli import store as storekeeping

    storekeeping.show_export(settings.from_environment(store), folder, format)


@store_app.command("import")
def store_import(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What export wrote.")],
    store: StoreOption = None,
) -> None:
    """Take over an export into a store without studies.

    Example: sweep store import kept --store sqlite:///copy.db
    """
    from sweep import settings
    from sweep.cli import store as storekeeping

    storekeeping.show_import(settings.from_environment(store), folder)
