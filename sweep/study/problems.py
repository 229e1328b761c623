"""What is wrong with a study, by the names that it is written with. Pure.

In the flow: the catalog and variations turn pydantic's errors into ours here.
"""

from typing import Any

from pydantic import ValidationError

from sweep.errors import StudyError


def invalid(what: str, error: ValidationError) -> StudyError:
    """The error that names each wrong field of a study as it is written, with rule and value.

    Args:
        what: what is wrong, e.g. the file's path.
        error: from building a study or a part of one.
    """
    problems = error.errors()
    inside = {
        problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))
    }
    lines = [
        f"{_field(problem['loc']) or error.title}: {_rule(problem)} "
        f"(value: {_short(problem['input'])})"
        for problem in problems
        if problem["loc"] not in inside  # what is wrong inside is told, not what follows from it
    ]
    return StudyError(
        "A study's fields exist and have values within their rules.",
        got=f"{what}\n    " + "\n    ".join(lines),
        remedy="Mend the fields named here.",
    )


def in_short(error: ValueError) -> str:
    """The first rule that a value broke, without how pydantic frames it."""
    return _rule(error.errors()[0]) if isinstance(error, ValidationError) else str(error)


def _field(path: tuple[int | str, ...]) -> str:
    """The field as it is written: an axis that is not an ``Axis`` comes from ``learning_rates``."""
    match path:
        case ("axes", int(), "values", *rest):
            path = ("learning_rates", *rest)
    return ".".join(map(str, path))


def _rule(problem: Any) -> str:
    return problem["msg"].removeprefix("Value error, ")


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # numbers of too many digits, lists too deep, a user's own class
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else text[:77] + "..."
