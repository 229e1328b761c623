"""The main figure's x: nominal, mean effective, and relative to each optimizer's best rate."""

import made_extremes
import made_studies
import numpy as np
import pytest
from figures.evidence import made_evidence
from made_results import made_study

from sweep.analysis.effective import mean_share
from sweep.analysis.evidence import gather
from sweep.figures import robustness


@pytest.fixture(scope="module")
def evidence():
    return made_evidence()


@pytest.fixture(scope="module")
def drawing(evidence):
    return robustness.draw(evidence)


def frame_of(drawing, name):
    return next(frame for frame in drawing.figure.frames if frame.name == name)


def lines_of(drawing, name):
    """Of each optimizer the line of its means, in the view of a state."""
    shown = zip(drawing.figure.data, frame_of(drawing, name[0]).data, strict=True)
    return [frame for trace, frame in shown if trace.text]


def test_the_switch_has_three_positions_and_begins_with_what_was_set(drawing):
    switch = drawing.figure.layout.meta["controls"][0]
    assert switch["label"] == "Learning rate"
    assert switch["choices"] == ["nominal", "mean effective", "relative to its best"]
    assert drawing.figure.layout.xaxis.title.text == "learning rate (log scale)"
    assert switch["start"] == 0


def test_mean_effective_rates_are_nominal_ones_times_the_mean_share(evidence, drawing):
    shares = [mean_share(factor) for factor in evidence.multipliers_O]
    assert shares[0] < 0.5 < shares[1] == 1
    for line, share in zip(lines_of(drawing, "1/0/10"), shares, strict=True):
        np.testing.assert_allclose(line.x, share * evidence.grid.values_N, rtol=1e-3)
    first = lines_of(drawing, "1/0/10")[0]
    assert "mean effective learning rate %{x:.3g} (nominal %{text})" in first.hovertemplate
    axis = frame_of(drawing, "1").layout.xaxis
    assert axis.title.text == "mean effective learning rate (log scale)"
    assert axis.range[0] < np.log10(0.000847) < np.log10(0.1) < axis.range[1]


def test_relative_curves_have_their_best_at_one(drawing):
    nominal = [trace for trace in drawing.figure.data if trace.text]
    for line, before in zip(lines_of(drawing, "2/0/10"), nominal, strict=True):
        assert line.x[int(np.argmax(before.y))] == 1
    axis = frame_of(drawing, "2").layout.xaxis
    assert axis.title.text == "learning rate ÷ the optimizer's best (log scale)"
    assert "1" in axis.ticktext


def test_points_crosses_bands_and_bars_move_along(evidence, drawing):
    """Of RAdam, whatever is drawn lies a factor to the left of where it was."""
    share = mean_share(evidence.multipliers_O[0])
    moved = 0
    view, state = (frame_of(drawing, name).data for name in ("1", "1/0/10"))
    for trace, fixed, own in zip(drawing.figure.data, view, state, strict=True):
        if trace.legendgroup == "RAdam" and trace.x:
            there, here = (np.array(x, float) for x in (trace.x, own.x or fixed.x))
            np.testing.assert_allclose(here, share * there, rtol=2e-3)
            moved += 1
    assert moved == 5


def test_a_view_lies_over_the_nominal_state_and_says_no_more(drawing):
    for name in ("1/0/4", "2/1/10"):
        frame = frame_of(drawing, name)
        assert (frame.baseframe, frame.group) == (f"0{name[1:]}", name[0])
        assert all(trace.y is None and trace.customdata is None for trace in frame.data)


def test_who_learned_nothing_has_no_best_rate():
    drawing = robustness.draw(gather(made_extremes.one_fails()))
    assert any("Not drawn as relative to its best: RAdam" in note for note in drawing.notes)
    assert not any(lines_of(drawing, "2/0/10")[0].x)
    assert all(lines_of(drawing, "1/0/10")[0].x)


@pytest.mark.parametrize(
    "study", [made_studies.batch_sizes(), made_studies.two_axes(), made_study(rates=1)]
)
def test_only_where_learning_rates_are_swept(study):
    labels = [
        control["label"]
        for control in robustness.draw(made_evidence(study)).figure.layout.meta["controls"]
    ]
    assert "Learning rate" not in labels
