"""The README tells the truth: its commands exist, its Python runs, its files are there."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = {
    language: [
        text for found, text in re.findall(r"```(\w+)\n(.*?)```", README, re.S) if found == language
    ]
    for language in ("sh", "python")
}
COMMANDS = [
    line.partition("  #")[0].strip()
    for block in BLOCKS["sh"]
    for line in block.splitlines()
    if line.startswith("sweep ")
]


def test_first_screen_has_the_two_commands():
    first = README.splitlines()[:24]
    commands = [line for line in first if line.startswith("python3 -m venv")]
    assert commands[0].endswith("sweep run lr-robustness")
    assert "pytest" in commands[1]


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_command_and_its_options_exist(command):
    words = shlex.split(command)[1:]
    subcommand = words[:2] if words[0] in ("data", "store") else words[:1]
    shown = CliRunner().invoke(app, [*subcommand, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.stdout


def test_every_command_is_in_the_readme():
    helped = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    commands = re.findall(r"^  ([a-z]+) {2,}", helped, re.M)
    assert len(commands) >= 10
    missing = [name for name in commands if f"sweep {name}" not in README]
    assert not missing


def test_study_examples_are_valid():
    studies = {}
    for block in BLOCKS["python"]:
        if "study = Study(" in block:
            namespace = {}
            exec(block, namespace)
            studies[namespace["study"].name] = namespace["study"]
    assert studies["my-study"].optimizers[1].warmup.steps == 300
    assert studies["torch-digits"].optimizers[2].algorithm == "torch.optim:RAdam"
    assert studies["batches"].axes[0].values == (16, 32, 64, 128, 256, 512)


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if "--axis" in command or "--set" in command]
)
def test_what_is_asked_with_axes_can_be_planned(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    words = ["plan", *shlex.split(command)[2:], "--data", "rendered-pets", "--pictures", "60"]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output


def test_the_example_with_pytorch_trains(tmp_path, monkeypatch):
    """As it stands there; its training is PyTorch's own, on real pictures of digits."""
    pytest.importorskip("torch", reason="needs PyTorch: pip install .[torch]")
    monkeypatch.chdir(tmp_path)
    training = next(block for block in BLOCKS["python"] if "import torch" in block)
    study = next(block for block in BLOCKS["python"] if '"torch-digits"' in block)
    (tmp_path / "digits_training.py").write_text(training)
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies/torch_digits.py").write_text(study)
    words = ["run", "torch-digits", "--seeds", "1", "--learning-rates", "0.003,1000", "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["trained"] == 6
    shown = CliRunner().invoke(app, ["results", "torch-digits", "--format", "json"]).stdout
    adam = [row for row in json.loads(shown) if row["optimizer"] == "adam"]
    good, bad = (row["valid_accuracy"] for row in adam)
    assert good > 0.85  # it reaches 0.90 in five epochs
    assert bad < 0.5


def test_links_to_files_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).is_file()


def test_benchmarks_named_are_there():
    assert {path.name for path in (ROOT / "tests/benchmarks").glob("*.py")} >= {
        "__main__.py",
        "features.py",
        "help.py",
    }
