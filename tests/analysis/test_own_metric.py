"""A study's own metric: the same measures whichever way it counts, in its own name and unit."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_metrics import ERROR, own_results, own_study
from made_results import made_results
from made_studies import two_axes

from sweep.analysis.accuracies import accuracy_table
from sweep.analysis.collect import grid_of
from sweep.analysis.evidence import gather
from sweep.analysis.metric_words import MetricWords, margin_of
from sweep.analysis.pairs import pair_rows, pair_table, table_columns
from sweep.analysis.prospect import prospect_lines
from sweep.analysis.tables import measures_rows, measures_table
from sweep.errors import UsageError
from sweep.figures import FIGURES
from sweep.results.results import Results
from sweep.study.metric import Metric
from sweep.study.programs import Command, Function

RIGHT = Metric(name="hit rate", guessing=0.5)
WRONG = Metric(name="miss rate", direction="minimize", guessing=0.5)
PLAIN = Metric(name="miss rate", unit="", direction="minimize", guessing=0.5, near=0.02)
OF_METRIC = ("mean ", "worst-case ", "expected best")
ROUNDING = 1e-9
"""Scores of the mirrored study are shifted by 1, so sums are rounded otherwise."""

CASES = {
    "usual": {},
    "collapsed": {"gains": (-0.9, -0.95, -0.5), "diverge_above": 0.02, "diverge_share": 0.9},
    "failed": {"failed": (1, 4), "untouched": 2},
}


def mirrored(metric: Metric, study=None, **made) -> tuple[Results, Results]:
    """Results as accuracies, and the same as shares of wrong answers."""
    study = study or own_study(RIGHT)
    other = study.replace(task=Function("energy:train", metric=metric))
    right = own_results(study, lambda accuracy: accuracy, **made)
    return right, own_results(other, lambda accuracy: 1 - accuracy, **made)


def turned(row, metric: Metric):
    """A row of hits as the one of misses that it should be."""
    value, low, high = row["value"], row["low"], row["high"]
    name = row["measure"].replace(RIGHT.name, metric.name)
    unit = metric.unit if row["unit"] == "share" else row["unit"]
    if name == f"difference in mean {metric.name}":
        return row | {"measure": name, "unit": unit} | ends(value, low, high, lambda x: -x)
    if name.startswith(OF_METRIC):
        return row | {"measure": name, "unit": unit} | ends(value, low, high, lambda x: 1 - x)
    return row | {"unit": unit if name == "spread" else row["unit"]}


def ends(value, low, high, turn):
    return {
        "value": None if value is None else turn(value),
        "low": None if high is None else turn(high),
        "high": None if low is None else turn(low),
    }


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_misses_measure_the_same_as_hits_with_the_sign_turned(made):
    right, wrong = (gather(each) for each in mirrored(WRONG, **made))
    expected = [turned(row, WRONG) for row in measures_rows(right.measures)]
    got = measures_rows(wrong.measures)
    assert len(got) == len(expected)
    for row, same in zip(got, expected, strict=True):
        for name in row:
            if isinstance(same[name], float):
                assert row[name] == pytest.approx(same[name], abs=ROUNDING), row
            else:
                assert row[name] == same[name], row
    assert wrong.measures.decision.settled == right.measures.decision.settled
    for one, other in zip(
        right.measures.decision.pairs, wrong.measures.decision.pairs, strict=True
    ):
        assert (one.outcome, one.better, one.seeds_needed) == (
            other.outcome,
            other.better,
            other.seeds_needed,
        )


def test_two_axes_measure_the_same_too():
    study = two_axes().replace(task=Function("energy:train", metric=RIGHT))
    right, wrong = (gather(each).measures for each in mirrored(WRONG, study))
    one, other = right.robust_range.extent_O, wrong.robust_range.extent_O
    np.testing.assert_allclose(other.value, one.value, atol=ROUNDING)
    np.testing.assert_allclose(wrong.improvement_OO.value, right.improvement_OO.value)
    np.testing.assert_allclose(wrong.convergence.epochs_ON, right.convergence.epochs_ON)


def test_what_is_no_share_has_no_bounds_but_the_same_estimates():
    right, wrong = (gather(each).measures for each in mirrored(PLAIN))
    for name in ("mean_accuracy_O", "worst_accuracy_O", "expected_best_OK"):
        misses = getattr(wrong, name).in_values(PLAIN)
        np.testing.assert_allclose(misses.value, 1 - getattr(right, name).value, atol=ROUNDING)
    assert wrong.worst_accuracy_O.in_values(PLAIN).low.min() < 0
    assert right.worst_accuracy_O.high.max() == 1


def test_in_another_unit_all_is_the_same_but_the_numbers():
    """A metric in a unit 50 times smaller, with all that the study says of it in that unit."""
    smaller = PLAIN.model_copy(update={"unit": "W", "near": 1.0, "guessing": 25.0})
    made = CASES["collapsed"]
    one = gather(own_results(own_study(PLAIN), lambda accuracy: 1 - accuracy, **made))
    other = gather(own_results(own_study(smaller), lambda accuracy: 50 * (1 - accuracy), **made))
    assert other.measures.decision.margin == 50 * one.measures.decision.margin
    for row, same in zip(measures_rows(other.measures), measures_rows(one.measures), strict=True):
        scale = 50 if row["unit"] == "W" else 1
        assert row["claimed"] == same["claimed"]
        for end in ("value", "low", "high"):
            if row[end] is None:
                assert same[end] is None, row
            else:
                assert row[end] == pytest.approx(scale * same[end], abs=1e-6), row
    outcomes = [[pair.outcome for pair in it.measures.decision.pairs] for it in (one, other)]
    assert outcomes[0] == outcomes[1]
    for name in ("robustness", "heatmap"):
        bars = [FIGURES[name](it).start.to_plotly_json()["data"][-1] for it in (one, other)]
        assert bars[0].get("x") == bars[1].get("x")
    near = [FIGURES["heatmap"](it).finding.partition("at the end")[2] for it in (one, other)]
    assert near[0] == near[1]


def test_everything_is_said_in_the_metrics_name_and_unit():
    evidence = gather(own_results())
    said = str(evidence.verdict)
    assert "RAdam (0.288 kWh)" in said
    assert "Undecided: RAdam − Adam is −0.040 kWh (95 % interval −0.149 to 0.069)." in said
    assert "Adam with warm-up is better than Adam by 0.104 kWh (0.001 to 0.207)." in said
    assert "would settle all of them at 0.025 kWh." in said
    assert "from the mean absolute error of learning nothing to the best mean absolute" in said
    assert "counts with at least the mean absolute error of learning nothing" in said
    headings = [row["measure"] for row in measures_table(evidence.measures)]
    assert headings[0] == "average mean absolute error (kWh)"
    assert "spread (kWh)" in headings
    assert "learning rate sensitivity" in headings
    table = accuracy_table(evidence)
    assert "at least the mean absolute error of learning nothing (1.200 kWh)" in table.notes[0]
    everything = [
        said,
        *headings,
        *map(str, table.notes),
        *map(str, table_columns(evidence.measures)),
    ]
    everything += [line for _, line in prospect_lines(evidence.measures, 30)]
    assert not [text for text in everything if "accurac" in text.lower() or "points" in text]


def test_a_difference_is_of_the_metric_and_the_lower_error_is_better():
    measures = gather(own_results()).measures
    rows = {(row["first"], row["second"]): row for row in pair_rows(measures)}
    row = rows["Adam", "Adam with warm-up"]
    assert row["better"] == "Adam with warm-up"
    assert 0 < row["low"] < row["difference"] < row["high"]
    assert row["margin"] == ERROR.near / 2
    first = next(iter(pair_table(measures)))
    assert first[:3] == (
        "Adam − Adam with warm-up",
        "Adam with warm-up is better",
        "0.104 [0.001, 0.207]",
    )


def unknown(**made) -> Results:
    """Nothing is said of what learning nothing comes to."""
    metric = ERROR.model_copy(update={"guessing": None})
    return own_results(own_study(metric), diverge_above=0.02, **made)


def test_without_guessing_a_diverged_trial_counts_its_value_before_training():
    grid = grid_of(unknown())
    assert grid.diverged.any()
    first_ONS, final_ONS = grid.valid_accuracy_ONSE[..., 0], grid.final_accuracy()
    last_ONS = np.nanmin(grid.valid_accuracy_ONSE, axis=-1)
    gone = grid.diverged
    assert (final_ONS[gone] <= first_ONS[gone]).all()
    assert (final_ONS[gone] >= last_ONS[gone]).all()
    evidence = gather(unknown())
    share_O = gone.mean(axis=(1, 2))  # of trials that failed to learn, those that diverged
    np.testing.assert_allclose(evidence.measures.failure_share_O.value, share_O)
    assert np.isfinite(evidence.measures.convergence.target)
    assert "at least the mean absolute error before training." in str(evidence.verdict)


def test_without_anything_before_training_the_worst_of_all_counts():
    results = unknown(has_start=False)
    nothing = [trial for trial in results.trials if trial.diverged_at_epoch == 2]
    bare = {trial.number for trial in nothing[:1]}
    trials = tuple(
        replace(trial, epochs=trial.epochs[-1:]) if trial.number in bare else trial
        for trial in results.trials
    )
    epochs = (trials[nothing[0].number].epochs[0]._replace(valid_accuracy=math.nan),)
    trials = tuple(
        replace(trial, epochs=epochs) if trial.number in bare else trial for trial in trials
    )
    evidence = gather(replace(results, trials=trials))
    grid, found = evidence.grid, evidence.measures
    o, n, s = np.argwhere(evidence.trial_ONS == nothing[0].number)[0]
    known = grid.valid_accuracy_ONSE[np.isfinite(grid.valid_accuracy_ONSE)]
    assert grid.final_accuracy()[o, n, s] == known.min()
    assert np.isfinite(found.mean_accuracy_O.value).all()
    assert np.isnan(found.convergence.target)
    assert "nor is the mean absolute error where nothing is learned" in str(evidence.verdict)
    assert "counts with the last mean absolute error it had." in str(evidence.verdict)


def test_accuracies_of_an_import_without_guessing_count_as_before():
    grid = replace(grid_of(made_results()), baseline=math.nan, is_imported=True)
    gone = grid.diverged
    last = [series[np.isfinite(series)][-1] for series in grid.valid_accuracy_ONSE[gone]]
    np.testing.assert_array_equal(grid.final_accuracy()[gone], last)


@pytest.mark.parametrize(
    ("metric", "digits", "level", "margin"),
    [
        (Metric(), 1, "93.1 %", "1 point"),
        (Metric(name="F1", near=0.005), 2, "93.12 %", "0.25 points"),
        (Metric(name="PSNR", unit="dB", near=0.5), 2, "0.93 dB", "0.25 dB"),
        (Metric(name="perplexity", unit="", direction="minimize", near=2), 1, "−0.9", "1"),
        (Metric(name="steps", unit="", near=500), 0, "1", "250"),
    ],
)
def test_near_says_how_many_digits_people_read(metric, digits, level, margin):
    words = MetricWords(metric)
    assert (words.digits, words.level(0.9312), words.margin(metric.margin)) == (
        digits,
        level,
        margin,
    )


def test_a_margin_is_typed_in_points_or_in_the_unit():
    assert margin_of(0.5, Metric()) == 0.005
    assert margin_of(3, ERROR) == 3
    for typed, metric, said in ((100, Metric(), "100 points"), (0, ERROR, "0 kWh")):
        with pytest.raises(UsageError, match=f"a margin of {said}"):
            margin_of(typed, metric)


def test_a_program_is_called_by_its_words_before_what_is_filled_in():
    study = own_study(ERROR)
    command = Command("python train.py {optimizer} --lr {learning_rate} {seed}", metric=ERROR)
    assert gather(own_results(study)).pictures == "energy:train"
    assert gather(own_results(study.replace(task=command))).pictures == "python train.py"
