"""What options mean together: the changes of a study, its pictures, a cluster, a limit. Pure.

In the flow: from what was typed to what ``catalog.load`` and the runner take. ``value_texts`` reads
the texts that name values.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sweep.cli.value_texts import axes_of, base_of, labels_of, rates_of, seeds_of
from sweep.errors import UsageError
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.executors.cluster import RayCluster


def changes_of(
    *,
    name: str | None = None,
    optimizers: str | None = None,
    learning_rates: str | None = None,
    seeds: str | None = None,
    epochs: int | None = None,
    pictures: int | None = None,
    classes: str | None = None,
    split: str | None = None,
    twins: str | None = None,
    orientation: str | None = None,
    flips: bool | None = None,
    precision: str | None = None,
    gradients: bool | tuple[int, ...] | None = None,
    axes: Sequence[str] | None = None,
    base: Sequence[str] | None = None,
) -> dict[str, Any]:
    """What options change of a study, as ``variation.vary`` takes it; None is not said.

    Raises:
        UsageError: a text means nothing, or two say the same.
    """
    changes = {
        "name": name,
        "optimizers": labels_of(optimizers),
        "learning_rates": rates_of(learning_rates),
        "seeds": seeds_of(seeds),
        "epochs": epochs,
        "precision": precision,
        "gradients": gradients,
        "axes": axes_of(axes) if axes else None,
        "base": base_of(base) if base else None,
    }
    said = {field: value for field, value in changes.items() if value is not None}
    said |= pictures_of(
        pictures=pictures,
        classes=classes,
        split=split,
        twins=twins,
        orientation=orientation,
        flips=flips,
    )
    if "learning_rates" in said:
        names = [axis.name for axis in said.get("axes", ())]
        _refuse_twice("learning_rate", "--learning-rates", "--axis", names)
    if "epochs" in said:
        _refuse_twice("epochs", "--epochs", "--set", said.get("base", ()))
    return said


def pictures_of(
    *,
    pictures: int | None,
    classes: str | None,
    split: str | None,
    twins: str | None,
    orientation: str | None,
    flips: bool | None = None,
) -> dict[str, Any]:
    """What options change of a study's pictures, by their fields; None is not said.

    Raises:
        UsageError: classes that mean nothing.
    """
    changes = {
        "limit": pictures,
        "classes": classes_of(classes),
        "split": split,
        "twins": twins,
        "orientation": orientation,
        "flips": flips,
    }
    return {field: value for field, value in changes.items() if value is not None}


def classes_of(text: str | None) -> tuple[str, ...] | None:
    """The classes that ``cats,dogs`` names.

    Raises:
        UsageError: they are not two or more, each once.
    """
    if text is None:
        return None
    names = [name for part in text.split(",") if (name := part.strip())]
    if len(names) < 2 or len({name.casefold() for name in names}) < len(names):
        raise UsageError(
            f"--classes {printable(text)} names {_fault(names)}",
            rule="Classes are two or more, each once.",
            remedy="List the names of their folders, for example --classes cats,dogs.",
        )
    return tuple(names)


def _fault(names: Sequence[str]) -> str:
    return "a class twice" if len(names) > 1 else f"{len(names)} class{'' if names else 'es'}"


def _refuse_twice(name: str, short: str, long: str, said: Sequence[str]) -> None:
    if name in said:
        raise UsageError(
            f"{short} and {long} {name}=… say the same",
            remedy=f"Leave one of them out; {short} is the short form.",
        )


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
            raise UsageError(
                f"{option} {value} has no effect with --executor {executor}",
                rule=f"{option} is for a Ray cluster.",
                remedy="Add --executor ray, or leave it out.",
            )
    return None


def bytes_of(text: str | None) -> int | None:
    """``6GB`` or ``800MB`` in bytes."""
    if text is None:
        return None
    count, unit = text[:-2].strip(), text[-2:].upper()
    try:
        limit = round(float(count) * {"MB": 1e6, "GB": 1e9}[unit])
    except (KeyError, ValueError, OverflowError):
        limit = 0
    if limit <= 0:
        raise UsageError(
            f"--memory-limit {printable(text)} is no amount of memory",
            remedy="Pass a number above 0 and its unit, e.g. --memory-limit 6GB or 800MB.",
        )
    return limit
