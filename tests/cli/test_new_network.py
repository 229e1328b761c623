"""``sweep new NAME --network`` writes what runs as it is."""

import sys

import pytest
from typer.testing import CliRunner

import sweep
from sweep.cli.app import app


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SWEEP_STORE", f"sqlite:///{tmp_path}/sweep.db")
    monkeypatch.setattr(sys, "path", sys.path.copy())
    yield tmp_path
    sys.modules.pop("my_model_network", None)


@pytest.mark.usefixtures("here")
def test_a_network_of_ones_own_runs_as_it_is_written():
    done = CliRunner().invoke(app, ["new", "my-model", "--network"])
    assert sorted(done.stdout.split()) == ["my_model_network.py", "studies/my_model.py"]
    results = sweep.run("my-model", optimizers=["adam"], learning_rates=[0.03], seeds=1, epochs=5)
    (trial,) = results.trials
    assert results.study.task.model == "my_model_network:build"
    assert trial.epochs[-1].valid_accuracy > 0.5  # of three classes
    assert results.dataset.train_counts == (400, 400, 400)


@pytest.mark.parametrize("there", ["studies/my_model.py", "my_model_network.py"])
def test_nothing_is_written_over(there, here):
    (here / there).parent.mkdir(exist_ok=True)
    (here / there).write_text("mine")
    done = CliRunner().invoke(app, ["new", "my-model", "--network"])
    assert done.exit_code == 2
    assert f"{there} is there already" in done.output
    assert [path.read_text() for path in here.rglob("my_model*.py")] == ["mine"]
