"""Every benchmark can be started, and rivals get our results; how fast is no test's business."""

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
