"""Any hyperparameter from the command line: what is planned, trained, shown and refused."""

import csv
import io
import json
import re

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app

PETS = ("--data", "rendered-pets", "--pictures", "60", "--epochs", "2", "--seeds", "3")
TWO = (
    "--axis",
    "batch_size=16,32",
    "--axis",
    "learning_rate=0.003:0.1:3",
    "--optimizers",
    "adam,sgd",
)
NAME = "lr-robustness-rendered-pets"


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """The program in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_a_plan_of_another_axis(invoke):
    asked = ("plan", "lr-robustness", *PETS, "--axis", "batch_size=16:64:3")
    plan = invoke(*asked, "--set", "learning_rate=0.01", "--json")
    found = json.loads(plan.stdout)
    assert found["axes"] == [{"name": "batch_size", "values": [16, 32, 64], "scale": "log"}]
    assert found["base"] == {"learning_rate": 0.01}
    assert "learning_rates" not in found
    assert (found["trials"], found["cohorts"]) == (27, 27)
    shown = invoke(*asked, "--set", "learning_rate=0.01").stdout
    assert re.search(r"batch size +16, 32, 64", shown)
    assert re.search(r"set +learning rate 0.01", shown)


def test_a_plan_of_two_axes_says_learning_rates_too(invoke):
    found = json.loads(invoke("plan", "lr-robustness", *PETS, *TWO, "--json").stdout)
    assert [axis["name"] for axis in found["axes"]] == ["batch_size", "learning_rate"]
    assert found["learning_rates"] == [0.003, 0.01732, 0.1]
    assert (found["trials"], found["cohorts"]) == (36, 12)


def test_a_plan_of_epochs_has_no_one_number_of_them(invoke):
    shown = invoke(
        "plan", "lr-robustness", "--axis", "epochs=1,2", "--set", "learning_rate=0.1", *PETS[:4]
    ).stdout
    assert re.findall(r"^ epochs +(.*\S)", shown, re.M) == ["1, 2"]


def test_a_plan_names_what_optimizers_have_of_their_own(invoke):
    shown = invoke("plan", "warmup-length", "--data", "rendered-pets").stdout
    assert re.search(r"warm-up length +100, 200, 500, 1000", shown)
    assert re.search(r"warm-up length of radam +the same at every value", shown)


def test_studies_by_question_and_axes(invoke):
    listed = {
        study["name"]: study for study in json.loads(invoke("list", "--json").stdout)["studies"]
    }
    assert [axis["name"] for axis in listed["batch-size-and-learning-rate"]["axes"]] == [
        "batch_size",
        "learning_rate",
    ]
    assert listed["beta2"]["swept"] == "β₂ 0.9 to 0.9999"
    assert "batch size 16 to 512" in invoke("list").stdout


def test_two_axes_are_trained_and_shown(invoke):
    done = invoke("run", "lr-robustness", *PETS, *TWO)
    assert done.exit_code == 0, done.output
    assert re.search(r"^ batch size +learning rate +adam +sgd", done.stdout, re.M)
    for size in (16, 32):
        for rate in ("0.003", "0.01732", "0.1"):
            assert re.search(rf"^ {size} +{rate} ", done.stdout, re.M)
    rows = list(csv.DictReader(io.StringIO(invoke("results", NAME, "-f", "csv").stdout)))
    assert [*rows[0]][:4] == ["trial", "optimizer", "batch_size", "learning_rate"]
    assert len(rows) == 36
    [status] = json.loads(invoke("status", NAME, "--json").stdout)
    assert [axis["name"] for axis in status["axes"]] == ["batch_size", "learning_rate"]
    assert status["missing"] == 0
    told = json.loads(invoke("report", NAME, "--json").stdout)
    assert told["axes"] == status["axes"]
    again = invoke("run", "lr-robustness", *PETS, *TWO)
    assert "Nothing was left to train." in again.stderr
    other = invoke("run", "lr-robustness", *PETS, "--learning-rates", "0.1")
    assert other.exit_code == 2
    assert "--name" in other.stderr


def test_swept_epochs_are_a_column_once(invoke):
    asked = ("--axis", "epochs=1,2", "--set", "learning_rate=0.01", "--optimizers", "adam")
    done = invoke("run", "lr-robustness", *PETS[:4], "--seeds", "1", *asked)
    assert done.exit_code == 0, done.output
    assert "after the last epoch" in " ".join(done.stdout.split())
    rows = list(csv.reader(io.StringIO(invoke("results", NAME, "-f", "csv").stdout)))
    assert rows[0].count("epochs") == 1
    assert sorted(row[rows[0].index("epochs")] for row in rows[1:]) == ["1", "2"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (["--axis", "bach_size=16:512:6"], "did you mean batch_size?"),
        (["--axis", "batch_size=0:512:6"], "batch size 0.0 is not a whole number, 1 or more"),
        (["--axis", "batch_size"], "names no values"),
        (["--axis", "batch_size=16,32"], "Set it with --set learning_rate=0.003"),
        (["--axis", "epochs=1,2", "--axis", "epochs=3"], "an axis is said twice"),
        (
            ["--axis", "epochs=1", "--axis", "batch_size=1", "--axis", "hidden_units=1"],
            "3 axes: epochs, batch_size, hidden_units",
        ),
        (["--axis", "warmup.steps=9", "--axis", "warmup.share=0.1", "--set", "learning_rate=1"],
         "both in steps and as a share"),
        (["--axis", "optimizer.beta2=0.9", "--set", "learning_rate=1"], "did you mean beta_2?"),
        (["--axis", "learning_rate=0.1", "--learning-rates", "0.1"], "say the same"),
        (["--axis", "optimizer.beta_2=0.9", "--optimizers", "sgd,adam", "--set", "learning_rate=1"],
         "leave sgd out"),
        (["--set", "optimizer.rho=0.9"], "none of radam, adam, adam-warmup takes optimizer.rho"),
        (["--set", "learning_rate=0.9"], "learning_rate cannot be set: it is an axis"),
        (["--set", "epochs=x"], "'x' is not a number"),
        (["--set", "epochs=3", "--epochs", "3"], "say the same"),
        (["--set", "seeds=3"], "no hyperparameter 'seeds' (known: learning_rate, batch_size"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "plan"])
def test_what_cannot_be_asked_is_one_message(command, said, message, invoke, tmp_path):
    done = invoke(command, "lr-robustness", *said)
    assert done.exit_code == 2, done.output
    assert message in " ".join(done.stderr.split())
    assert "error:" in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "sweep.db").exists()


def test_the_shell_completes_names_of_axes():
    for option in ("--axis", "--set"):
        words = f"sweep plan lr-robustness {option} ba"
        done = CliRunner().invoke(
            app,
            env={
                "_SWEEP_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": "4",
                "_TYPER_COMPLETE_ARGS": words,
            },
            prog_name="sweep",
        )
        assert done.stdout.split() == ["batch_size="], done.output
