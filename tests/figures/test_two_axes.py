"""Studies of two axes: slices, the map over both, and how large a page becomes."""

import made_studies
import numpy as np
import pytest
from figures.evidence import made_evidence, traces_of
from made_results import made_results
from report.publishing import rendered

from sweep.figures import FIGURES, area_map, curves, robustness
from sweep.figures.outline import outline
from sweep.figures.slices import point_keys, slices
from sweep.study.axis import spaced
from sweep.study.optimizer import Optimizer

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def evidence():
    return made_evidence(made_studies.two_axes())


class TestSlices:
    def test_each_point_lies_in_one_slice_an_axis(self, evidence):
        parts = slices(evidence.grid)
        assert len(parts) == 4 + 3
        for place, axis in enumerate(evidence.grid.axes):
            points = [n for part in parts if part.axis == axis for n in part.points_M]
            assert sorted(points) == list(range(len(evidence.grid.points)))
            assert {part.key[0] for part in parts if part.axis == axis} == {place}

    def test_controls_choose_axis_and_value(self, evidence):
        across, first, second, *_ = robustness.draw(evidence).figure.layout.meta["controls"]
        assert (across["label"], across["choices"]) == ("Across", ["batch size", "learning rate"])
        assert (first["label"], first["where"]) == ("At learning rate", (0, 0))
        assert (second["label"], second["where"]) == ("At batch size", (0, 1))
        assert second["choices"] == ["16", "64", "256"]

    def test_the_first_slice_goes_through_the_best_point(self, evidence):
        drawing = robustness.draw(evidence)
        mean_ON = evidence.measures.accuracy_ON.value
        best = evidence.grid.points[int(mean_ON.max(axis=0).argmax())]
        assert f" at learning rate {best['learning_rate']}: " in drawing.finding

    def test_a_frame_has_the_slice_with_its_axis(self, evidence):
        figure = robustness.draw(evidence).figure
        last = len(figure.layout.meta["controls"][-1]["choices"]) - 1
        frames = {frame.name: frame for frame in figure.frames}
        by_rate = frames[f"1/2/0/{last}"]
        assert by_rate.layout.xaxis.title.text == "learning rate (log scale)"
        assert "at batch size 256" in by_rate.layout.title.text
        line = next(trace for trace in by_rate.data if trace.text is not None)
        assert line.x == (0.003, 0.01, 0.03, 0.1)
        points = [n for n, point in enumerate(evidence.grid.points) if point["batch_size"] == 256]
        np.testing.assert_allclose(
            line.y, evidence.measures.accuracy_ON.value[0, points], rtol=1e-3
        )

    def test_bars_are_measured_against_the_best_of_all_slices(self, evidence):
        arrays = robustness.compute(evidence.grid)
        assert arrays.best(-1) == evidence.measures.accuracy_ON.value.max()


def test_curves_have_a_control_an_axis(evidence):
    figure = curves.draw(evidence).figure
    labels = [control["label"] for control in figure.layout.meta["controls"]]
    assert labels == ["Batch size", "Learning rate"]
    assert len(figure.frames) == 12


def test_a_state_without_a_point_says_so():
    own = Optimizer(label="adam", algorithm="adam", values={"batch_size": (32, 128)})
    other = Optimizer(label="radam", algorithm="radam", values={"learning_rate": (0.5,)})
    apart = made_studies.made(made_studies.BATCHES, made_studies.RATES, optimizers=(other, own))
    evidence = made_evidence(apart)
    key, _ = next(pair for pair in point_keys(evidence.grid, 0).items() if pair[1] is None)
    name = "/".join(map(str, key))
    (frame,) = [frame for frame in curves.draw(evidence).figure.frames if frame.name == name]
    assert frame.layout.title.text.startswith("No optimizer is trained there")
    assert all(not trace.y for trace in frame.data)


class TestAreaMap:
    def test_cells_are_the_means_of_the_points(self, evidence):
        arrays = area_map.compute(evidence.grid)
        for n, point in enumerate(evidence.grid.points):
            y = made_studies.RATES.values.index(point["learning_rate"])
            x = made_studies.BATCHES.values.index(point["batch_size"])
            mean_O = evidence.measures.accuracy_ON.value[:, n]
            np.testing.assert_allclose(arrays.mean_OYX[:, y, x], mean_O)

    def test_the_path_is_the_best_of_the_second_for_each_of_the_first(self, evidence):
        arrays = area_map.compute(evidence.grid)
        np.testing.assert_array_equal(arrays.best_OX, arrays.mean_OYX.argmax(axis=1))
        table = FIGURES["heatmap"](evidence).table
        assert table.columns == (
            "optimizer",
            "batch size",
            "best learning rate",
            "mean accuracy there",
        )
        assert len(table.rows) == 2 * 3

    def test_a_panel_an_optimizer_on_one_scale(self, evidence):
        figure = FIGURES["heatmap"](evidence).figure
        cells = [trace for trace in figure.data if trace.type == "heatmap"]
        assert [trace.name for trace in cells] == list(evidence.grid.optimizers)
        assert {trace.coloraxis for trace in cells} == {"coloraxis"}
        np.testing.assert_allclose(cells[0].x, [4, 6, 8])

    def test_an_optimizer_with_fewer_values_has_its_own_outline(self):
        own = Optimizer(label="adam", algorithm="adam", values={"batch_size": (16, 256)})
        study = made_studies.made(
            made_studies.BATCHES, made_studies.RATES, optimizers=(made_studies.RADAM, own)
        )
        arrays = area_map.compute(made_evidence(study, gains=(-0.3,)).grid)
        assert np.isnan(arrays.mean_OYX[1, :, 1]).all()
        assert arrays.best_OX[1].tolist() == [0, -1, 0]
        assert all(arrays.outlines)


def test_an_outline_encloses_the_area_that_is_measured():
    """Of a plane the outline is the straight line at the level."""
    y, x = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0, 7.0])
    found = np.array(outline(y[:, None] + 2 * x, y, x, 5.0)).reshape(-1, 2)
    np.testing.assert_allclose(found[:, 0] + 2 * found[:, 1], 5.0)
    assert found[:, 0].min() == pytest.approx(0)
    assert found[:, 0].max() == pytest.approx(3)
    assert outline(np.zeros((3, 4)), y, x, 5.0) == ()


def test_measures_are_over_the_area(evidence):
    drawing = FIGURES["measures"](evidence)
    panels = [note.text for note in drawing.figure.layout.annotations]
    assert panels[0].startswith("<b>mean over the area (&#37;)")
    assert any("robust region (&#37; of area)" in text for text in panels)
    share = traces_of(drawing.figure, "RAdam")[3].x[0]
    whole = evidence.measures.robust_range
    assert share == pytest.approx(100 * whole.extent_O.value[0] / whole.whole, rel=1e-3)


def test_tuning_tries_pairs(evidence):
    drawing = FIGURES["best-of-k"](evidence)
    assert drawing.finding.startswith("One pair of batch size and learning rate tried at random")
    assert (
        drawing.figure.layout.xaxis.title.text == "pairs of batch size and learning rate tried, k"
    )


@pytest.mark.parametrize(
    ("optimizers", "seeds", "megabytes"), [(3, 5, 8), (20, 2, 11), (20, 5, 12)]
)
def test_pages_of_six_by_seven_points_stay_small(optimizers, seeds, megabytes):
    things = [
        Optimizer(label=f"adam-{n}", algorithm="adam", settings={"beta_1": 0.5 + n / 50})
        for n in range(optimizers)
    ]
    axes = spaced("batch_size", 16, 512, 6), spaced("learning_rate", 0.003, 0.1, 7)
    study = made_studies.made(*axes, optimizers=things).replace(seeds=seeds, epochs=10)
    assert len(rendered(made_results(study)).encode()) < megabytes * MEGABYTE
