"""``sweep simulate``: the relations of the paper's Figures 8 and 9, and how it is asked for."""

import csv
import io
import json
from inspect import signature

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.cli.simulate import simulate
from sweep.report.simulation import BETA_2, DRAWS, STEPS


def invoke(*arguments, columns=200):
    return CliRunner().invoke(
        app, ["simulate", *map(str, arguments)], env={"COLUMNS": str(columns)}
    )


@pytest.fixture(scope="module")
def rows():
    """The paper's own setting."""
    done = invoke("--format", "csv")
    assert done.exit_code == 0, done.output
    found = csv.DictReader(io.StringIO(done.stdout))
    return {
        int(row["step"]): {name: float(cell) if cell else None for name, cell in row.items()}
        for row in found
    }


def test_the_approximation_comes_near_the_exact_variance(rows):
    """The paper's Figure 8: the difference falls with ρ."""
    known = [row for row in rows.values() if row["approximate_variance"] is not None]
    off = [row["approximate_variance"] / row["exact_variance"] - 1 for row in known]
    assert off == sorted(off, reverse=True)
    assert off[0] > 1
    assert 0 < off[-1] < 0.01


def test_the_simulation_meets_the_exact_variance(rows):
    """In the first steps and at the end but for chance; between, about a tenth below it."""
    off = {
        step: (row["simulated_variance"] - row["exact_variance"]) / row["standard_error"]
        for step, row in rows.items()
        if step >= 10
    }
    for step in (10, 20, 30, 50, 6_000):
        assert abs(off[step]) < 4
    for step, row in rows.items():
        if step >= 100:
            # 0.89 less four standard errors of 2 %.
            assert row["exact_variance"] * 0.81 < row["simulated_variance"]
            assert row["simulated_variance"] < row["exact_variance"] + 4 * row["standard_error"]


def test_the_rectified_variance_is_nearly_constant(rows):
    """The paper's Figure 9. At step 10 r, made of the approximation, makes it 0.6 of the last."""
    rectified = [row["rectified_variance"] for step, row in rows.items() if step >= 10]
    plain = [row["simulated_variance"] for step, row in rows.items() if step >= 10]
    assert max(plain) / min(plain) > 50
    assert max(rectified) / min(rectified) < 1.9
    assert rows[5]["rectification"] is None
    assert 0 < rows[6]["rectification"] < 0.03


def test_the_table_fits_a_narrow_terminal():
    done = invoke("--beta-2", "0.5,0.99", "--steps", 30, columns=80)
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "β₂ = 0.5: RAdam rectifies none of these steps." in done.stdout
    assert "ρ" in done.stdout


def test_json_has_numbers_or_nothing():
    told = json.loads(invoke("-f", "json", "--steps", 20, "--seed", 7, "--mean", 1).stdout)
    assert told["seed"] == 7
    assert told["mean"] == 1
    assert told["rows"][0]["simulated_variance"] is None
    assert told["rows"][-1]["step"] == 20
    assert told["rows"][-1]["rho"] == pytest.approx(19.9, abs=0.1)


def test_a_page_with_the_figure_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("--beta-2", "0.9,0.99", "--steps", 50, "-o", "page.html")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "page.html").read_text()
    drawn = json.loads(page.partition('id="figures">')[2].partition("</script>")[0])
    figure = drawn["figures"]["simulation"]
    assert figure["layout"]["meta"]["controls"][0]["choices"] == ["0.9", "0.99"]
    assert len(figure["frames"]) == 2
    assert figure["frames"][1]["data"][1]["y"] != figure["data"][1]["y"]
    assert figure["data"][-1]["name"] == "simulated, times r²"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--beta-2", "1"), "--beta-2 1: 1 is not between 0 and 1"),
        (("--beta-2", "0.9,0.9"), "a value is said twice"),
        (("--beta-2", "high"), "'high' is not a number"),
        (("--steps", "2"), "--steps"),
        (("--mean", "inf"), "--mean inf"),
        (("-o", "table.txt"), "a table is for the screen"),
        (("-f", "csv", "--open"), "--open is for a page, not for csv"),
    ],
)
def test_what_is_refused(arguments, said):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_collection_shows_what_the_command_shows_without_options():
    usual = {name: each.default for name, each in signature(simulate).parameters.items()}
    assert (float(usual["beta_2"]), usual["steps"], usual["draws"]) == (BETA_2, STEPS, DRAWS)
    assert (usual["seed"], usual["mean"]) == (0, 0.0)  # as those of ``theory``


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    done = invoke("--steps", "10", "--output", str(tmp_path / "missing" / "theory.csv"))
    assert done.exit_code == 2
    assert "cannot be written: No such file or directory" in done.stderr
