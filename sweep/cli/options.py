"""The options that commands share, and what their texts mean. In the flow: for ``cli`` alone."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from sweep.executors.cluster import RayCluster


def _no_password(url: str | None) -> str | None:
    """Refuse a password where every user of the machine can read it."""
    from sweep.errors import UsageError
    from sweep.settings import without_password

    if url and without_password(url) != url:
        raise UsageError(
            "A password is not typed into a command, which every user of the machine can see.",
            got=without_password(url),
            remedy="Leave it out and set PGPASSWORD or PGPASSFILE, or put the whole URL into "
            "SWEEP_STORE or into a file that SWEEP_STORE_FILE names.",
        )
    return url


StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="A name, or a file's path.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The database; else that of SWEEP_STORE or SWEEP_STORE_FILE, else sqlite:///sweep.db.",
        show_default=False,
        callback=_no_password,
    ),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Store it under another name.", show_default=False)
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="PATH|dogs-vs-cats|rendered-pets",
        help="The pictures: a folder or zip, the fetched archive, or the built-in ones.",
        show_default=False,
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="imagenet|random|PATH",
        help="The backbone's weights.",
        show_default=False,
    ),
]
EpochsOption = Annotated[int | None, typer.Option("--epochs", show_default=False)]
SeedsOption = Annotated[
    str | None,
    typer.Option("--seeds", help="How many (5), or which (0,1,7).", show_default=False),
]
PicturesOption = Annotated[
    int | None,
    typer.Option("--pictures", help="At most so many.", show_default=False),
]
OptimizersOption = Annotated[
    str | None,
    typer.Option("--optimizers", help="Labels, e.g. radam,adam,sgd.", show_default=False),
]
RatesOption = Annotated[
    str | None,
    typer.Option(
        "--learning-rates",
        help="0.003,0.01,0.03, or LOW:HIGH:COUNT at equal ratios.",
        show_default=False,
    ),
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="6GB",
        help="Train fewer trials at once, so that it takes less. (default: all at once)",
        show_default=False,
    ),
]
ExecutorOption = Annotated[
    Literal["local", "ray"],
    typer.Option("--executor", help="Train in this process, or on a Ray cluster."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="ray://HOST:PORT|HOST:PORT|auto",
        help="The Ray cluster. (default: RAY_ADDRESS, else one of the run's own)",
        show_default=False,
        autocompletion=lambda: ["auto", "ray://"],
    ),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-cohort",
        help="On Ray; 0.5 trains two on each. (default: 1 if there are any)",
        show_default=False,
    ),
]
CpusOption = Annotated[
    float | None,
    typer.Option(
        "--cpus-per-cohort",
        help="On Ray; also its threads. (default: a whole node's, or 1 beside a GPU)",
        show_default=False,
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def changes_of(
    name: str | None,
    optimizers: str | None,
    learning_rates: str | None,
    seeds: str | None,
    epochs: int | None,
    pictures: int | None,
) -> dict[str, Any]:
    """The fields of the study that options change, as ``catalog.load`` takes them."""
    changes = {
        "name": name,
        "optimizers": _split(optimizers),
        "learning_rates": _rates(learning_rates),
        "seeds": _seeds(seeds),
        "epochs": epochs,
        "limit": pictures,
    }
    return {field: value for field, value in changes.items() if value is not None}


def cluster_of(
    executor: str, address: str | None, gpus_per_cohort: float | None, cpus_per_cohort: float | None
) -> "RayCluster | None":
    """The Ray cluster that is asked for; None for the local executor."""
    if executor == "ray":
        from sweep.executors.cluster import ray_cluster

        return ray_cluster(address, gpus_per_cohort, cpus_per_cohort)
    asked = {
        "--address": address,
        "--gpus-per-cohort": gpus_per_cohort,
        "--cpus-per-cohort": cpus_per_cohort,
    }
    for option, value in asked.items():
        if value is not None:
            raise typer.BadParameter(f"{option} is for a Ray cluster: add --executor ray")
    return None


def _split(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _seeds(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    try:
        return int(text) if "," not in text else [int(part) for part in _split(text) or []]
    except ValueError:
        raise typer.BadParameter(f"a number (5) or a list (0,1,7), not {text!r}") from None


def bytes_of(text: str | None) -> int | None:
    """``6GB`` or ``800MB`` in bytes."""
    if text is None:
        return None
    number, unit = text[:-2].strip(), text[-2:].upper()
    try:
        limit = round(float(number) * {"MB": 1e6, "GB": 1e9}[unit])
    except (KeyError, ValueError, OverflowError):
        limit = 0
    if limit <= 0:
        raise typer.BadParameter(f"a memory limit is such as 6GB or 800MB, not {text!r}")
    return limit


def _rates(text: str | None) -> Any:
    if text is None:
        return None
    from sweep.study.axis import log_spaced

    try:
        if ":" in text:
            low, high, count = text.split(":")
            return log_spaced(float(low), float(high), int(count))
        return [float(part) for part in _split(text) or []]
    except (ValueError, ZeroDivisionError):
        raise typer.BadParameter(
            f"a list (0.003,0.01) or LOW:HIGH:COUNT (0.003:0.1:7), not {text!r}"
        ) from None
