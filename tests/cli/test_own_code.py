"""An optimizer of the user's own that is edited is another one: nothing old is shown for it."""

import json
import os
import subprocess
import sys

import pytest

MODULE = (
    "import keras\nfrom steps import factor\n\n\nclass Mine(keras.optimizers.Adam):\n    pass\n"
)
STUDY = """
from sweep import Optimizer, Pictures, Study

study = Study(name="mine", question="Edited?", pictures=Pictures(limit=60), seeds=1, epochs=1,
              optimizers=[Optimizer(label="mine", algorithm="mine:Mine")], learning_rates=[0.01])
"""


COMMANDS = """
import json, sys
from typer.testing import CliRunner
from sweep.cli.app import app

for arguments in json.loads(sys.argv[1]):
    done = CliRunner().invoke(app, [*arguments, "--data", "rendered-pets", "--json"])
    print(json.dumps([done.exit_code, done.stdout, done.stderr]))
"""


@pytest.fixture
def sweep(tmp_path):
    """Commands one after another, in a process that starts with the user's files as they are."""
    for name, text in {"mine.py": MODULE, "steps.py": "factor = 1\n", "study.py": STUDY}.items():
        (tmp_path / name).write_text(text)

    def call(*commands):
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS, json.dumps(commands)],
            cwd=tmp_path,
            env=os.environ | {"SWEEP_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return call


def said(ended):
    """What a command printed as JSON."""
    status, stdout, stderr = ended
    assert status == 0, stderr
    return json.loads(stdout)


def test_an_edited_optimizer_is_trained_again(sweep, tmp_path):
    run, plan = ("run", "study.py"), ("plan", "study.py")
    first, again, planned = map(said, sweep(run, run, plan))
    assert (first["trained"], again["trained"], planned["finished"]) == (1, 0, 1)
    (tmp_path / "steps.py").write_text("factor = 2\n")
    planned, (status, _, refused), edited = sweep(plan, run, (*run, "--name", "edited"))
    assert said(planned)["finished"] == 0
    assert status == 2
    assert "steps.py" in refused
    assert "--name" in refused
    assert (said(edited)["trained"], said(edited)["copied"]) == (1, 0)
