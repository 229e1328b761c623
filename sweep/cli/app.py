"""The command ``sweep``: parses what was typed, calls what does it, prints what comes back.

Every import that takes time is made inside the command that needs it.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sweep.cli.exit import told, whole_process
from sweep.cli.options import (
    AddressOption,
    CpusOption,
    DataOption,
    EpochsOption,
    ExecutorOption,
    GpusOption,
    JsonOption,
    MemoryOption,
    NameOption,
    OptimizersOption,
    PicturesOption,
    QuietOption,
    RatesOption,
    SeedsOption,
    StoreOption,
    StudyArgument,
    WeightsOption,
    bytes_of,
    changes_of,
    cluster_of,
)
from sweep.cli.store_and_data import data_app, store_app

EPILOG = "Documentation: README.md. Report of a study: sweep report STUDY --open."


class _Group(TyperGroup):
    """Turns errors into one message and an exit status, for every command below."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with told(debug=bool(ctx.params.get("debug"))):
            return super().invoke(ctx)


app = typer.Typer(
    name="sweep",
    cls=_Group,
    no_args_is_help=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")
app.add_typer(store_app, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"sweep {version('sweep')}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and exit.")
    ] = False,
) -> None:
    """How much does an optimizer's result depend on a hyperparameter that nobody tuned?

    Every optimizer of a study is trained at every learning rate and seed; all trials are kept.
    """
    import logging

    from sweep.util.interrupts import is_of_its_own

    level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_of_its_own)
    logging.getLogger("sweep").setLevel(level)


@app.command()
def run(
    study: StudyArgument,
    data: DataOption = None,
    weights: WeightsOption = None,
    name: NameOption = None,
    optimizers: OptimizersOption = None,
    learning_rates: RatesOption = None,
    seeds: SeedsOption = None,
    epochs: EpochsOption = None,
    pictures: PicturesOption = None,
    store: StoreOption = None,
    memory_limit: MemoryOption = None,
    executor: ExecutorOption = "local",
    address: AddressOption = None,
    gpus_per_cohort: GpusOption = None,
    cpus_per_cohort: CpusOption = None,
    retries: Annotated[
        int, typer.Option("--retries", min=0, help="Try again what failed, at most so often.")
    ] = 0,
    wait: Annotated[
        bool, typer.Option("--wait", help="For the end of another run of the study.")
    ] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Train what is missing of a study; then the verdict, and where the report is.

    An interrupted run continues where it was; a run that is complete trains nothing.

    Example: sweep run lr-robustness

    Example: sweep run lr-robustness --data PetImages.zip --weights vgg16_notop.weights.h5

    Example: sweep run studies/mine.py --seeds 3 --learning-rates 0.001:1:10

    Example: sweep run lr-robustness-full --executor ray --address auto --gpus-per-cohort 0.5
    """
    from contextlib import nullcontext

    from sweep import runner
    from sweep.cli import results as presentation
    from sweep.cli.console import RunDisplay
    from sweep.report.page import write_report

    changes = changes_of(name, optimizers, learning_rates, seeds, epochs, pictures)
    limit = bytes_of(memory_limit)
    cluster = cluster_of(executor, address, gpus_per_cohort, cpus_per_cohort)
    asked, places, settings = _asked(study, changes, data, weights, store)
    silent = quiet or json
    listener = runner.SilentListener() if silent else RunDisplay()
    with listener if isinstance(listener, RunDisplay) else nullcontext():
        outcome = runner.run(
            *(asked, places, settings, listener),
            memory_limit_bytes=limit,
            retries=retries,
            wait=wait,
            cluster=cluster,
        )
    report = write_report(outcome.page, settings.reports / presentation.file_name(outcome.results))
    presentation.show_run(outcome, report, as_json=json)
    if outcome.failed:
        raise typer.Exit(1)


@app.command()
def plan(
    study: StudyArgument,
    data: DataOption = None,
    weights: WeightsOption = None,
    name: NameOption = None,
    optimizers: OptimizersOption = None,
    learning_rates: RatesOption = None,
    seeds: SeedsOption = None,
    epochs: EpochsOption = None,
    pictures: PicturesOption = None,
    store: StoreOption = None,
    memory_limit: MemoryOption = None,
    json: JsonOption = False,
) -> None:
    """What a run would train: optimizers, trials, cohorts, memory, time. Trains nothing.

    Example: sweep plan lr-robustness --seeds 10
    """
    from sweep.cli import status as overview

    changes = changes_of(name, optimizers, learning_rates, seeds, epochs, pictures)
    limit = bytes_of(memory_limit)
    asked, places, settings = _asked(study, changes, data, weights, store, download=False)
    overview.show_plan(asked, places, settings, limit, as_json=json)


@app.command("list")
def list_studies(store: StoreOption = None, json: JsonOption = False) -> None:
    """The studies that can be run, and those in the store."""
    from sweep import settings
    from sweep.cli import status as overview

    overview.show_list(settings.from_environment(store), as_json=json)


@app.command()
def status(
    study: Annotated[str | None, typer.Argument(metavar="[STUDY]")] = None,
    store: StoreOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again every 2 seconds.")] = False,
    json: JsonOption = False,
) -> None:
    """How far a study is, by optimizer.

    Example: sweep status lr-robustness --watch
    """
    import time

    from sweep import settings
    from sweep.cli import status as overview

    while overview.show_status(settings.from_environment(store), study, json) and watch:
        time.sleep(2)


@app.command()
def results(
    study: StudyArgument,
    format: Annotated[
        str, typer.Option("--format", "-f", metavar="table|csv|json|parquet")
    ] = "table",
    epochs: Annotated[bool, typer.Option("--epochs", help="One row an epoch.")] = False,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="The measures instead of the trials.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file instead of the screen.")
    ] = None,
    store: StoreOption = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """One row a trial, or one an epoch.

    Example: sweep results lr-robustness --format csv > trials.csv

    Example: sweep results lr-robustness --robustness --json
    """
    from sweep import settings
    from sweep.cli import results as presentation

    found = presentation.stored_results(settings.from_environment(store), study)
    presentation.show_results(
        found, "json" if json else format, epochs=epochs, robustness=robustness, output=output
    )


@app.command()
def report(
    study: StudyArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file. (default: reports/STUDY.html)"),
    ] = None,
    figure: Annotated[
        str | None, typer.Option("--figure", help="One figure alone, e.g. robustness.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="json|png|svg", help="Of that figure (default: json)."
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """The measures, the verdict and the interactive report, one HTML file; or one figure of it.

    Example: sweep report lr-robustness --open

    Example: sweep report lr-robustness --figure robustness --format svg
    """
    from sweep import settings
    from sweep.cli import results as presentation

    if figure and json:
        raise typer.BadParameter("--json is for the report, not for a figure: pass --format json")
    if format and not figure:
        raise typer.BadParameter("--format is for a figure: pass --figure NAME too")
    places = settings.from_environment(store)
    found = presentation.stored_results(places, study)
    if figure:
        written = presentation.figure_file(found, places.reports, output, figure, format or "json")
        typer.echo(written)
    else:
        written = presentation.report_file(found, places.reports, output)
        presentation.show_report(found, written, as_json=json)
    if open_it:
        typer.launch(str(written))


@app.command()
def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Another one needs SWEEP_PASSWORD.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8080,
    store: StoreOption = None,
    allow_edits: Annotated[
        bool, typer.Option("--allow-edits", help="Let optuna-dashboard change the store.")
    ] = False,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Ask nobody for a password.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """The robustness pages, live while a run goes on, and optuna-dashboard, until Ctrl-C.

    Read-only unless edits are allowed. With SWEEP_PASSWORD (or SWEEP_PASSWORD_FILE) set, everybody
    is asked for it, with any user name; it travels as it is, so beyond your own network put TLS in
    front.

    Example: sweep serve --open

    Example: SWEEP_PASSWORD=... sweep serve --host 0.0.0.0 --port 80
    """
    from sweep import settings
    from sweep.server import open_server

    places = settings.from_environment(store)
    server = open_server(
        *(places.store_url, places.artifacts, host, port, settings.secret("SWEEP_PASSWORD")),
        allow_edits=allow_edits,
        no_auth=no_auth,
    )
    with server:
        typer.echo(f"Studies at {server.address}; Ctrl-C stops it.")
        if open_it:
            typer.launch(server.address)
        server.run()


@app.command()
def new(name: Annotated[str, typer.Argument(help="What to call it, e.g. batch-size.")]) -> None:
    """A study file to start from, in ./studies.

    Example: sweep new my-optimizers
    """
    from sweep.cli.new_study import write_study

    typer.echo(write_study(name, Path("studies")))


@app.command()
def doctor(store: StoreOption = None, json: JsonOption = False) -> None:
    """What works here, and what to do about what does not: backend, store, cache, data, weights."""
    from sweep import settings
    from sweep.cli import doctor as examination

    if not examination.show(settings.from_environment(store), as_json=json):
        raise typer.Exit(3)


def _asked(
    target: str,
    changes: dict[str, Any],
    data: str | None,
    weights: str | None,
    store: str | None,
    *,
    download: bool = True,
) -> tuple[Any, Any, Any]:
    from sweep import settings
    from sweep.study import catalog
    from sweep.tasks.task import Places

    where = settings.from_environment(store)
    places = Places(data, weights, where.cache, download)
    return catalog.load(target, changes), places, where


def main() -> None:
    """The console script."""
    with whole_process():
        app()
