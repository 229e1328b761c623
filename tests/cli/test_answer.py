"""What a run shows: one table of accuracies, from what the measures count, for one axis or two."""

import csv
import json
import re
from pathlib import Path

from made_metrics import own_results
from made_results import made_results, made_study
from store.making import make_study, run_all
from typer.testing import CliRunner

from sweep.analysis.evidence import gather
from sweep.cli.answer import MAX_POINTS_SHOWN, show_run
from sweep.cli.app import app
from sweep.runner import RunOutcome
from sweep.store import open_store
from sweep.study import Published
from sweep.study.axis import Axis, log_spaced

STUDY = made_study(optimizers=2, rates=3, seeds=3, epochs=2)
PUBLISHED = STUDY.replace(
    published=[Published(source="Liu et al. 2020", optimizer="adam", value=0.9054)]
)


def shown(capsys, study, *, as_json=False, **made) -> str:
    results = made_results(study, **made)
    outcome = RunOutcome(
        results=results, evidence=gather(results), page="", trained=1, copied=0, failed=0
    )
    show_run(outcome, Path("reports/made.html"), as_json=as_json)
    return capsys.readouterr().out


def row_of(text: str, value: str) -> str:
    [row] = re.findall(rf"^ {value} .*$", text, re.M)
    return row


def test_diverged_trials_count_as_in_the_measures(capsys):
    """Two tables on one screen agree: the worst case is the lowest mean of the other table."""
    text = shown(capsys, STUDY, diverge_above=0.05, diverge_share=1.0)
    assert "×××" in row_of(text, "0.1")
    means = [
        float(re.search(r"[\d.]+(?= \()", row_of(text, value))[0])
        for value in ("0.003", "0.01732", "0.1")
    ]
    [worst] = re.findall(r"^ worst-case accuracy \(%\) +([\d.]+)", text, re.M)
    assert min(means) == float(worst)
    assert "diverged; it counts with at most the majority-class baseline" in " ".join(text.split())


def test_two_axes_have_a_column_each(capsys):
    sizes = Axis(name="batch_size", values=(16, 32))
    text = shown(capsys, STUDY.replace(axes=(sizes, *STUDY.axes)))
    assert re.search(r"^ batch size +learning rate +radam +adam", text, re.M)
    assert len(re.findall(r"^ (?:16|32) +0\.\d+ ", text, re.M)) == 6


def test_a_long_table_is_thinned_and_says_so(capsys):
    many = Axis(name="learning_rate", values=log_spaced(0.001, 0.1, 100))
    text = shown(capsys, STUDY.replace(axes=(many,)))
    rows = re.findall(r"^ 0\.\d+ +\d\d\.\d \(", text, re.M)
    assert len(rows) == MAX_POINTS_SHOWN
    assert "40 of 100 points are left out here" in text
    assert row_of(text, "0.001")
    assert row_of(text, "0.1")


def test_published_numbers_are_in_the_json_where_there_are_any(capsys):
    assert "published" not in json.loads(shown(capsys, STUDY, as_json=True))
    [row] = json.loads(shown(capsys, PUBLISHED, as_json=True))["published"]
    assert (row["published"], row["source"]) == (0.9054, "Liu et al. 2020")
    assert row["difference"] == row["measured"] - 0.9054


def test_results_have_the_published_numbers_beside_the_measured_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_STORE", f"sqlite:///{tmp_path}/sweep.db")
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        run_all(store, make_study().replace(published=PUBLISHED.published))
        run_all(store, make_study().replace(name="other"))

    def results(*words):
        done = CliRunner().invoke(app, ["results", *words])
        assert done.exit_code == 0, done.output
        return done

    [row] = json.loads(results("small", "--published", "--json").stdout)
    assert (row["optimizer"], row["at"], row["published"]) == ("adam", None, 0.9054)
    assert "90.54 %" in results("small", "--published").stdout
    assert "no published number" in results("other", "--published").stderr
    [of_csv] = csv.DictReader(
        results("small", "--published", "--format", "csv").stdout.splitlines()
    )
    assert of_csv == {name: "" if it is None else it for name, it in row.items()} | {
        "measured_at": "; ".join(f"{name}={it}" for name, it in row["measured_at"].items()),
        **{name: str(it) for name, it in row.items() if isinstance(it, int | float)},
    }
    of_none = results("other", "--published", "--format", "csv")
    assert of_none.stdout.splitlines() == [",".join(row)]
    assert "no published number" in of_none.stderr
    refused = CliRunner().invoke(app, ["results", "small", "--published", "--format", "parquet"])
    assert refused.exit_code == 2
    of_gradients = results("small", "--gradients")
    assert of_gradients.stdout == ""
    assert "No gradients are recorded of small: its trainings need --gradients." in (
        of_gradients.stderr
    )


def test_a_metric_of_ones_own_has_its_name_and_unit(capsys):
    results = own_results()
    outcome = RunOutcome(
        results=results, evidence=gather(results), page="", trained=1, copied=0, failed=0
    )
    show_run(outcome, Path("reports/made.html"), as_json=False)
    text = " ".join(capsys.readouterr().out.split())
    assert "Validation mean absolute error on energy:train after 10 epochs, in kWh: mean" in text
    assert "counts with at least the mean absolute error of learning nothing (1.200 kWh)" in text
    assert "accuracy" not in text
