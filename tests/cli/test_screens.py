"""What commands show on real terminals of different widths, and where nobody watches."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime

import pytest
from made_results import made_study
from pseudo_terminal import Screen, in_pipe, on_terminal, script_on_terminal
from server.serving import fill, small_study

from sweep.store import open_store
from sweep.study import Axis
from sweep.study.optimizer import Optimizer

LONG_NAME = "a-study-with-a-name-of-the-longest-kind-" + "x" * 80
LONG_LABEL = "an-optimizer-with-a-label-of-" + "y" * 31
MANY = [
    Optimizer(label=f"optimizer-{at}", algorithm="adam", settings={"beta_1": 0.5 + at / 100})
    for at in range(20)
]
TWO_AXES = [
    Axis(name="batch_size", values=(16, 16384)),
    Axis(name="optimizer.beta_2", values=(0.9, 0.99995)),
]
ADAM = ("adam", Optimizer(label=LONG_LABEL, algorithm="radam"))
WIDTHS = (60, 80, 120)

ROWS = {
    "trials": ["results", "made"],
    "epochs": ["results", "made", "--epochs"],
    "two axes": ["results", "two"],
    "long names": ["results", LONG_NAME],
}
OTHERS = {
    "list": ["list"],
    "status": ["status"],
    "many optimizers": ["results", "many", "--robustness"],
    "robust region": ["results", "two", "--robustness"],
    "error": ["run", "lr-robustness", "--axis", "bach_size=16:512:6"],
    "store": ["store", "check"],
}
HELP = {
    "help": ["--help"],
    "help of run": ["run", "--help"],
    "help of export": ["store", "export", "--help"],
    "wrong usage": ["store", "export", "--nonsense"],
}
ALL = ROWS | OTHERS | HELP
AS_CSV = {f"{name}, as CSV": [*words, "--format", "csv"] for name, words in ROWS.items()}
IN_PIPE = ALL | AS_CSV | {"watched": ["status", "made", "--watch"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a store of studies of all shapes."""
    folder = tmp_path_factory.mktemp("user")
    two = small_study(name="two", optimizers=ADAM, axes=TWO_AXES, base={"learning_rate": 0.001})
    fill(
        f"sqlite:///{folder}/sweep.db",
        small_study(),
        small_study(name=LONG_NAME, optimizers=ADAM),
        two,
        made_study(rates=2, seeds=3, epochs=2, name="many").replace(optimizers=MANY),
    )
    return folder


@pytest.fixture(scope="module")
def piped(folder) -> Mapping[str, Screen]:
    """All that is looked at here, in a pipe."""
    return dict(zip(IN_PIPE, in_pipe(*IN_PIPE.values(), folder=folder), strict=True))


@pytest.fixture(scope="module", params=WIDTHS)
def screens(request, folder) -> tuple[int, Mapping[str, Screen]]:
    """All that is looked at here, on a terminal of a width."""
    shown = on_terminal(*ALL.values(), columns=request.param, folder=folder)
    return request.param, dict(zip(ALL, shown, strict=True))


def test_no_line_is_wider_than_the_terminal(screens):
    columns, shown = screens
    assert {name: screen.width for name, screen in shown.items() if screen.width > columns} == {}
    assert not [name for name, screen in shown.items() if screen.moves_the_cursor]
    statuses = {name: screen.status for name, screen in shown.items() if screen.status}
    assert statuses == {"error": 2, "wrong usage": 2}


@pytest.mark.parametrize("name", ROWS)
def test_every_number_that_is_shown_is_whole(name, screens, rows_of):
    _, shown = screens
    text, rows = shown[name].text, rows_of[name]
    header = next(line.split() for line in shown[name].lines if "seed" in line)
    assert {"seed", "valid_accuracy"} <= {*header}, text
    numeric = [column for column in header if column in rows[0] and is_number(rows[0][column])]
    lines = [line.split() for line in shown[name].lines]
    for row in rows:
        expected = [displayed(column, row[column]) for column in numeric]
        assert any(is_within(expected, line) for line in lines), (expected, text)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_left_out_is_named(name, screens, rows_of):
    _, shown = screens
    text = " ".join(shown[name].text.split())
    table, _, note = text.partition("Left out here: ")
    missing = [column for column in rows_of[name][0] if column not in table.split()]
    wrapped = {"optimizer", "optimizer.beta_2"}
    assert all(column in note for column in missing if column not in wrapped)
    assert "All columns: --format csv, or a terminal of" in note


@pytest.fixture(scope="module")
def rows_of(piped):
    """What the CSV says, by the names of ``ROWS``."""
    texts = (piped[name].text for name in AS_CSV)
    rows = [list(csv.DictReader(io.StringIO(text))) for text in texts]
    return dict(zip(ROWS, rows, strict=True))


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def displayed(column, text):
    """A value of the CSV as tables show it: values of axes in full, results to four digits."""
    if re.fullmatch(r"-?\d+|", text) or column == "optimizer.beta_2":
        return text
    return f"{float(text):{'.10g' if column == 'learning_rate' else '.4g'}}"


def is_within(expected, words):
    rest = iter(words)
    return all(word in rest for word in expected)


def test_every_optimizer_is_shown_where_not_all_fit_beside_each_other(screens, piped):
    narrow, wide = screens[1]["many optimizers"].text, piped["many optimizers"].text
    assert all(re.search(rf"\b{optimizer.label}\b", narrow) for optimizer in MANY)
    assert numbers_in(narrow) == numbers_in(wide)


def numbers_in(text):
    return {*re.findall(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.])", text)}


def test_help_cuts_no_option_off(screens):
    _, shown = screens
    for name in HELP:
        cut = re.findall(r"\S*…\S*", shown[name].text)
        assert not [word for word in cut if word.startswith("-") or "=" in word]


def test_a_pipe_gets_all_columns_at_full_width(piped, rows_of):
    lines = piped["trials"].lines
    header = next(line for line in lines if "seed" in line).split()
    assert header == [*rows_of["trials"][0]]
    assert len(lines) == 4 + 36 + 1
    assert not any(screen.raw.count("\x1b") for screen in piped.values())
    assert "Left out" not in piped["trials"].text


def test_columns_that_are_asked_for_hold_in_a_pipe_too(folder):
    [shown] = in_pipe(ROWS["trials"], folder=folder, COLUMNS="70")
    assert shown.width <= 70
    assert "Left out here" in shown.text


COLOURED = [ROWS["trials"], ["run", "none"]]


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"GITHUB_ACTIONS": "true"}, False),
    ],
)
def test_colours_in_a_log_are_those_asked_for(settings, coloured, folder):
    for shown in in_pipe(*COLOURED, folder=folder, **settings):
        assert shown.has_colours == coloured
        assert not shown.moves_the_cursor


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CLICOLOR": "0"}])
def test_a_terminal_without_colours(settings, folder):
    commands = (*COLOURED, ["list", "--help"], ["--nonsense"])
    for shown in on_terminal(*commands, columns=100, folder=folder, **settings):
        assert "\x1b" not in shown.raw
        assert shown.width <= 100


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_stream_with_few_letters_gets_words_for_signs(encoding, folder):
    commands = (OTHERS["robust region"], ["list"], OTHERS["error"])
    shown = on_terminal(*commands, columns=80, folder=folder, PYTHONIOENCODING=encoding)
    assert not [screen for screen in shown if "\\u" in screen.text or screen.width > 80]
    assert ">= " in shown[0].text
    assert "beta_2" in shown[0].text


@pytest.mark.parametrize("columns", [20, 34])
def test_where_no_table_fits_rows_become_lines(columns, folder, rows_of):
    [shown] = on_terminal(ROWS["two axes"], columns=columns, folder=folder)
    for row in rows_of["two axes"][:2]:
        for column in ("batch_size", "optimizer.beta_2", "valid_accuracy"):
            told = " ".join(shown.text.split())
            assert f"{column}: {displayed(column, row[column])}" in told


BARS = """
from sweep.cli.progress import RunDisplay
with RunDisplay() as display:
    for done in (12_345, 25_000):
        display.progress("drawing pets", done, 25_000, "pictures")
        display.progress("Dogs vs. Cats", done * 30_000, 750_000_000, "bytes")
    display.notice("The pictures are rendered pets, which the program draws by itself. " * 3)
"""


@pytest.mark.parametrize("columns", WIDTHS)
def test_bars_fit_with_whole_numbers(columns, folder):
    shown = script_on_terminal(BARS, columns, folder)
    assert shown.moves_the_cursor
    bars = [line.rstrip() for line in re.split(r"[\r\n]+", shown.text) if "left:" in line]
    assert bars
    assert max(map(len, bars)) <= columns
    for bar in bars:
        assert re.search(r" left: (-:--:--|\d+:\d\d:\d\d)$", bar)
        said = re.search(r"([\d,]+) of ([\d,]+) (pictures|MB)", bar)
        assert said, bar
        assert said.groups() in (
            *(("12,345", "25,000", "pictures"), ("25,000", "25,000", "pictures")),
            *(("370", "750", "MB"), ("750", "750", "MB")),
        )


@pytest.mark.parametrize(
    "settings", [{"TERM": "dumb"}, {"TERM": "dumb", "FORCE_COLOR": "1"}, {"CI": "true"}]
)
def test_progress_is_plain_lines_where_the_cursor_does_not_move(settings, folder):
    shown = script_on_terminal(BARS, 80, folder, **settings)
    assert not shown.moves_the_cursor
    assert "drawing pets: 12,345 of 25,000 pictures" in shown.lines
    assert "drawing pets: 25,000 of 25,000 pictures" in shown.lines


def test_times_are_told_with_their_zone(folder):
    [shown] = on_terminal(["list"], columns=200, folder=folder, TZ="Asia/Kolkata")
    times = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC\S*", shown.text)
    assert len(times) == 4
    with open_store(f"sqlite:///{folder}/sweep.db") as store:
        started = store.studies()[0].started_at
    assert started is not None
    told = datetime.strptime(times[0], "%Y-%m-%d %H:%M UTC%z")
    assert told == started.replace(second=0, microsecond=0)


def test_watching_in_a_log_shows_changes_alone(piped):
    assert piped["watched"].text.count("planned") == 1
