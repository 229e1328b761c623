"""Texts of options that name values: ``0.003:0.1:7``, ``batch_size=16:512:6``, ``0,1,7``. Pure.

In the flow: ``texts`` puts together what these say. A text that means nothing is an error that
begins with the text.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sweep.cli.numbers import DECIMAL_COMMA, ends, number, numbers, parts_of
from sweep.errors import UsageError
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.study.axis import Axis, Value

MAX_AXES = 2


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
            f"an axis is said twice: {', '.join(f'--axis {name}=…' for name in names)}",
            remedy="List all values in one: --axis NAME=VALUE,VALUE,…",
        )
    if len(axes) > MAX_AXES:
        raise UsageError(
            f"{len(axes)} axes: {', '.join(names)}",
            rule=f"A study has {MAX_AXES} at most.",
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
            f"--axis {text}",
            error,
            "An axis is NAME=LOW:HIGH:COUNT or NAME=VALUE,VALUE,…",
            "For example: --axis batch_size=16:512:6, --axis optimizer.beta_2=0.9,0.99.",
        ) from None


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
                f"--set {name} is said twice",
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
            f"--set {text}",
            error,
            "A hyperparameter is set by NAME=VALUE.",
            "For example: --set learning_rate=0.003, --set optimizer.beta_2=0.99.",
        ) from None


def rates_of(text: str | None) -> tuple[float, ...] | None:
    """The learning rates that ``0.003,0.01`` or ``0.003:0.1:7`` say.

    Raises:
        UsageError: there are none, or one is no learning rate.
    """
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
            f"--learning-rates {text}",
            error,
            "Learning rates are a list, or LOW:HIGH:COUNT at equal ratios.",
            "For example: --learning-rates 0.003,0.01,0.03, --learning-rates 0.003:0.1:7.",
        ) from None


def labels_of(text: str | None) -> list[str] | None:
    """The labels that ``radam,adam`` names.

    Raises:
        UsageError: there are none, or one is said twice.
    """
    if text is None:
        return None
    try:
        labels = parts_of(text)
        repeated = sorted({label for label in labels if labels.count(label) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is repeated")
        return labels
    except ValueError as error:
        raise _refused(
            f"--optimizers {text}",
            error,
            "Optimizers are labels, with commas between them, each once.",
            "For example: --optimizers radam,adam.",
        ) from None


def seeds_of(text: str | None) -> int | list[int] | None:
    """How many seeds ``5`` says, or the list ``0,1,7``.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        found = [*map(_seed, numbers(text))]
        if "," not in text and found[0] < 1:
            raise ValueError("0 seeds are no trials")
        return found if "," in text else found[0]
    except ValueError as error:
        raise _refused(
            f"--seeds {text}",
            error,
            "Seeds are how many there are, or a list of them.",
            "For example: --seeds 5, --seeds 0,1,7.",
            has_decimals=False,
        ) from None


def gradients_of(
    text: str | None, *, are_wanted: bool | None = None
) -> bool | tuple[int, ...] | None:
    """The steps ``1,5,10`` at which gradients are recorded, else whether they are at some.

    Raises:
        UsageError: they are no steps, or no gradients are wanted.
    """
    if text is None:
        return are_wanted
    from pydantic import TypeAdapter

    from sweep.study.gradients import Steps

    try:
        if are_wanted is False:
            raise ValueError("--no-gradients says that none are recorded")
        return TypeAdapter(Steps).validate_python(numbers(text))
    except ValueError as error:
        raise _refused(
            f"--gradient-steps {text}",
            error,
            "Steps are whole numbers from 1, with commas between them.",
            "For example: --gradient-steps 1,5,10,25,100.",
            has_decimals=False,
        ) from None


def _seed(value: "Value") -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value} is not a whole number, 0 or more")
    return value


def _refused(
    said: str, error: Exception, rule: str, remedy: str, *, has_decimals: bool = True
) -> UsageError:
    """The error of an option whose text means nothing."""
    from sweep.study.problems import in_short

    problem = in_short(error) if isinstance(error, ValueError) else str(error)
    has_comma = has_decimals and DECIMAL_COMMA.search(said)
    comma = " Decimals are written with a point: 0.1." if has_comma else ""
    return UsageError(
        f"{printable(said)}: {printable(problem)}", rule=rule, remedy=f"{remedy}{comma}"
    )
