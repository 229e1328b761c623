"""Mirror images on the whole way of the data: asked for, trained, stored and told."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.store import open_store

FEW = ("lr-robustness", "--data", "rendered-pets", "--pictures", "60", "--epochs", "2")
ONE = (*FEW, "--optimizers", "adam", "--learning-rates", "0.01", "--seeds", "1")
NAME = "lr-robustness-rendered-pets"


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """The program in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})


def told(done) -> dict:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_with_mirror_images_is_another_study_and_says_so(invoke):
    without = told(invoke("run", *ONE, "--json", "--name", "without"))
    ran = told(invoke("run", *ONE, "--json", "--flips"))
    assert (without["flips"], ran["flips"], ran["trained"]) == (False, True, 1)
    store = open_store("sqlite:///sweep.db")
    (trial,) = store.results(NAME).trials
    (plain,) = store.results("without-rendered-pets").trials
    assert trial.fingerprint != plain.fingerprint
    assert trial.epochs[0].valid_loss == pytest.approx(plain.epochs[0].valid_loss, rel=1e-6)
    assert trial.epochs[2].valid_loss != plain.epochs[2].valid_loss
    page = re.sub(r"\s+", " ", Path(ran["report"]).read_text(encoding="utf-8"))
    words = "each epoch trains on a picture or its mirror image, as the seed draws it"
    assert f"{words}; validation sees pictures as they are" in page
    assert "which of the training pictures an epoch sees as their mirror images" in page
    assert "mirror image" not in Path(without["report"]).read_text(encoding="utf-8")
    again = told(invoke("run", *ONE, "--json", "--flips"))
    assert again["trained"] == 0
    refused = invoke("run", *ONE, "--json")
    assert refused.exit_code == 2
    assert "pictures.flips: stored True, now False" in refused.stderr


def test_a_plan_tells_them_and_their_memory(invoke):
    plans = {
        option: told(invoke("plan", *FEW, "--json", option)) for option in ("--flips", "--no-flips")
    }
    assert [plan["flips"] for plan in plans.values()] == [True, False]
    more = plans["--flips"]["memory_bytes"] - plans["--no-flips"]["memory_bytes"]
    assert more == 2 * (2 * 60 * 2048)
    assert "mirror images" in invoke("plan", *FEW, "--flips").stdout
    assert "mirror images" not in invoke("plan", *FEW).stdout
