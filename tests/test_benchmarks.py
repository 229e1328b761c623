"""Every benchmark can be started, and rivals get our results; how fast is no test's business."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = sorted(
    path.stem
    for path in (ROOT / "tests/benchmarks").glob("*.py")
    if 'if __name__ == "__main__"' in path.read_text()
)


def started(*arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_says_what_it_takes(name):
    ended = started(f"tests.benchmarks.{name}", "--help")
    assert ended.returncode == 0, ended.stderr
    assert "usage:" in ended.stdout


def test_ours_and_keras_fit_agree_and_the_table_is_whole(tmp_path):
    ended = started("tests.benchmarks", "--quick", "--json", str(tmp_path / "told.json"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    table = ended.stdout.splitlines()
    assert [line.split("  ")[0] for line in table[1:3]] == ["sweep, TensorFlow", "Keras fit"]
    told = json.loads((tmp_path / "told.json").read_text())
    ours, rival = told["lines"]
    assert (ours["rival"], rival["rival"]) == ("sweep_tensorflow", "keras_fit")
    assert rival["loss_off_by"] < 1e-4  # the same batches of the same order: rounding alone
    assert rival["accuracy_off_by"] == 0
    for line in told["lines"]:
        assert line["seconds"]["median"] > 0
        assert line["share_of_limit"] > 0
        assert line["warm_up_seconds"]["median"] > 0
        assert line["peak_bytes"]["median"] > 1e8
    (losses, *_) = (one["told"]["valid_loss"] for one in told["rounds"])
    assert len(losses) == len(told["job"]["learning_rates"]) == len(set(losses))


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("tests.benchmarks.tables")


@pytest.fixture
def measured(tables):
    def of(rival, number, seconds, losses, accuracies=(0.5, 0.9)):
        told = tables.Told(seconds, 2 * seconds, losses, accuracies, 10**9)
        return tables.Measured(rival, "adam", number, 100.0, told)

    return of


def test_ratios_are_of_the_same_round(tables, measured):
    both = [
        *(measured("sweep_tensorflow", number, number, (0.5, 0.3)) for number in (1, 2)),
        *(measured("keras_fit", number, 3 * number, (0.5, 0.3)) for number in (1, 2)),
    ]
    _, rival = tables.lines(both, tables.Job(epochs=2, learning_rates=(1, 2)), None)
    assert rival.ratio == tables.Spread(3, 3, 3)
    assert rival.seconds == tables.Spread(4.5, 3, 6)
    assert rival.warm_up_seconds == tables.Spread(100 - 4 * 4.5, 100 - 4 * 6, 100 - 4 * 3)


def test_results_that_are_not_ours_are_told(tables, measured):
    job, ours = tables.Job(), measured("sweep_tensorflow", 1, 1, (0.5, 0.3))
    for losses, accuracies, agrees in (
        ((0.501, 0.3), (0.5, 0.9), True),
        ((0.5, 0.304), (0.5, 0.9), False),
        ((0.5, float("nan")), (0.5, 0.9), False),
        ((0.5, 0.3), (0.48, 0.9), False),
    ):
        rival = measured("keras_fit", 1, 1, losses, accuracies)
        _, line = tables.lines([ours, rival], job, None)
        assert line.agrees == agrees
        assert ("NOT OURS" in tables.markdown([line])) != agrees
    extrapolated = measured("posts_way", 1, 1, (), ())
    _, line = tables.lines([ours, extrapolated], job, None)
    assert (line.loss_off_by, line.warm_up_seconds) == (None, None)


def test_the_limit_is_arithmetic_and_bytes(tables):
    module = importlib.import_module("tests.benchmarks.machine")
    rates = {"float32": module.Rate(1e9, "made")}
    machine = module.Machine(2, "made", rates, rates, 1e6)
    job = tables.Job(
        features=100, hidden_units=10, batch_size=4, train_count=10, valid_count=5, epochs=2
    )
    operations, moved = 2 * 1000 * (10 + 10 + 5), 3 * 24 * 1000
    assert module.limit_seconds(machine, job) == pytest.approx(operations / 1e9 + moved / 1e6)


def test_growth_is_steepest_where_a_unit_costs_more(tables):  # noqa: ARG001 (for the path)
    growth = importlib.import_module("tests.benchmarks.growth_points")
    straight = growth.Series("made", "units", (1, 2, 4), (1.0, 2.0, 4.0))
    assert straight.steepest == 1
    bent = growth.Series("made", "units", (1, 2, 4), (1.5, 2.0, 6.0))
    assert bent.steepest == 1.5


def test_growth_is_drawn_with_memory_beside_the_plan(tables):  # noqa: ARG001 (for the path)
    points = importlib.import_module("tests.benchmarks.growth_points")
    figure = importlib.import_module("tests.benchmarks.growth_figure")
    series = points.Series("made", "units", (1, 2, 4), (1.0, 2.0, 4.0))
    memory = points.Memory(({"rates": 1}, {"rates": 2}), (10**9, 2 * 10**9), (9 * 10**8, 2 * 10**9))
    traces = figure.draw(points.Growth((series,), memory)).data
    assert list(traces[1].y) == [1.0, 2.0, 4.0]
    assert list(traces[-1].x) == [0.9, 2.0]  # the plan's, in GB
    assert list(traces[-1].y) == [1.0, 2.0]
