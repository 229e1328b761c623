"""What is wrong with a study, by the names that it is written with. Pure.

In the flow: the catalog and variations turn pydantic's errors into ours here.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sweep.errors import StudyError
from sweep.study.part import Part
from sweep.util.nearest import did_you_mean

_REMEDY = "Correct what is named here."
_UNIONS = {"warmup", "schedule"}
"""Fields that have several kinds of parts."""
_NAMING = {"value_error", "extra_forbidden", "missing"}
"""Kinds of problems that name the value, or have none."""
_PLAIN = {
    "Input should be": "it should be",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    " after validation": "",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    "a valid integer": "a whole number",
    "a valid number": "a number",
}


def invalid(what: str, error: ValidationError) -> StudyError:
    """The error that names each wrong field of a study as it is written, with value and rule.

    Args:
        what: what is wrong, e.g. the file's path.
        error: from building a study or a part of one.
    """
    problems = error.errors()
    inside = {
        problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))
    }
    lines = [
        _line(problem)
        for problem in problems
        if problem["loc"] not in inside  # what is wrong inside is told, not what follows from it
    ]
    found = lines[0] if len(lines) == 1 else "\n    ".join(["", *lines])
    return StudyError(f"{what} is wrong: {found}".replace(": \n", ":\n"), remedy=_REMEDY)


def in_short(error: ValueError) -> str:
    """The first rule that a value broke, without how pydantic frames it."""
    if isinstance(error, ValidationError):
        return _rule(error.errors()[0])
    return str(error)


def of_value(error: ValidationError) -> str:
    """The value that was given, and the rule that it broke."""
    problem = error.errors()[0]
    return f"{_short(problem['input'])}: {_rule(problem)}"


def _line(problem: Any) -> str:
    """The field, the value where the rule does not name it, and the rule."""
    field, rule = _field(problem["loc"]), _rule(problem)
    is_named = problem["type"] in _NAMING or isinstance(problem["input"], dict | Part)
    value = "" if is_named else f" = {_short(problem['input'])}"
    return f"{field}{value}: {rule}" if field else rule


def _field(path: tuple[int | str, ...]) -> str:
    """The field as it is written: an axis that is not an ``Axis`` comes from ``learning_rates``."""
    match path:
        case ("axes", int(), "values", *rest):
            path = ("learning_rates", *rest)
    # After these comes which kind of them it is, which nobody has written there.
    said = [part for before, part in zip(("", *path), path, strict=False) if before not in _UNIONS]
    return ".".join(map(str, said))


def _rule(problem: Any) -> str:
    """What pydantic says, in words that follow a value; with the nearest known name."""
    match problem["type"]:
        case "extra_forbidden":
            return f"no such field{did_you_mean(str(problem['loc'][-1]), _fields(Part))}"
        case "missing":
            return "it is missing"
        case "union_tag_invalid":
            known = re.findall(r"'([^']*)'", problem["ctx"]["expected_tags"])
            near = did_you_mean(str(problem["ctx"]["tag"]), known)
            return f"no kind {problem['ctx']['tag']!r}{near} (known: {', '.join(known)})"
        case "literal_error":
            known = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
            return _said(problem) + did_you_mean(str(problem["input"]), known)
    return _said(problem)


def _said(problem: Any) -> str:
    said = problem["msg"].removeprefix("Value error, ")
    for pydantics, plain in _PLAIN.items():
        said = said.replace(pydantics, plain, 1)
    return said


def _fields(part: type[Part]) -> Iterator[str]:
    """The fields of all parts of a study."""
    yield from part.model_fields
    for kind in part.__subclasses__():
        yield from _fields(kind)


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # numbers of too many digits, lists too deep, a user's own class
        text = f"(a value of type {type(value).__name__} that cannot be shown)"
    return text if len(text) <= 80 else text[:77] + "..."
