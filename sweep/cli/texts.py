"""What the texts of options mean: ``0.003:0.1:7``, ``batch_size=16:512:6``, ``6GB``. Pure.

In the flow: from what was typed to what ``catalog.load`` and the runner take.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from sweep.errors import UsageError
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.executors.cluster import RayCluster
    from sweep.study.axis import Axis, Value

MAX_AXES = 2


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
    axes: Sequence[str] | None = None,
    base: Sequence[str] | None = None,
) -> dict[str, Any]:
    """What options change of a study, as ``variation.vary`` takes it; None is not said.

    Raises:
        typer.BadParameter, UsageError: a text means nothing, or two say the same.
    """
    changes = {
        "name": name,
        "optimizers": _split(optimizers),
        "learning_rates": _rates(learning_rates),
        "seeds": _seeds(seeds),
        "epochs": epochs,
        "axes": axes_of(axes) if axes else None,
        "base": base_of(base) if base else None,
    }
    said = {field: value for field, value in changes.items() if value is not None}
    said |= pictures_of(
        pictures=pictures, classes=classes, split=split, twins=twins, orientation=orientation
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
            "Classes are two or more, each once.",
            got=f"--classes {printable(text)}",
            remedy="List the names of their folders, for example --classes cats,dogs.",
        )
    return tuple(names)


def _refuse_twice(name: str, short: str, long: str, said: Sequence[str]) -> None:
    if name in said:
        raise UsageError(
            "Each hyperparameter is said once.",
            got=f"{short} and {long} {name}=…",
            remedy=f"Leave one of them out; {short} is the short form.",
        )


def axes_of(texts: Sequence[str]) -> "list[Axis]":
    """The axes that ``NAME=LOW:HIGH:COUNT`` or ``NAME=VALUE,VALUE`` say.

    Example:
        >>> axes_of(["batch_size=16:64:3"])[0].values
        (16, 32, 64)

    Raises:
        UsageError: no such hyperparameter, values outside its rule, one twice, or too many.
    """
    axes = [_axis(text) for text in texts]
    names = [axis.name for axis in axes]
    if len({*names}) < len(names):
        raise UsageError(
            "Each axis is another hyperparameter.",
            got=", ".join(f"--axis {name}=…" for name in names),
            remedy="List all values in one: --axis NAME=VALUE,VALUE,…",
        )
    if len(axes) > MAX_AXES:
        raise UsageError(
            "A study has one or two axes.",
            got=f"{len(axes)}: {', '.join(names)}",
            remedy="Sweep two of them, and set the others with --set NAME=VALUE.",
        )
    return axes


def _axis(text: str) -> "Axis":
    from sweep.study.axis import Axis, spaced
    from sweep.study.hyperparameters import hyperparameter
    from sweep.study.problems import in_short

    name, _, values = (part.strip() for part in text.partition("="))
    try:
        hyperparameter(name)
        if ":" in values:
            low, high, count = _ends(values)
            return spaced(name, low, high, count)
        return Axis(name=name, values=_values(values))
    except (ValueError, OverflowError) as error:
        problem = in_short(error) if isinstance(error, ValueError) else str(error)
        raise UsageError(
            "An axis is NAME=LOW:HIGH:COUNT or NAME=VALUE,VALUE,…: a hyperparameter, and values "
            "within its rule.",
            got=f"--axis {printable(text)}: {printable(problem)}",
            remedy="For example: --axis batch_size=16:512:6, --axis optimizer.beta_2=0.9,0.99.",
        ) from None


def _values(text: str) -> "tuple[Value, ...]":
    values = tuple(map(_number, _split(text) or []))
    if not values:
        raise ValueError("it names no values")
    return values


def _ends(text: str) -> "tuple[Value, Value, int]":
    parts = text.split(":")
    if len(parts) != 3:
        raise ValueError(f"{text!r} is not LOW:HIGH:COUNT")
    low, high, count = map(_number, parts)
    if not isinstance(count, int):
        raise ValueError(f"COUNT is a whole number, not {parts[2]!r}")
    return low, high, count


def base_of(texts: Sequence[str]) -> "dict[str, Value]":
    """The values that ``NAME=VALUE`` set, by name.

    Raises:
        UsageError: no such hyperparameter, a value outside its rule, or one twice.
    """
    base: dict[str, Value] = {}
    for text in texts:
        name, value = _setting(text)
        if name in base:
            raise UsageError(
                "Each hyperparameter is set once.",
                got=f"--set {name}, twice",
                remedy="Leave one of them out.",
            )
        base[name] = value
    return base


def _setting(text: str) -> "tuple[str, Value]":
    from sweep.study.hyperparameters import hyperparameter

    name, _, value = (part.strip() for part in text.partition("="))
    try:
        return name, hyperparameter(name).checked(_number(value))
    except ValueError as error:
        raise UsageError(
            "What is set is NAME=VALUE: a hyperparameter, and a value within its rule.",
            got=f"--set {printable(text)}: {printable(str(error))}",
            remedy="For example: --set learning_rate=0.003, --set optimizer.beta_2=0.99.",
        ) from None


def _number(text: str) -> "Value":
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a number")


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
