"""The arrays of the other figures, and what each must show."""

import numpy as np
import pytest
from figures.evidence import made_evidence, traces_of
from made_results import made_study

from sweep.figures import (
    best_of_k,
    curves,
    effective_rate,
    effective_rate_arrays,
    heatmap,
    improvement,
    measures,
)
from sweep.figures.curves_marks import LOWEST_LOSS


@pytest.fixture(scope="module")
def evidence():
    return made_evidence(diverge_above=0.05)


class TestCurves:
    def test_means_are_over_the_seeds_that_are_still_there(self, evidence):
        grid, arrays = evidence.grid, curves.compute(evidence.grid)
        o, n, s = np.argwhere(grid.diverged)[0]
        at = int(grid.diverged_at_epoch_ONS[o, n, s])
        for curve in (*arrays.loss, *arrays.accuracy):
            assert np.isfinite(curve.trials_ONSE[o, n, s, :at]).all()
            assert np.isnan(curve.trials_ONSE[o, n, s, at:]).all()
            np.testing.assert_allclose(
                curve.over_seeds.mean[o, n, at], np.nanmean(curve.trials_ONSE[o, n, :, at])
            )

    def test_solid_is_training_and_dashed_is_validation(self, evidence):
        arrays = curves.compute(evidence.grid)
        figure = curves.draw(evidence).figure
        means = [
            trace
            for trace in traces_of(figure, "Adam", mode="lines+markers")
            if trace.yaxis == "y2"
        ]
        assert [trace.line.dash for trace in means] == ["solid", "dash"]
        for trace, curve in zip(means, arrays.accuracy, strict=True):
            np.testing.assert_allclose(trace.y, curve.over_seeds.mean[1, -1], rtol=1e-3)

    def test_hovering_tells_trial_and_interval(self, evidence):
        arrays, figure = curves.compute(evidence.grid), curves.draw(evidence).figure
        adam = traces_of(figure, "Adam", mode="lines")[0]
        epochs = len(arrays.epochs)
        trials = [f"{number:.0f}" for number in evidence.trial_ONS[1, -1]]
        assert [f"{number:.0f}" for number in adam.customdata[:: epochs + 1]] == trials
        assert list(adam.text[:: epochs + 1]) == [str(seed) for seed in evidence.grid.seeds]
        mean = traces_of(figure, "Adam", mode="lines+markers")[3]
        over = arrays.accuracy[1].over_seeds
        said = f"{100 * over.low[1, -1, 0]:.1f} % to {100 * over.high[1, -1, 0]:.1f} % over 5 seeds"
        assert mean.customdata[0] == said

    def test_each_learning_rate_can_be_chosen(self, evidence):
        figure = curves.draw(evidence).figure
        (control,) = figure.layout.meta["controls"]
        assert control["choices"][0] == "0.003"
        shown = {frame.name: frame.data[1].y for frame in figure.frames}
        assert len(set(shown.values())) == len(evidence.grid.values_N)

    def test_crosses_lie_where_trials_diverged(self, evidence):
        figure = curves.draw(evidence).figure
        last = evidence.grid.diverged_at_epoch_ONS[:, -1]
        for index, label in enumerate(evidence.grid.optimizers):
            (crosses,) = traces_of(figure, label, mode="markers")
            assert sorted(crosses.x) == sorted(last[index][~np.isnan(last[index])])

    def test_a_loss_of_nothing_does_not_flatten_the_others(self):
        evidence = made_evidence(made_study(rates=2, seeds=3), diverge_above=1)
        evidence.grid.train_loss_ONSE[1, 1, 2, 5] = 1e-15
        drawing = curves.draw(evidence)
        assert drawing.figure.layout.yaxis.autorangeoptions.clipmin == LOWEST_LOSS
        assert drawing.figure.layout.yaxis.dtick == 1
        assert any("some seeds go below it" in note for note in drawing.notes)

    def test_thin_lines_are_thinned_and_say_so(self):
        evidence = made_evidence(made_study(10, 10, 10, 60))
        drawing = curves.draw(evidence)
        assert "2 of 10 seeds are drawn as thin lines." in drawing.notes
        assert "51 of 61 epochs are drawn." in drawing.notes


class TestMeasures:
    def test_primary_measure_comes_first_with_its_interval(self, evidence):
        panel = measures.compute(evidence.measures)[0]
        assert panel.title == "mean accuracy (%)"
        mean = evidence.measures.mean_accuracy_O
        np.testing.assert_allclose(panel.estimate.value, 100 * mean.value)
        (trace, *_) = traces_of(measures.draw(evidence).figure, "RAdam")
        assert trace.x[0] == pytest.approx(100 * mean.value[0], rel=1e-3)
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(100 * mean.high[0], rel=1e-3)
        assert "95 % interval" in trace.customdata[0]

    def test_one_seed_has_no_intervals_and_says_so(self):
        drawing = measures.draw(made_evidence(made_study(seeds=1)))
        assert all(trace.error_x.array == (None,) for trace in drawing.figure.data)
        assert "nothing is claimed" in drawing.notes[0]

    @pytest.mark.parametrize("diverge_above", [0.05, 1.0])
    def test_every_panel_has_ticks_and_shows_all_intervals(self, diverge_above):
        drawing = measures.draw(made_evidence(diverge_above=diverge_above))
        panels = measures.compute(made_evidence(diverge_above=diverge_above).measures)
        for position, panel in enumerate(panels):
            axis = drawing.figure.layout[f"xaxis{position + 1 if position else ''}"]
            low, high = axis.range
            assert 2 <= sum(low <= tick <= high for tick in axis.tickvals) <= 5
            assert min(axis.tickvals) >= 0
            assert low < np.nanmin(panel.estimate.low)
            assert high > np.nanmax(panel.estimate.high)

    @pytest.mark.parametrize("low", [0.0, 0.3, 90.4, 99.99, 1e-7, 12345.0])
    @pytest.mark.parametrize("span", [1e-6, 0.013, 1.0, 8.5, 77.0, 5e5])
    def test_ticks_are_few_and_round(self, low, span):
        ticks = measures.round_numbers(low, low + span)
        assert 2 <= len(ticks) <= 5
        assert low - 1e-9 <= ticks[0] < ticks[-1] <= low + span + 1e-9

    def test_panels_do_not_overlap(self, evidence):
        layout = measures.draw(evidence).figure.layout
        for panels in (layout, layout.meta["narrow"]):
            boxes = [
                (panels[f"xaxis{suffix}"]["domain"], panels[f"yaxis{suffix}"]["domain"])
                for suffix in ("", *range(2, 9))
            ]
            for position, (across, down) in enumerate(boxes):
                for other_across, other_down in boxes[:position]:
                    assert (
                        across[0] > other_across[1]
                        or other_across[0] > across[1]
                        or down[0] > other_down[1]
                        or other_down[0] > down[1]
                    )


class TestHeatMap:
    def test_cells_are_means_and_share_one_scale(self, evidence):
        arrays = heatmap.compute(evidence.grid)
        np.testing.assert_allclose(arrays.mean_ONE[..., -1], evidence.measures.accuracy_ON.value)
        figure = heatmap.draw(evidence).figure
        assert len(figure.data) == 3
        assert {trace.coloraxis for trace in figure.data} == {"coloraxis"}
        assert figure.layout.coloraxis.cmax == pytest.approx(arrays.mean_ONE.max())

    def test_scale_is_that_of_the_trained_epochs(self, evidence):
        arrays = heatmap.compute(evidence.grid)
        scale = heatmap.draw(evidence).figure.layout.coloraxis
        assert scale.cmin == pytest.approx(arrays.mean_ONE[..., 1:].min())
        assert scale.cmin > arrays.mean_ONE[..., 0].max()

    def test_hover_tells_of_divergence(self, evidence):
        texts = [
            text
            for trace in heatmap.draw(evidence).figure.data
            for row in trace.customdata
            for text in row
        ]
        assert any("diverged" in text for text in texts)


class TestBestOfK:
    def test_line_and_band_are_the_measures(self, evidence):
        figure = best_of_k.draw(evidence).figure
        expected = evidence.measures.expected_best_OK
        for row, label in enumerate(evidence.measures.optimizers):
            (line,) = traces_of(figure, label, showlegend=True)
            assert line.x == tuple(range(1, 8))
            np.testing.assert_allclose(line.y, expected.value[row], rtol=1e-3)
            (band,) = traces_of(figure, label, fill="toself")
            np.testing.assert_allclose(band.y[:7], expected.high[row], rtol=1e-3)


class TestEffectiveRate:
    def test_full_step_and_thinning(self):
        ramp = np.minimum(1, np.arange(1, 2001) / 100)
        (one,) = effective_rate_arrays.compute((None, ramp[None]))
        assert (one.index, one.full_at, one.count) == (1, 99, 2000)
        assert len(one.steps) <= effective_rate_arrays.MAX_STEPS + effective_rate_arrays.FIRST_STEPS
        np.testing.assert_allclose(one.factor, ramp[one.steps.astype(int) - 1])

    def test_a_multiplier_that_never_gets_there(self):
        (one,) = effective_rate_arrays.compute((np.linspace(0, 0.5, 50)[None],))
        assert one.full_at is None

    def test_finding_says_why(self, evidence):
        finding = effective_rate.draw(evidence).finding
        assert "Adam all from step 1" in finding
        assert "Adam with warm-up all from step 32" in finding
        assert "RAdam 40 % at the end" in finding


class TestImprovement:
    def test_matrix_is_the_measure_without_its_diagonal(self, evidence):
        better = improvement.compute(evidence.measures)
        off = ~np.eye(3, dtype=bool)
        np.testing.assert_array_equal(better[off], evidence.measures.improvement_OO.value[off])
        assert np.isnan(better[~off]).all()
        np.testing.assert_allclose((better + better.T)[off], 1)

    def test_cells_have_their_intervals(self, evidence):
        (trace,) = improvement.draw(evidence).figure.data
        better = evidence.measures.improvement_OO
        value, low, high = (100 * part[0, 1] for part in (better.value, better.low, better.high))
        assert trace.text[0][1].startswith(f"{value:.0f} %<br>")
        assert f"[{low:.0f}, {high:.0f}]" in trace.text[0][1]
        assert trace.text[1][1] == ""

    def test_many_have_space_for_the_number_alone(self):
        evidence = made_evidence(made_study(optimizers=7, rates=3, seeds=3))
        drawing = improvement.draw(evidence)
        value = 100 * evidence.measures.improvement_OO.value[0, 1]
        assert drawing.figure.data[0].text[0][1] == f"{value:.0f}"
        (note,) = drawing.notes
        assert note.startswith("At a learning rate and seed drawn at random")

    def test_finding_names_the_most_one_sided_pair(self, evidence):
        better = improvement.compute(evidence.measures)
        row, column = np.argwhere(better == np.nanmax(better))[0]
        labels = evidence.measures.optimizers
        finding = improvement.draw(evidence).finding
        assert finding.startswith(f"{labels[row]} does better than {labels[column]}")
