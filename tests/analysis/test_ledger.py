"""Published numbers beside measured ones: means, intervals, differences, and how they are said."""

import json
import math

import numpy as np
import pytest
from made_metrics import own_results, own_study
from made_results import made_results, made_study
from scipy import stats

from sweep.analysis.evidence import gather
from sweep.analysis.ledger import Claim, claims, claims_rows, ledger_columns, ledger_rows
from sweep.analysis.metric_words import MetricWords
from sweep.report.page import content, render
from sweep.study import Published
from sweep.study.study import Study


def accuracies(results, label, rate):
    return np.array(
        [
            trial.epochs[-1].valid_accuracy
            for trial in results.trials
            if trial.optimizer == label and math.isclose(trial.point["learning_rate"], rate)
        ]
    )


def claimed(results, **fields) -> Claim:
    published = Published(**{"source": "Liu et al. 2020", "optimizer": "radam"} | fields)
    (claim,) = claims(gather(results), [published])
    return claim


def test_mean_interval_and_difference_are_those_of_a_t_test():
    results = made_results(made_study(seeds=5), diverge_share=0)
    values = accuracies(results, "radam", 0.003)
    claim = claimed(results, value=0.9, learning_rate=0.003)
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (claim.mean, claim.low, claim.high) == pytest.approx((values.mean(), low, high))
    assert claim.difference == pytest.approx(values.mean() - 0.9)
    assert claim.difference_low == pytest.approx(low - 0.9)
    assert (claim.seeds, claim.name) == (5, "RAdam")


def test_with_the_published_deviation_it_is_welchs_test():
    results = made_results(made_study(seeds=5), diverge_share=0)
    values = accuracies(results, "adam", 0.003)
    theirs = np.array([0.90, 0.92, 0.91, 0.95, 0.88])
    claim = claimed(
        results,
        optimizer="adam",
        value=theirs.mean(),
        learning_rate=0.003,
        deviation=theirs.std(ddof=1),
        seeds=5,
    )
    expected = stats.ttest_ind(values, theirs, equal_var=False).confidence_interval(0.95)
    assert (claim.difference_low, claim.difference_high) == pytest.approx((*expected,))


def test_without_a_point_the_best_is_measured():
    results = made_results(made_study(seeds=3))
    rates = results.study.axes[0].values
    claim = claimed(results, value=0.9)
    assert claim.mean == pytest.approx(max(accuracies(results, "radam", it).mean() for it in rates))
    lost = own_results(own_study(seeds=3))
    least = claimed(lost, value=0.2)
    assert least.mean == pytest.approx(min(accuracies(lost, "radam", it).mean() for it in rates))


@pytest.mark.parametrize(
    "fields",
    [
        {"optimizer": "lion"},
        {"learning_rate": 0.5},
        {"point": {"batch_size": 64}},
        {"point": {"learning_rate": 0.003, "batch_size": 64}},
    ],
)
def test_what_is_not_measured_is_said(fields):
    claim = claimed(made_results(), value=0.9, **fields)
    assert claim.point is None
    (row,) = ledger_rows([claim], MetricWords())
    assert row[3:5] == ("not measured", "not measured")


def test_what_is_not_finished_is_not_measured():
    results = made_results(made_study(seeds=1), untouched=3)
    assert claimed(results, value=0.9, learning_rate=0.003).point is None
    assert claimed(results, value=0.9).point is None


def test_with_two_seeds_there_is_no_interval():
    claim = claimed(made_results(made_study(seeds=2)), value=0.9, learning_rate=0.003)
    assert math.isnan(claim.low)
    (row,) = ledger_rows([claim], MetricWords())
    assert "[" not in row[3] + row[4]
    assert row[3].endswith("% (2 seeds)")


def test_rows_are_in_the_metrics_unit():
    claim = claimed(
        made_results(made_study(seeds=5), diverge_share=0),
        value=0.8685,
        learning_rate=0.003,
        deviation=0.0075,
        seeds=5,
        note="186 epochs",
    )
    (row,) = ledger_rows([claim], MetricWords())
    assert row[:3] == ("RAdam", "learning rate 0.003", "86.85 % ± 0.75 (5 seeds)")
    assert row[5] == "Liu et al. 2020; 186 epochs"
    assert row[4].startswith(f"{100 * claim.difference:.1f} [")
    assert ledger_columns(MetricWords())[4] == "measured minus published (points)"
    lost = own_results(own_study())
    words = gather(lost).grid.words
    (row,) = ledger_rows([claimed(lost, value=0.4)], words)
    assert row[2] == f"{0.4:.{words.digits}f} kWh"
    assert ledger_columns(words)[3:5] == (
        "measured mean absolute error",
        "measured minus published (kWh)",
    )


def test_rows_for_programs_have_the_numbers_as_they_are():
    results = made_results(made_study(seeds=5), diverge_share=0)
    claim = claimed(results, value=0.9, learning_rate=0.003)
    (row,) = claims_rows([claim])
    assert (row["optimizer"], row["at"]) == ("radam", {"learning_rate": 0.003})
    assert (row["published"], row["measured"], row["measured_low"]) == (0.9, claim.mean, claim.low)
    assert row["difference_high"] == claim.difference_high
    (row,) = claims_rows([claimed(results, value=0.9, optimizer="lion")])
    assert (row["at"], row["measured"], row["measured_at"]) == (None, None, None)
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_the_report_has_the_table_where_something_was_published():
    study = made_study(seeds=3)
    said = [Published(source="<Liu>", optimizer="adam", value=0.9054)]
    for asked, is_there in ((study, False), (study.replace(published=said), True)):
        results = made_results(asked)
        shown = content(gather(results), results)
        titles = [section.title for section in shown["tables"]]
        assert ("Published and measured" in titles) == is_there
    page = render(gather(results), results)
    assert 'id="published"' in page
    assert "90.54 %" in page
    assert "&lt;Liu&gt;" in page


def test_published_numbers_are_no_part_of_what_is_trained():
    study = made_study()
    said = study.replace(published=[Published(source="x", optimizer="adam", value=0.9, seeds=3)])
    assert "published" not in study.model_dump(mode="json")
    assert Study.stored(said.model_dump(mode="json")) == said


@pytest.mark.parametrize("seeds", [None, 1])
def test_a_deviation_needs_seeds(seeds):
    with pytest.raises(ValueError, match="two seeds or more"):
        Published(source="x", optimizer="adam", value=0.9, deviation=0.1, seeds=seeds)
