"""Recorded gradients as rows and files."""

import csv
import io
import json

import pytest
from made_gradients import STEPS
from made_results import made_results, made_study

from sweep.results.gradient_rows import (
    BIN_COLUMNS,
    gradient_columns,
    gradient_rows,
    gradients_csv,
    gradients_json,
    write_gradients_parquet,
)
from sweep.results.gradients import BINS

RESULTS = made_results(made_study(optimizers=2, rates=2, seeds=2), failed=(1,))


def test_one_row_a_finished_trial_and_step():
    rows = [*gradient_rows(RESULTS)]
    finished = [it for it in RESULTS.trials if it.outcome is not None and it.outcome.is_finished]
    assert len(finished) == 6
    assert [row["trial"] for row in rows] == [it.number for it in finished for _ in STEPS]
    assert [row["step"] for row in rows[: len(STEPS)]] == list(STEPS)
    assert len(BIN_COLUMNS) == BINS
    assert BIN_COLUMNS[:2] == ("from_1e-14", "from_1e-13.75")
    for row in rows:
        assert tuple(row) == gradient_columns(RESULTS)
        assert sum(row[name] for name in BIN_COLUMNS) + row["zero"] == pytest.approx(1, abs=1e-4)


def test_files_say_the_same(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    rows = [*gradient_rows(RESULTS)]
    assert json.loads(gradients_json(RESULTS)) == rows
    (first, *_) = csv.DictReader(io.StringIO(gradients_csv(RESULTS)))
    assert {name: float(first[name]) for name in BIN_COLUMNS} == {
        name: rows[0][name] for name in BIN_COLUMNS
    }
    write_gradients_parquet(RESULTS, tmp_path / "gradients.parquet")
    assert parquet.read_table(tmp_path / "gradients.parquet").to_pylist() == rows
