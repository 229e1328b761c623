"""``sweep compare`` on real stores, its exit statuses, and the README's gate in CI."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from importing.made_tables import made_rows, write_csv
from typer.testing import CliRunner

import sweep
from sweep.cli.app import app
from sweep.errors import UsageError

README = Path(__file__).parents[1] / "README.md"


def moved(gain: float, **parts) -> list[dict]:
    return [row | {"val_acc": round(row["val_acc"] + gain, 4)} for row in made_rows(**parts)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a store of three studies, and a second store of one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_STORE", raising=False)
    for name, gain in (("base", 0.0), ("same", 0.001), ("worse", -0.04)):
        path = write_csv(tmp_path / f"{name}.csv", moved(gain, seeds=range(6)))
        sweep.import_results(path, name=name, guessing=0.1)
    other = write_csv(tmp_path / "other.csv", moved(0.04, seeds=range(6)))
    sweep.import_results(other, name="better", store="sqlite:///second.db")
    return tmp_path


def compared(*words: str):
    return CliRunner().invoke(app, ["compare", *words])


@pytest.mark.usefixtures("folder")
def test_exit_statuses_and_formats():
    same = compared("base", "same")
    assert same.exit_code == 0
    assert same.stdout.startswith("HEAD is not worse")
    worse = compared("base", "worse", "--format", "json")
    assert worse.exit_code == 4
    assert json.loads(worse.stdout)["standing"] == "worse"
    assert compared("base", "same", "--margin", "0.0001").exit_code in (0, 5)
    better = compared("base", "sqlite:///second.db#better", "--format", "markdown")
    assert better.exit_code == 0
    assert "**better**" in better.stdout
    page = compared("base", "worse", "--format", "html", "-o", "page.html")
    assert page.exit_code == 4
    text = Path("page.html").read_text(encoding="utf-8")
    assert "worse beside base" in text
    assert "HEAD is worse than BASE." in text
    labels = compared("base:adam", "base:sgd")
    assert labels.exit_code == 4
    assert "SGD against Adam: worse in HEAD" in labels.stdout
    assert "its verdict corrects for all pairs" in labels.stdout
    assert "all pairs" not in same.stdout


@pytest.mark.usefixtures("folder")
def test_too_few_seeds_are_undecided():
    path = write_csv(Path("few.csv"), moved(0, seeds=range(2)))
    sweep.import_results(path, name="few", guessing=0.1)
    assert compared("base", "few").exit_code == 5


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_compared_is_told():
    with pytest.raises(UsageError, match="did you mean adam"):
        sweep.compare("base:adma", "same")
    rows = [row | {"lr": 10 * row["lr"] + 1} for row in made_rows()]
    sweep.import_results(write_csv(Path("else.csv"), rows), name="else")
    with pytest.raises(UsageError, match="that both studies have"):
        sweep.compare("base", "else")
    rows = [{**row, "batch_size": 64 * row["lr"] / 0.001, "lr": 0.1} for row in made_rows()]
    sweep.import_results(write_csv(Path("sizes.csv"), rows), name="sizes")
    with pytest.raises(UsageError, match=r"base sweeps learning_rate .log., and sizes batch_size"):
        sweep.compare("base", "sizes")


def workflow() -> str:
    (found,) = re.findall(
        r"```yaml\n(name: robustness.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    return found


def test_the_readmes_workflow_is_one(tmp_path):
    path = tmp_path / "robustness.yaml"
    path.write_text(workflow())
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "github-workflows", path],
        check=True,
        capture_output=True,
    )


def test_the_readmes_workflow_gates(folder):
    shutil.copy(folder / "base.csv", folder / "baseline.csv")
    shutil.copy(folder / "worse.csv", folder / "results.csv")
    Path("sweep.db").unlink()
    steps = yaml.safe_load(workflow())["jobs"]["compare"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith("sweep ")]
    assert len(commands) == 3
    *imports, gate = [command.partition("  #")[0].split()[1:] for command in commands]
    for words in imports:
        assert CliRunner().invoke(app, words).exit_code == 0
    assert CliRunner().invoke(app, gate).exit_code == 4
    assert "**worse**" in Path("comment.md").read_text(encoding="utf-8")
