"""What is wrong with a command line is told as every other error, with the nearest known name."""

import pytest
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


def test_a_group_without_a_command_shows_its_help():
    ended = CliRunner().invoke(app, ["store"], prog_name="sweep")
    assert ended.exit_code == 2
    assert "Usage: sweep store" in ended.output
    assert "error:" not in ended.output
