"""``sweep import``: results of any program, from a file, as a study in the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sweep.cli.console import show_json, show_note
from sweep.cli.options import JsonOption, StoreOption
from sweep.errors import UsageError
from sweep.settings import Settings, from_environment
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.importer import ImportOutcome, Prepared
    from sweep.store.imports import Imports
    from sweep.study.metric import Metric


def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A table: .csv, .tsv, .jsonl, .json or .parquet."),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="Store the study under this name, e.g. resnets. (default: the file's)",
            show_default=False,
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=NAME,…",
            help="What columns are, where their names do not tell: lr0=learning_rate, "
            "top1=valid_accuracy, run=seed, width=optimizer.width; notes= leaves one out.",
            show_default=False,
        ),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(
            "--optimizer",
            metavar="LABEL",
            help="The optimizer of all rows, e.g. adam, where no column says it.",
            show_default=False,
        ),
    ] = None,
    percent: Annotated[
        bool | None,
        typer.Option(
            "--percent/--share",
            help="Accuracies are from 0 to 100, or from 0 to 1. (default: seen from the numbers)",
            show_default=False,
        ),
    ] = None,
    guessing: Annotated[
        float | None,
        typer.Option(
            "--guessing",
            metavar="VALUE",
            help="Accuracy where nothing is learned, e.g. 0.1 with ten classes of one size; or the "
            "metric, in its unit.",
            show_default=False,
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="What trials are judged by, e.g. loss; its columns are called after it, such as "
            "val_loss. (default: accuracy)",
            show_default=False,
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit",
            metavar="UNIT",
            help="Of the metric, e.g. kWh; share where it is from 0 to 1. (default: none)",
            show_default=False,
        ),
    ] = None,
    direction: Annotated[
        Literal["maximize", "minimize"] | None,
        typer.Option(
            "--direction",
            help="Which values of the metric are better. (default: maximize)",
            show_default=False,
        ),
    ] = None,
    near: Annotated[
        float | None,
        typer.Option(
            "--near",
            help="Values of the metric closer than this to the best are as good, e.g. 0.05.",
            show_default=False,
        ),
    ] = None,
    results: Annotated[
        str | None,
        typer.Option(
            "--results",
            metavar="WORDS",
            help="What titles call the results, e.g. CIFAR-10. (default: imported results)",
            show_default=False,
        ),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", help="What the study asks, in a sentence.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported, and store nothing.")
    ] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Import results of another program as a study: measures, verdict, report and pages.

    A row is a trial (or an epoch of one): optimizer, swept hyperparameter, seed, accuracy. Exports
    of W&B and MLflow are read as they are. Rows that are stored already stay as they are. A whole
    store that was exported is taken over by sweep store import.

    Example: sweep import results.csv --name resnets --guessing 0.1

    Example: sweep import runs.csv --map lr0=learning_rate,top1=valid_accuracy --dry-run

    Example: sweep import runs.csv --metric loss --direction minimize --near 0.02
    """
    from sweep.importer import Request, check_name, prepare
    from sweep.importer import store as store_prepared

    settings = from_environment(store)
    prepared = prepare(
        Request(
            path=file,
            name=name,
            columns=mapping_of(map_),
            optimizer=optimizer,
            percent=percent,
            guessing=guessing,
            question=question,
            results=results,
            metric=metric_of(metric, unit=unit, direction=direction, near=near),
        )
    )
    if not json:
        for line in told(prepared):
            show_note(line)
    if dry_run:
        check_name(prepared, settings)
        if json:
            show_json(_summary(prepared, None))
        return
    done = store_prepared(prepared, settings)
    if json:
        show_json(_summary(prepared, done.imports))
        return
    show_note(outcome(done.imports))
    _show_answer(done, settings)


def mapping_of(texts: list[str] | None) -> dict[str, str]:
    """What ``COLUMN=NAME,COLUMN=NAME`` says, by the file's column.

    Example:
        >>> mapping_of(["lr0=learning_rate, notes=", "val acc=valid_accuracy"])
        {'lr0': 'learning_rate', 'notes': '', 'val acc': 'valid_accuracy'}

    Raises:
        UsageError: it says something else, or says a column twice.
    """
    found: dict[str, str] = {}
    for part in (part for text in texts or () for part in text.split(",")):
        column, sign, name = (word.strip() for word in part.rpartition("="))
        if not sign or not column or column in found:
            raise UsageError(
                f"--map {printable(part)}",
                rule="It is COLUMN=NAME, with commas between them, each column once.",
                remedy="For example, pass --map lr0=learning_rate,top1=valid_accuracy.",
            )
        found[column] = name
    return found


def metric_of(
    name: str | None, *, unit: str | None, direction: str | None, near: float | None
) -> "Metric":
    """What trials are judged by, as asked for.

    Raises:
        UsageError: the metric has no name, or is none.
    """
    from pydantic import ValidationError

    from sweep.study.metric import ACCURACY, SHARE, Metric
    from sweep.study.problems import in_short

    said: dict[str, Any] = {"unit": unit, "direction": direction, "near": near}
    said = {key: value for key, value in said.items() if value is not None}
    if name is None:
        if said:
            raise UsageError(
                f"--{next(iter(said))} without --metric",
                rule="It says something of a metric of your own.",
                remedy="Pass --metric NAME too, e.g. --metric loss.",
            )
        return ACCURACY
    if near is None and unit != SHARE:
        raise UsageError(
            f"--metric {printable(name)} without --near",
            rule="A number that is no share has no distance that is small by itself.",
            remedy="Pass --near too: how close to the best is as good, e.g. 0.02; or --unit share.",
        )
    try:
        return Metric.model_validate({"name": name, "unit": ""} | said)
    except ValidationError as error:
        problem = error.errors()[0]
        field = next(iter(problem["loc"]), "name")
        option, value = ("metric", name) if field == "name" else (field, said[str(field)])
        raise UsageError(
            f"--{option} {printable(str(value))}: {in_short(error)}",
            remedy="Pass other values of --metric, --unit and --near.",
        ) from error


def told(prepared: "Prepared") -> list[str]:
    """What a file was found to say, before it is stored."""
    study, found = prepared.arrival.study, prepared.found
    columns = ", ".join(f"{name} from {it}" for name, it in prepared.columns.said.items())
    values = " × ".join(f"{len(axis.values)} values of {axis.words}" for axis in study.axes)
    ends = f"{found.epochs} epochs" if found.has_epochs else "of their ends alone"
    level = "unknown" if found.guessing is None else f"{found.guessing:g}"
    metric = found.metric.name
    return [
        f"{prepared.table.name}: {len(prepared.table.lines):,} rows. Columns: {columns}.",
        f"{len(found.courses):,} trials, {ends}: {len(study.optimizers)} optimizers × {values} × "
        f"{len(study.seeds)} seeds; {metric} where nothing is learned: {level}.",
        *found.notes,
    ]


def outcome(done: "Imports") -> str:
    """What came of an import, in a sentence."""
    name = printable(done.study.name)
    if not done.added:
        return f"Nothing is new: all {done.known:,} trials are in the study {name} already."
    known = f"; {done.known:,} were there already" if done.known else ""
    return f"{done.added:,} trials were added to the study {name}{known}."


def _summary(prepared: "Prepared", done: "Imports | None") -> dict[str, object]:
    found = prepared.found
    return {
        "study": prepared.arrival.study.name,
        "rows": len(prepared.table.lines),
        "columns": prepared.columns.said,
        "trials": len(found.courses),
        "added": done.added if done else 0,
        "known": done.known if done else 0,
        "epochs": found.epochs if found.has_epochs else None,
        "guessing": found.guessing,
        "metric": found.metric.model_dump(mode="json", exclude={"guessing"}),
        "notes": list(found.notes),
    }


def _show_answer(done: "ImportOutcome", settings: Settings) -> None:
    """The measures, the verdict and the report, as after a run."""
    from sweep.cli.answer import show_report
    from sweep.report.writing import file_name, write_report

    page = write_report(done.page, settings.reports / file_name(done.results))
    show_report(done.results, done.evidence, page, as_json=False)
