"""What Typer finds wrong with a command line, in the words of our own errors.

In the flow: ``exit`` asks here about every exception. Typer's own texts lack a guess in places, and
its panels cut names off.
"""

import re
from collections.abc import Iterable
from typing import Any

from typer.exceptions import TyperException

from sweep.errors import UsageError
from sweep.util.nearest import did_you_mean

_NO_ERROR = "NoArgsIsHelpError"
"""How Typer shows the help of a group that is called without a command."""
_CHOICE = re.compile(r"'(?P<given>.*)' is not one of (?P<known>'.*')")
_NO_COMMAND = re.compile(r"No such command '(?P<given>.*?)'")


def usage_error(error: Exception) -> UsageError | None:
    """Our error for one of Typer's about the command line; None for any other."""
    if not isinstance(error, TyperException) or type(error).__name__ == _NO_ERROR:
        return None
    if error.exit_code != UsageError.exit_status:
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sweep"
    return UsageError(_wrong(error, context), remedy=f"See `{command} --help`.")


def _wrong(error: Any, context: Any) -> str:
    from pydantic import ValidationError

    from sweep.study.problems import of_value

    said = error.message.removeprefix("Value error, ").rstrip(".")
    if option := getattr(error, "option_name", None):
        if not said.startswith("No such option"):
            return _begun_small(said)
        return f"no option {option}{did_you_mean(option, _options(context))}"
    if found := _NO_COMMAND.match(said):
        known = getattr(context.command, "commands", {})
        return f"no command {found['given']!r}{did_you_mean(found['given'], known)}"
    if not said:  # the only message that Typer leaves empty
        return f"the argument {_name(error.param)} is missing"
    if getattr(error, "param", None) is None:
        return _begun_small(said)
    if found := _CHOICE.search(said):
        known = re.findall(r"'([^']*)'", found["known"])
        return f"{_name(error.param)} {said}{did_you_mean(found['given'], known)}"
    if isinstance(error.__cause__, ValidationError):
        said = of_value(error.__cause__)
    return f"{_name(error.param)} {said}"


def _options(context: Any) -> Iterable[str]:
    return [option for parameter in context.command.params for option in parameter.opts]


def _name(parameter: Any) -> str:
    """An option as it is typed, an argument as the help calls it."""
    if parameter.opts[0].startswith("-"):
        return max(parameter.opts, key=len)
    return parameter.metavar or parameter.name.upper()


def _begun_small(text: str) -> str:
    return text[:1].lower() + text[1:]
