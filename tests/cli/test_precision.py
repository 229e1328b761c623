"""``--precision`` of a plan: what features are computed in, as it is asked for and told."""

import json

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app

PLAN = ("plan", "lr-robustness", "--data", "rendered-pets", "--pictures", "40")


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """The program in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "120"})


@pytest.mark.parametrize(
    ("asked", "found"),
    [((), "float32"), (("--precision", "mixed_bfloat16"), "mixed_bfloat16")],
)
def test_a_plan_tells_it(invoke, asked, found):
    told = json.loads(invoke(*PLAN, *asked, "--json").stdout)
    assert (told["precision"], told["head_products"]) == (found, "float32")
    lines = invoke(*PLAN, *asked).stdout.splitlines()
    (line,) = [line.split() for line in lines if "features in" in line]
    assert line[-1] == found.removeprefix("mixed_")


def test_the_heads_products_are_told_where_they_are_not_the_usual(invoke, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from sweep import Model, Study\n"
        "study = Study(name='mine', question='q', optimizers=['adam'], learning_rates=(0.1,),\n"
        "              seeds=1, model=Model(head_products='bfloat16'))\n"
    )
    plan = invoke("plan", "./mine.py", *PLAN[2:])
    assert "head's products in" in plan.stdout
    assert "head's products in" not in invoke(*PLAN).stdout


def test_another_name_of_it_is_refused(invoke):
    done = invoke(*PLAN, "--precision", "bfloat16")
    assert done.exit_code == 2
    assert "did you mean mixed_bfloat16?" in done.stderr
