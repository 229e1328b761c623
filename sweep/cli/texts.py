"""What the texts of options mean: ``0.003:0.1:7``, ``batch_size=16:512:6``, ``6GB``. Pure.

In the flow: from what was typed to what ``catalog.load`` and the runner take.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sweep.cli.numbers import DECIMAL_COMMA, ends, number, numbers, parts_of
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
        UsageError: a text means nothing, or two say the same.
    """
    changes = {
        "name": name,
        "optimizers": _labels(optimizers),
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

    name, _, values = (part.strip() for part in text.partition("="))
    try:
        hyperparameter(name)
        if ":" in values:
            low, high, count = ends(values)
            return spaced(name, low, high, count)
        return Axis(name=name, values=numbers(values))
    except (ValueError, OverflowError) as error:
        raise _refused(
            "An axis is NAME=LOW:HIGH:COUNT or NAME=VALUE,VALUE,…: a hyperparameter, and values "
            "within its rule.",
            f"--axis {text}",
            error,
            "For example: --axis batch_size=16:512:6, --axis optimizer.beta_2=0.9,0.99.",
        ) from None


def _refused(
    rule: str, said: str, error: Exception, remedy: str, *, has_decimals: bool = True
) -> UsageError:
    """The error of an option whose text means nothing."""
    from sweep.study.problems import in_short

    problem = in_short(error) if isinstance(error, ValueError) else str(error)
    has_comma = has_decimals and DECIMAL_COMMA.search(said)
    comma = " Decimals are written with a point: 0.1." if has_comma else ""
    return UsageError(
        rule, got=f"{printable(said)}: {printable(problem)}", remedy=f"{remedy}{comma}"
    )


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
        return name, hyperparameter(name).checked(number(value))
    except (ValueError, OverflowError) as error:
        raise _refused(
            "What is set is NAME=VALUE: a hyperparameter, and a value within its rule.",
            f"--set {text}",
            error,
            "For example: --set learning_rate=0.003, --set optimizer.beta_2=0.99.",
        ) from None


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
                f"{option} is for a Ray cluster.",
                got=f"{option} {value} beside --executor {executor}",
                remedy="Add --executor ray, or leave it out.",
            )
    return None


def _labels(text: str | None) -> list[str] | None:
    if text is None:
        return None
    try:
        labels = parts_of(text)
        if len({*labels}) < len(labels):
            raise ValueError("each label once")
        return labels
    except ValueError as error:
        raise _refused(
            "Optimizers are labels, with commas between them.",
            f"--optimizers {text}",
            error,
            "For example: --optimizers radam,adam",
        ) from None


def _seeds(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    try:
        found = [*map(_seed, numbers(text))]
        if "," not in text and found[0] < 1:
            raise ValueError("0 seeds are no trials")
        return found if "," in text else found[0]
    except ValueError as error:
        raise _refused(
            "Seeds are how many there are, or a list of them.",
            f"--seeds {text}",
            error,
            "For example: --seeds 5, --seeds 0,1,7.",
            has_decimals=False,
        ) from None


def _seed(value: "Value") -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value} is not a whole number, 0 or more")
    return value


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
            "A memory limit is such as 6GB or 800MB.",
            got=f"--memory-limit {printable(text)}",
            remedy="Pass a number and its unit, e.g. --memory-limit 6GB.",
        )
    return limit


def _rates(text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    from sweep.study.axis import Axis, log_spaced

    try:
        if ":" in text:
            low, high, count = ends(text)
            rates = log_spaced(float(low), float(high), count)
        else:
            rates = tuple(map(float, numbers(text)))
        Axis(name="learning_rate", values=rates)
        return rates
    except (ValueError, OverflowError) as error:
        raise _refused(
            "Learning rates are a list, or LOW:HIGH:COUNT at equal ratios.",
            f"--learning-rates {text}",
            error,
            "For example: --learning-rates 0.003,0.01,0.03, --learning-rates 0.003:0.1:7.",
        ) from None
