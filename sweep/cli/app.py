"""The command ``sweep``: all its commands under one name, and how each of them ends.

The files beside it hold a group of commands each. They import what takes time inside the command
that needs it, so that ``sweep --help`` loads nothing heavy.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sweep.cli.compare import compare
from sweep.cli.data import data_app
from sweep.cli.doctor import doctor
from sweep.cli.exit import told, whole_process
from sweep.cli.help import adapt_panels, markup_mode
from sweep.cli.importing import import_
from sweep.cli.new_study import new
from sweep.cli.plan import plan
from sweep.cli.results import report, results
from sweep.cli.run import run
from sweep.cli.sensitivity import sensitivity
from sweep.cli.serve import serve
from sweep.cli.simulate import simulate
from sweep.cli.status import list_studies, status
from sweep.cli.store import store_app
from sweep.util.distribution import __version__, check_package
from sweep.util.paths import check_current_folder

EPILOG = "Documentation: README.md. Report of a study: sweep report STUDY --open."


class _Group(TyperGroup):
    """Turns errors into one message and an exit status, for every command below."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        adapt_panels()
        with told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with told(debug=bool(ctx.params.get("debug"))):
            return super().invoke(ctx)


app = typer.Typer(
    name="sweep",
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode=markup_mode(),
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sweep {__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks: sweep --debug run STUDY.")
    ] = False,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """How much does an optimizer's result depend on a hyperparameter that nobody tuned?

    Every optimizer of a study is trained at every value and with every seed; all trials are kept.
    """
    import logging

    from sweep.util.interrupts import is_of_its_own

    level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_of_its_own)
    logging.getLogger("sweep").setLevel(level)
    check_package()
    check_current_folder()


app.command()(run)
app.command()(plan)
app.command("list")(list_studies)
app.command()(status)
app.command()(results)
app.command()(report)
app.command()(compare)
app.command()(sensitivity)
app.command()(simulate)
app.command()(serve)
app.command("import")(import_)
app.command()(new)
app.command()(doctor)
app.add_typer(data_app, name="data")
app.add_typer(store_app, name="store")


def main() -> None:
    """The console script."""
    with whole_process():
        app()
