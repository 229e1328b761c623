"""An optimizer of the user's own that is edited is another one: nothing old is shown for it."""

import json
import sys

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app

MODULE = (
    "import keras\nfrom steps import factor\n\n\nclass Mine(keras.optimizers.Adam):\n    pass\n"
)
STUDY = """
from sweep import Optimizer, Pictures, Study

study = Study(name="mine", question="Edited?", pictures=Pictures(limit=60), seeds=1, epochs=1,
              optimizers=[Optimizer(label="mine", algorithm="mine:Mine")], learning_rates=[0.01])
"""


@pytest.fixture
def sweep(own_module, tmp_path, monkeypatch):
    """Commands one after another, as in a process that starts with the user's files as they are."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # it has the file's time to the second
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    for name, text in {"mine": MODULE, "steps": "factor = 1\n", "study": STUDY}.items():
        own_module(name, text)

    def call(*commands):
        for name in ("mine", "steps"):
            sys.modules.pop(name, None)
        return [
            CliRunner().invoke(app, [*arguments, "--data", "rendered-pets", "--json"])
            for arguments in commands
        ]

    return call


def said(ended):
    """What a command printed as JSON."""
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_an_edited_optimizer_is_trained_again(sweep, tmp_path):
    run, plan = ("run", "study.py"), ("plan", "study.py")
    first, again, planned = map(said, sweep(run, run, plan))
    assert (first["trained"], again["trained"], planned["finished"]) == (1, 0, 1)
    (tmp_path / "steps.py").write_text("factor = 2\n")
    planned, refused, edited = sweep(plan, run, (*run, "--name", "edited"))
    assert said(planned)["finished"] == 0
    assert refused.exit_code == 2
    assert "steps.py" in refused.stderr
    assert "--name" in refused.stderr
    assert (said(edited)["trained"], said(edited)["copied"]) == (1, 0)
