"""What is wrong with a command line is told as every other error, with the nearest known name."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from sweep.cli.app import app


@pytest.mark.parametrize(
    ("line", "wrong", "command"),
    [
        ("rn", "no command 'rn'; did you mean run?", "sweep"),
        ("store frget x", "no command 'frget'; did you mean forget?", "sweep store"),
        ("run x --epoch 3", "no option --epoch; did you mean --epochs?", "sweep run"),
        ("--bad", "no option --bad", "sweep"),
        ("run", "the argument STUDY is missing", "sweep run"),
        ("run x --epochs", "option '--epochs' requires an argument", "sweep"),
        ("run x --epochs y", "--epochs 'y': it should be a whole number", "sweep run"),
        ("run x --retries -1", "--retries '-1': it should be at least 0", "sweep run"),
        (
            "run x --split givn",
            "--split 'givn' is not one of 'by-seed', 'own', 'given'; did you mean given?",
            "sweep run",
        ),
    ],
)
def test_a_command_line_that_means_nothing(line, wrong, command):
    ended = CliRunner().invoke(app, line.split(), prog_name="sweep")
    assert (ended.exit_code, ended.stdout) == (2, "")
    told = " ".join(ended.stderr.split())
    assert told == f"error: {wrong} remedy: See `{command} --help`."


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The commands of the program that take arguments which must be given."""
    for name, each in getattr(command, "commands", {}).items():
        yield from _commands(each, (*path, name))
    if any(parameter.required for parameter in command.params):
        yield path


@pytest.mark.parametrize("path", [*_commands(get_command(app))], ids=" ".join)
def test_a_command_without_its_arguments(path):
    ended = CliRunner().invoke(app, [*path], prog_name="sweep")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert re.match(r"error: the argument [A-Z.]+ is missing\n", ended.stderr)


def test_a_group_without_a_command_shows_its_help():
    ended = CliRunner().invoke(app, ["store"], prog_name="sweep")
    assert ended.exit_code == 2
    assert "Usage: sweep store" in ended.output
    assert "error:" not in ended.output
