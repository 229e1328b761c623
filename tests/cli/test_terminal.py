"""What the environment says of a stream: cursor, colours, width."""

import io

import pytest

from sweep.cli.terminal import colour_wish, terminal_of


class Screen(io.StringIO):
    def isatty(self):
        return True


XTERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("environ", "watched", "coloured"),
    [
        (XTERM, True, True),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "unknown"}, False, False),
        (XTERM | {"NO_COLOR": "1"}, True, False),
        (XTERM | {"NO_COLOR": ""}, True, True),
        (XTERM | {"CLICOLOR": "0"}, True, False),
        (XTERM | {"CLICOLOR": "1"}, True, True),
        (XTERM | {"FORCE_COLOR": "0"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, False, True),
        (XTERM | {"TTY_INTERACTIVE": "0"}, False, True),
        (XTERM | {"CI": "true"}, False, True),
        (XTERM | {"CI": "false"}, True, True),
        (XTERM | {"CI": "1", "NO_COLOR": "1"}, False, False),
        ({}, False, False),
    ],
)
def test_a_terminal(environ, watched, coloured):
    here = terminal_of(Screen(), environ)
    assert (here.is_watched, here.is_coloured) == (watched, coloured)
    assert here.width == 80


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        (XTERM, False),
        (XTERM | {"FORCE_COLOR": "1"}, True),
        (XTERM | {"FORCE_COLOR": "3"}, True),
        (XTERM | {"FORCE_COLOR": ""}, False),
        (XTERM | {"FORCE_COLOR": "false"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "CLICOLOR": "0"}, True),
    ],
)
def test_a_pipe_has_no_cursor_and_any_width(environ, coloured):
    here = terminal_of(io.StringIO(), environ)
    assert (here.is_watched, here.is_coloured, here.width) == (False, coloured, None)


@pytest.mark.parametrize("stream", [io.StringIO(), Screen()])
def test_columns_that_are_said_hold_everywhere(stream):
    assert terminal_of(stream, XTERM | {"COLUMNS": "47"}).width == 47


@pytest.mark.parametrize("said", ["", "0", "-5", "wide", "８０", "4.5"])
def test_columns_that_say_nothing_are_ignored(said):
    assert terminal_of(io.StringIO(), {"COLUMNS": said}).width is None


def test_a_closed_stream_is_no_terminal():
    stream = Screen()
    stream.close()
    assert not terminal_of(None).is_watched
    closed = io.StringIO()
    closed.close()
    assert not terminal_of(closed, XTERM).is_watched


def test_what_is_not_said_is_left_to_the_terminal():
    assert colour_wish({}) is None
