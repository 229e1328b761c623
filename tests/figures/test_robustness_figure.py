"""The main figure: accuracy and loss against the learning rate, by epoch."""

import numpy as np
import pytest
from figures.evidence import made_evidence, traces_of
from made_results import made_study

from sweep.figures import robust_range, robustness, robustness_arrays
from sweep.figures.slices import slices


@pytest.fixture(scope="module")
def evidence():
    return made_evidence(diverge_above=0.05)


@pytest.fixture(scope="module")
def drawing(evidence):
    return robustness.draw(evidence)


def test_last_state_is_that_of_the_measures(evidence):
    arrays = robustness.compute(evidence.grid)
    measures = evidence.measures
    np.testing.assert_allclose(arrays.accuracy.over_seeds.mean[..., -1], measures.accuracy_ON.value)
    (part,) = slices(evidence.grid)
    for mean_M, pieces in zip(
        arrays.accuracy.over_seeds.mean[..., -1], measures.robust_range.pieces_O, strict=True
    ):
        found = robust_range.compute(
            part.axis.position(part.values_M), mean_M, arrays.best(-1), 0.5
        )
        np.testing.assert_allclose(part.axis.at(found), pieces)
    assert arrays.diverged_ONSE[..., -1].sum() == measures.diverged_O.sum() > 0


def test_every_epoch_of_a_short_training_is_offered(evidence):
    assert robustness.compute(evidence.grid).epochs == tuple(range(11))


def test_a_long_training_is_thinned_and_says_so():
    drawing = robustness.draw(made_evidence(made_study(rates=3, seeds=2, epochs=300)))
    slider = drawing.figure.layout.meta["controls"][-1]
    assert len(slider["choices"]) == robustness_arrays.MAX_STATES
    assert (slider["choices"][0], slider["choices"][-1]) == ("0", "300")
    assert "The slider offers 21 of 301 epochs." in drawing.notes


def test_no_range_where_a_mean_is_missing():
    positions = np.array([-2.0, -1.0, 0.0])
    assert robust_range.compute(positions, np.array([0.9, np.nan, 0.9]), 0.9, 0.5) == ()
    (piece,) = robust_range.compute(positions, np.array([0.9, 0.9, 0.7]), 0.9, 0.5)
    assert piece == pytest.approx((-2.0, -0.9))


def test_no_range_where_nothing_is_learned():
    positions = np.array([-2.0, -1.0, 0.0])
    assert robust_range.compute(positions, np.array([0.5, 0.51, 0.52]), 0.52, 0.5) == ()
    (piece,) = robust_range.compute(positions, np.array([0.53, 0.53, 0.51]), 0.53, 0.5)
    assert piece == pytest.approx((-2.0, -0.5))


def test_diverged_trials_are_crosses_at_what_they_count(evidence, drawing):
    grid = evidence.grid
    for index, label in enumerate(grid.optimizers):
        (crosses,) = [
            trace for trace in traces_of(drawing.figure, label) if trace.marker.symbol == "x-thin"
        ]
        gone = grid.diverged[index]
        assert len(crosses.y) == gone.sum()
        np.testing.assert_allclose(
            crosses.y, grid.counted_accuracy()[index][gone][:, -1], rtol=1e-3
        )
        shown = {int(trial) for trial, *_ in crosses.customdata}
        assert shown == {int(number) for number in evidence.trial_ONS[index][gone]}


def test_points_are_the_seeds_that_did_not_diverge(evidence, drawing):
    grid = evidence.grid
    (points,) = [
        trace
        for trace in traces_of(drawing.figure, "Adam", mode="markers")
        if trace.marker.symbol is None
    ]
    index = grid.optimizers.index("Adam")
    assert sum(y is None for y in points.y) == grid.diverged[index].sum()
    assert len(points.y) == grid.finished_ONS[index].sum()


def test_hover_gives_trial_seed_value_and_interval(drawing):
    line = traces_of(drawing.figure, "RAdam", showlegend=True)[0]
    assert "95 % interval" in line.customdata[0]
    assert "5 seeds" in line.customdata[0]
    points = traces_of(drawing.figure, "RAdam", mode="markers")[0]
    assert "trial %{customdata[0]}" in points.hovertemplate
    assert "seed %{customdata[1]}" in points.hovertemplate


def test_frames_change_what_is_shown(drawing):
    frames = {frame.name: frame for frame in drawing.figure.frames}
    states = {
        f"{view}/{what}/{epoch}" for view in range(3) for what in (0, 1) for epoch in range(11)
    }
    assert set(frames) == states | {"1", "2"}
    lines = {
        name: next(
            trace.y
            for first, trace in zip(drawing.figure.data, frame.data, strict=True)
            if first.text is not None
        )
        for name, frame in frames.items()
    }
    assert lines["0/0/0"] != lines["0/0/10"] != lines["0/1/10"]
    assert len(frames["0/0/3"].data) == len(drawing.figure.data)


def test_the_first_state_is_the_last_epochs_accuracy(drawing):
    last = next(frame for frame in drawing.figure.frames if frame.name == "0/0/10")
    for shown, framed in zip(drawing.figure.data, last.data, strict=True):
        assert shown.y == framed.y
    assert drawing.figure.layout.yaxis.title.text == "validation accuracy"
    assert drawing.figure.layout.xaxis.type == "log"


@pytest.mark.parametrize(
    ("count", "said"), [(1, "one seed: no band"), (2, "range of two seeds"), (3, "95 % interval")]
)
def test_band_says_what_it_is(count, said):
    drawing = robustness.draw(made_evidence(made_study(seeds=count)))
    assert said in drawing.notes[0]
    (band,) = traces_of(drawing.figure, "Adam", fill="toself")
    assert bool(band.y) == (count > 1)


def test_many_trials_are_not_drawn_one_by_one():
    drawing = robustness.draw(made_evidence(made_study(rates=30, seeds=25, epochs=2)))
    assert all(not trace.x for trace in drawing.figure.data if trace.mode == "markers")
    assert any("2,250 trials" in note for note in drawing.notes)


def test_title_gives_the_finding_and_the_pictures(evidence, drawing):
    worst = evidence.measures.worst_accuracy_O.value.max()
    assert f"{100 * worst:.1f} %" in drawing.finding
    assert "rendered pets" in drawing.finding
