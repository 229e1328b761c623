"""Every kind of axis in the figures: where values lie, what ticks say, units of lengths."""

from dataclasses import replace

import made_studies
import numpy as np
import pytest
from figures.evidence import made_evidence, traces_of
from made_results import made_study

from sweep.figures import FIGURES, effective_rate, heatmap, robustness
from sweep.figures.axes import drawn, tick, value_axis
from sweep.optimizers.multipliers import multipliers
from sweep.study import CosineDecay, LinearDecay, OneCycle, Optimizer, StepDecay, Warmup
from sweep.study.axis import Axis, spaced

RATES = Axis(name="learning_rate", values=(0.003, 0.01, 0.1))
BATCHES = Axis(name="batch_size", values=(16, 64, 1024))
BETAS = spaced("optimizer.beta_2", 0.9, 0.99999, 5)
SHARES = Axis(name="warmup.share", values=(0.05, 0.1, 0.5))
UNITS = Axis(name="hidden_units", values=(16, 64, 1000), scale="ordinal")


@pytest.mark.parametrize("axis", [RATES, BATCHES])
def test_only_logarithms_of_values_are_left_to_plotly(axis):
    layout = value_axis(axis)
    assert layout["type"] == "log"
    assert layout["tickvals"] == list(axis.values)
    low, high = layout["range"]
    assert low < np.log10(axis.values[0]) < np.log10(axis.values[-1]) < high


@pytest.mark.parametrize("axis", [BETAS, SHARES, UNITS])
def test_any_other_scale_is_drawn_by_position(axis):
    layout = value_axis(axis)
    assert layout["type"] == "linear"
    np.testing.assert_allclose(layout["tickvals"], axis.position(axis.values), rtol=1e-5)
    low, high = layout["range"]
    assert low < layout["tickvals"][0] < layout["tickvals"][-1] < high


def test_ticks_say_values_and_never_1_for_what_is_less():
    assert value_axis(BETAS)["ticktext"] == ["0.9", "0.99", "0.999", "0.9999", "0.99999"]
    assert value_axis(UNITS)["ticktext"] == ["16", "64", "1000"]
    assert [tick(value) for value in (0.017325, 16384)] == ["0.0173", "16,384"]


@pytest.mark.parametrize(
    ("axis", "title"),
    [
        (RATES, "learning rate (log scale)"),
        (BATCHES, "batch size (examples, log scale)"),
        (BETAS, "β₂ (log scale of 1 − β₂)"),
        (SHARES, "warm-up share"),
        (UNITS, "hidden units (evenly spaced)"),
    ],
)
def test_an_axis_says_what_it_is(axis, title):
    assert value_axis(axis)["title"]["text"] == title


STUDIES = {
    "decades": made_study(),
    "octaves": made_studies.batch_sizes(),
    "units": made_studies.made(SHARES),
    "steps between values": made_studies.made(UNITS),
}


@pytest.mark.parametrize("unit", STUDIES)
def test_lengths_are_counted_in_the_axis_own_unit(unit):
    evidence = made_evidence(STUDIES[unit])
    bars = [trace for trace in robustness.draw(evidence).figure.data if trace.yaxis == "y2"]
    assert any(f" {unit}<extra>" in bar.hovertemplate for bar in bars)
    panels = [note.text for note in FIGURES["measures"](evidence).figure.layout.annotations]
    assert any(f"robust range ({unit})" in text for text in panels)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("study", [made_studies.batch_sizes(), made_studies.betas()])
def test_nothing_speaks_of_learning_rates_that_are_not_swept(name, study):
    drawing = FIGURES[name](made_evidence(study))
    if name == effective_rate.NAME:
        return
    said = " ".join((drawing.finding, drawing.alt, *drawing.notes, *drawing.table.columns))
    assert "learning rate" not in said + str(drawing.figure.to_json())


def test_trials_lie_beside_each_other_in_the_order_of_the_optimizers():
    evidence = made_evidence(made_studies.betas())
    points = [
        trace for trace in robustness.draw(evidence).figure.data if trace.marker.opacity == 0.6
    ]
    first, second = (np.array(trace.x, float) for trace in points)
    assert (first < second).all()
    middles = np.repeat(evidence.grid.axes[0].position(evidence.grid.axes[0].values), 3)
    assert np.abs(first - middles).max() < 0.5


class TestRagged:
    @pytest.fixture
    def evidence(self):
        return made_evidence(made_studies.ragged())

    def test_lines_go_through_the_points_that_an_optimizer_has(self, evidence):
        figure = robustness.draw(evidence).figure
        x = {
            label: traces_of(figure, label, showlegend=True)[0].x
            for label in evidence.grid.optimizers
        }
        assert x == {"RAdam": (16, 64, 256), "Adam": (64, 128, 256)}
        assert all(
            None not in traces_of(figure, label, showlegend=True)[0].y
            for label in evidence.grid.optimizers
        )

    def test_what_is_compared_is_what_all_have(self, evidence):
        finding = robustness.draw(evidence).finding
        assert "at the worst batch size shared by all, from 64 to 256:" in finding
        assert "of its 3" in heatmap.draw(evidence).finding

    def test_tables_leave_out_what_is_not_planned(self, evidence):
        assert len(robustness.draw(evidence).table.rows) == 6
        assert len(heatmap.draw(evidence).table.rows) == 6


class TestEpochs:
    @pytest.fixture
    def evidence(self):
        return made_evidence(made_studies.epochs())

    def test_what_has_ended_stays_as_it_ended(self, evidence):
        drawing = robustness.draw(evidence)
        accuracy = robustness.compute(evidence.grid).accuracy.over_seeds.mean
        np.testing.assert_array_equal(accuracy[:, 0, 1], accuracy[:, 0, -1])
        np.testing.assert_allclose(accuracy[..., -1], evidence.measures.accuracy_ON.value)
        assert "A training that has ended by then is shown as it ended." in drawing.notes
        assert "at the worst number of epochs from 1 to 6" in drawing.finding

    def test_a_curve_ends_where_its_training_does(self, evidence):
        figure = FIGURES["curves"](evidence).figure
        known = {
            frame.name: sum(value is not None for value in frame.data[1].y)
            for frame in figure.frames
        }
        assert known == {"0": 2, "1": 3, "2": 7}


def test_an_optimizer_that_does_not_follow_has_a_flat_line():
    evidence = made_evidence(made_studies.warmups())
    drawing = robustness.draw(evidence)
    line = traces_of(drawing.figure, "RAdam", showlegend=True)[0]
    assert len({*line.y}) == 1
    assert "RAdam does not follow the warm-up length: one training, a flat line." in drawing.notes


def test_effective_rates_are_chosen_by_point_where_they_differ():
    drawing = effective_rate.draw(made_evidence(made_studies.warmups()))
    (control,) = drawing.figure.layout.meta["controls"]
    assert (control["label"], control["choices"]) == ("Warm-up length", ["10", "100", "1000"])
    adam = [frame.data[1].y for frame in drawing.figure.frames]
    assert adam[0] != adam[1] != adam[2]
    radam = [frame.data[0].y for frame in drawing.figure.frames]
    assert radam[0] == radam[1] == radam[2]
    assert "acts at warm-up length 1000:" in drawing.finding


@pytest.mark.parametrize(
    "schedule",
    [StepDecay(factor=0.1, epochs=(1,)), CosineDecay(), LinearDecay(), OneCycle()],
    ids=lambda schedule: schedule.kind,
)
def test_the_effective_rate_draws_every_schedule(schedule):
    decaying = Optimizer(label="s", algorithm="adam", schedule=schedule, warmup=Warmup(steps=4))
    factor_K = multipliers([decaying], 40, 10)
    evidence = made_evidence(made_study().replace(optimizers=["adam", "sgd"]))
    known = (np.ones((1, 40), np.float32), factor_K)
    _, line = effective_rate.draw(replace(evidence, multipliers_O=known)).figure.data
    assert (line.x[0], line.x[-1]) == (1, 40)
    np.testing.assert_allclose(line.y, factor_K[0][np.array(line.x, int) - 1], rtol=1e-3, atol=1e-6)
    assert line.y[-1] < 0.2


def test_only_axes_that_make_a_difference_choose_an_effective_rate():
    study = made_studies.two_axes()
    study = study.replace(optimizers=(made_studies.RADAM, made_study().optimizers[2]))
    evidence = made_evidence(study)
    by_size = tuple(
        np.array([[point["batch_size"]] * 4 for point in evidence.grid.points], np.float32)
        for _ in study.optimizers
    )
    drawing = effective_rate.draw(replace(evidence, multipliers_O=by_size))
    (control,) = drawing.figure.layout.meta["controls"]
    assert (control["label"], len(drawing.figure.frames)) == ("Batch size", 3)
    assert "acts at batch size 256:" in drawing.finding
    shared = tuple(factor[:1] for factor in by_size)
    assert effective_rate.draw(replace(evidence, multipliers_O=shared)).figure.frames == ()


def test_values_are_rounded_for_plotly():
    assert drawn(RATES, [0.1 / 3]) == [0.0333333]
