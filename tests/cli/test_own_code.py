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


@pytest.fixture
def sweep(tmp_path):
    """The program in a process of its own, in a folder with an optimizer of the user's."""
    for name, text in {"mine.py": MODULE, "steps.py": "factor = 1\n", "study.py": STUDY}.items():
        (tmp_path / name).write_text(text)

    def call(*arguments, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "sweep.cli", *arguments, "--data", "rendered-pets", "--json"],
            cwd=tmp_path,
            env=os.environ | {"SWEEP_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stderr if status else json.loads(done.stdout)

    return call


def test_an_edited_optimizer_is_trained_again(sweep, tmp_path):
    assert sweep("run", "study.py")["trained"] == 1
    assert sweep("run", "study.py")["trained"] == 0
    assert sweep("plan", "study.py")["finished"] == 1
    (tmp_path / "steps.py").write_text("factor = 2\n")
    assert sweep("plan", "study.py")["finished"] == 0
    refused = sweep("run", "study.py", status=2)
    assert "steps.py" in refused
    assert "--name" in refused
    edited = sweep("run", "study.py", "--name", "edited")
    assert (edited["trained"], edited["copied"]) == (1, 0)
