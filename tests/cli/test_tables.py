"""How tables fit a width: no number is ever broken, and what is left out is named."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sweep.cli.spelling import folded
from sweep.cli.table_lines import row_lines
from sweep.cli.tables import EDGE, GAP, fitted, measured

HEADER = ("trial", "optimizer", "learning_rate", "valid_accuracy", "fingerprint")
ROWS = [
    ("0", "adam", "0.003", "0.9312", "f" * 32),
    ("1", "adam-warmup", "0.01732", "nan", "0" * 32),
]
EXPENDABLE = ("valid_accuracy", "trial", "fingerprint")


def shown_at(width, header=HEADER, rows=ROWS, expendable=EXPENDABLE, keys=1):
    columns = measured(header, rows, expendable)
    layout = fitted(columns, width, keys=keys, expendable=expendable)
    return [[header[at] for at in block.columns] for block in layout.blocks], layout


def outer(block):
    return sum(block.widths) + GAP * (len(block.widths) - 1) + 2 * EDGE


def test_where_any_width_is_allowed_all_is_shown_unwrapped():
    [names], layout = shown_at(None)
    assert names == [*HEADER]
    assert layout.blocks[0].widths == (5, 11, 13, 14, 32)
    assert not layout.left_out


def test_the_least_important_columns_are_left_out_first():
    left_out = [shown_at(width)[1].left_out for width in (85, 84, 50, 35)]
    assert left_out == [(), ("fingerprint",), ("trial", "fingerprint"),
                        ("trial", "valid_accuracy", "fingerprint")]  # fmt: skip


def test_the_width_that_is_told_shows_all():
    told = shown_at(50)[1].full_width
    assert not shown_at(told)[1].left_out
    assert shown_at(told - 1)[1].left_out


def test_where_all_columns_are_alike_the_table_goes_on_below():
    header = ("measure", *(f"optimizer-{number}" for number in range(20)))
    rows = [("mean accuracy (%)", *["93.04 [92.90, 94.00]"] * 20)]
    blocks, layout = shown_at(80, header, rows, ())
    assert all(block[0] == "measure" for block in blocks)
    assert [name for block in blocks for name in block[1:]] == [*header[1:]]
    assert not layout.left_out
    assert all(outer(block) <= 80 for block in layout.blocks)


def test_keys_stand_in_every_block():
    header = ("batch size", "learning rate", *(f"optimizer-{number}" for number in range(6)))
    rows = [("16", "0.003", *["93.0 (92.1–94.2)××"] * 6)]
    blocks, _ = shown_at(60, header, rows, (), keys=2)
    assert len(blocks) > 1
    assert all(block[:2] == ["batch size", "learning rate"] for block in blocks)


def test_long_labels_are_folded_before_results_are_left_out():
    rows = [("0", "a" * 60, "0.003", "0.9312", "f" * 32)]
    _, layout = shown_at(60, rows=rows)
    assert "valid_accuracy" not in layout.left_out
    assert outer(layout.blocks[0]) <= 60


def test_words_of_headers_are_whole_where_they_can_be():
    rows = [("adam", "10")]
    _, layout = shown_at(25, ("optimizer", "warm-up length"), rows, ())
    assert layout.blocks[0].widths == (9, 12)


NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53).map(str),
    st.floats(width=32).map(lambda value: f"{value:.4g}"),
    st.just("≥ 1.52 [1.20, 1.52]"),
    st.just("–"),
)


@given(
    st.integers(1, 12).flatmap(
        lambda count: st.lists(st.tuples(*[NUMBERS] * count), min_size=1, max_size=5)
    ),
    st.text("abc d_", min_size=1, max_size=60),
    st.integers(20, 200),
    st.booleans(),
)
def test_no_number_is_broken_at_any_width(rows, label, width, is_expendable):
    header = ("what", *(f"number_{at}" for at in range(len(rows[0]))))
    expendable = header[1:] if is_expendable else ()
    cells = [(label, *row) for row in rows]
    columns = measured(header, cells, expendable)
    layout = fitted(columns, width, expendable=expendable)
    for block in layout.blocks:
        for at, own in zip(block.columns, block.widths, strict=True):
            assert not at or all(len(row[at]) <= own for row in cells)
    shown = {at for block in layout.blocks for at in block.columns}
    assert len(shown) + len(layout.left_out) == len(header) or not layout.blocks
    assert all(outer(block) <= width for block in layout.blocks)
    assert layout.blocks or width < 60


@pytest.mark.parametrize("cells", [["7", "12.5"], ["a long text of words", "x"], ["猫の写真", "é"]])
@pytest.mark.parametrize("is_to_the_right", [False, True])
def test_rows_are_drawn_as_rich_draws_them(cells, is_to_the_right):
    widths = [6, 8]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    for width in widths:
        side = "right" if is_to_the_right else "left"
        table.add_column(justify=side, overflow="fold", width=width)
    columns = [cells, ["model_2026.zip", "adam"]]
    for first, second in zip(*columns, strict=True):
        table.add_row(Text(folded(first, 6)), Text(folded(second, 8)))
    screen = io.StringIO()
    Console(width=80, file=screen).print(table)
    lines = screen.getvalue().split("\n")[1:-2]
    assert [*row_lines(columns, widths, [is_to_the_right] * 2)] == lines
