"""What a run shows: one table of accuracies, from what the measures count, for one axis or two."""

import re
from pathlib import Path

from made_metrics import own_results
from made_results import made_results, made_study

from sweep.analysis.evidence import gather
from sweep.cli.answer import MAX_POINTS_SHOWN, show_run
from sweep.runner import RunOutcome
from sweep.study.axis import Axis, log_spaced

STUDY = made_study(optimizers=2, rates=3, seeds=3, epochs=2)


def shown(capsys, study, **made) -> str:
    results = made_results(study, **made)
    outcome = RunOutcome(
        results=results, evidence=gather(results), page="", trained=1, copied=0, failed=0
    )
    show_run(outcome, Path("reports/made.html"), as_json=False)
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
