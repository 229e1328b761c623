"""What became of the pictures, for the report's first screen: a line, and its warnings."""

from sweep.results.account import account_of
from sweep.results.account_words import in_a_line, warnings
from sweep.results.results import Results


def account_line(results: Results) -> str:
    """``Used: 38 of 59 picture files, …``; empty where no run is on record."""
    return in_a_line(account_of(results.dataset)) if results.dataset else ""


def picture_warnings(results: Results) -> tuple[str, ...]:
    """What must not be overlooked."""
    return warnings(account_of(results.dataset)) if results.dataset else ()
