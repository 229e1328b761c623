"""Rows as CSV are those of Python's own writer."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from sweep.results.csv_rows import csv_rows

_NUMBERS = st.one_of(st.floats(), st.integers())
_CELLS = st.one_of(_NUMBERS, st.none(), st.booleans(), st.text(" ,\"\r\n\tab;é'", max_size=4))
_KINDS = st.sampled_from([_NUMBERS, _CELLS, st.text("adam-7._ ", max_size=6)])


@st.composite
def _tables(draw):
    rows, kinds = draw(st.integers(0, 4)), draw(st.lists(_KINDS, min_size=2, max_size=4))
    columns = [draw(st.lists(kind, min_size=rows, max_size=rows)) for kind in kinds]
    return {
        f"{at}{draw(st.sampled_from(['', ', in %', ' name']))}": it for at, it in enumerate(columns)
    }


@given(_tables())
def test_rows_are_those_of_the_standard_writer(table):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))

    assert csv_rows(table) == written.getvalue()
