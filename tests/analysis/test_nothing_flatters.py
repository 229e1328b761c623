"""Three made-up studies at the ends of what can happen: nothing that is said or drawn flatters.

All optimizers fail; one of three fails; all are perfect, so that seeds agree to the last digit.
"""

import json
import math

import made_extremes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.analysis import curves
from sweep.analysis.evidence import gather
from sweep.analysis.tables import measures_rows, measures_table
from sweep.figures import FIGURES
from sweep.report.sections import sections


@pytest.fixture(scope="module")
def failing():
    return gather(made_extremes.all_fail())


@pytest.fixture(scope="module")
def one_failing():
    return gather(made_extremes.one_fails())


@pytest.fixture(scope="module")
def perfect():
    return gather(made_extremes.all_perfect())


def table_of(evidence):
    return {row["measure"].partition(" (")[0]: row for row in measures_table(evidence.measures)}


def hover_texts(drawing):
    """All that hovering shows beside templates, in every state."""
    traces = [*drawing.figure.data, *(it for frame in drawing.figure.frames for it in frame.data)]
    return json.dumps([[t.customdata, t.hovertemplate, t.text] for t in traces], default=str)


WORDS = {
    "spread": "learned nothing",
    "robust range": "none",
    "own robust range": "none",
    "learning rate sensitivity": "learned nothing",
    "convergence": "never",
}


def test_who_fails_everywhere_has_no_robust_range(failing, one_failing):
    for evidence, who in ((failing, [True] * 3), (one_failing, [True, False, False])):
        measures = evidence.measures
        assert measures.learned_nothing_O.tolist() == who
        for found in (measures.robust_range, measures.own_robust_range):
            assert (found.extent_O.value[who] == 0).all()
            assert np.isnan(found.extent_O.high[who]).all()
            assert not found.is_open_O[who].any()
            assert all(not piece for piece, none in zip(found.pieces_O, who, strict=True) if none)
        assert np.isnan(measures.spread_O.value[who]).all()
        assert np.isnan(measures.sensitivity_O.value[who]).all()
    learned = one_failing.measures.robust_range
    assert learned.is_open_O.tolist() == [False, True, True]
    assert (learned.extent_O.value[1:] > 0.5).all()


def test_the_table_says_it_in_words(failing, one_failing):
    for name, words in WORDS.items():
        assert [table_of(failing)[name][label] for label in failing.measures.optimizers] == 3 * [
            words
        ]
        row = table_of(one_failing)[name]
        assert row["RAdam"] == words
        assert words not in (row["Adam"], row["Adam with warm-up"])


def test_rows_for_programs_claim_no_robustness(failing):
    rows = [row for row in measures_rows(failing.measures) if row["measure"] in WORDS]
    robust = [row for row in rows if "robust range" in row["measure"]]
    assert all((row["value"], row["low"], row["at_least"]) == (0, None, False) for row in robust)
    assert all(row["value"] is None for row in rows if row not in robust)


def test_the_verdict_says_who_learned_nothing(failing, one_failing):
    assert "no trial learned anything" in failing.verdict.headline
    assert "robust" not in str(failing.verdict)
    assert (
        "RAdam learned nothing: its mean accuracy is at no learning rate more than 2 points above "
        "the majority-class baseline (50.0 %). That its accuracy hardly changes is no robustness."
    ) in one_failing.verdict.sentences
    assert (
        "RAdam learned nothing, so there is no convergence to compare."
        in one_failing.verdict.sentences
    )
    assert "more slowly" not in str(one_failing.verdict)


def test_figures_draw_no_range_of_who_learned_nothing(failing, one_failing):
    for evidence, bars in ((failing, []), (one_failing, ["Adam", "Adam with warm-up"])):
        figure = FIGURES["robustness"](evidence).figure
        drawn = [trace.legendgroup for trace in figure.data if trace.yaxis == "y2" and trace.y]
        assert drawn == bars
        measures = FIGURES["measures"](evidence)
        in_words = {
            (trace.legendgroup, trace.text[0]) for trace in measures.figure.data if trace.text
        }
        assert {("RAdam", words) for words in WORDS.values()} <= in_words
        assert ("Adam", "none") not in in_words or not bars
    assert "RAdam at 0" in FIGURES["heatmap"](failing).finding


def test_before_training_nobody_has_a_robust_range(perfect):
    frames = {frame.name: frame for frame in FIGURES["robustness"](perfect).figure.frames}
    assert not any(trace.y for trace in frames["0/0/0"].data[-3:])
    assert all(trace.y for trace in frames["0/0/1"].data[-3:])


def test_perfect_accuracies_have_a_standard_error(perfect):
    sampling = perfect.measures.sampling_error_ON
    assert sampling == pytest.approx(0.0027454, rel=1e-4)
    table, *_ = sections(perfect, made_extremes.all_perfect())
    assert "0.3 to 0.3 points" in table.notes[0]


@given(st.integers(1, 10**6), st.integers(0, 100))
def test_standard_error_of_the_examples(examples, percent):
    """√[a(1 − a)/n], and near 0 and 1 that which Agresti and Coull give to n right of n."""
    a = percent / 100
    (error,) = curves.sampling_error(np.array([a]), examples)
    counted = examples + 1.959964**2
    share = (examples + 1.959964**2 / 2) / counted
    assert error >= math.sqrt(share * (1 - share) / counted) * (1 - 1e-9) > 0
    if 0.1 < a < 0.9 and examples > 50:
        assert error == pytest.approx(math.sqrt(a * (1 - a) / examples))


def test_intervals_of_no_width_are_left_out_with_a_reason(perfect):
    assert table_of(perfect)["mean accuracy"]["RAdam"] == "100.0"
    assert all(
        row["low"] is None
        for row in measures_rows(perfect.measures)
        if row["value"] == 1 and row["claimed"] is None
    )
    for name in ("robustness", "measures", "best-of-k"):
        drawing = FIGURES[name](perfect)
        assert any("all seeds agree exactly" in note for note in drawing.notes)
    for name, draw in FIGURES.items():
        drawing = draw(perfect)
        assert "100.0 % to 100.0 %" not in hover_texts(drawing), name
        if "from" in drawing.table.columns:
            place = drawing.table.columns.index("from")
            assert {row[place] for row in drawing.table.rows} == {"–"}
    table, *_ = sections(perfect, made_extremes.all_perfect())
    assert "all seeds agree exactly" in table.notes[1]


def test_agreeing_seeds_claim_nothing(perfect):
    assert not perfect.measures.mean_accuracy_differences.claimed.any()
    assert "difference 0.0 epochs in every seed" in str(perfect.verdict)
    assert "0.0 to 0.0" not in str(perfect.verdict)
