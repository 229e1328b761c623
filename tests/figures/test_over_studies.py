"""Figures over several studies: their arrays, and what they must show."""

import numpy as np
import pytest
from figures.evidence import traces_of
from made_over_studies import AXES, made_over, several_results
from made_results import made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.over_studies import over_studies
from sweep.figures import axes_tuned, profiles, sensitivity
from sweep.figures.style import style


@pytest.fixture(scope="module")
def found():
    return made_over()


@pytest.fixture(scope="module")
def of_two_axes():
    return made_over(study=made_study(seeds=4).replace(axes=AXES))


def test_the_diagonal_is_where_one_point_for_all_gives_the_best_score(found):
    (x, y), needed = sensitivity.compute(found), found.sensitivity
    best = int(np.argmax(needed.shared.value))
    assert y - x == pytest.approx(needed.shared.value[best])
    on_it = np.interp(needed.sensitivity.value[best], x, y)
    assert on_it == pytest.approx(needed.tuned.value[best])


def test_a_point_an_optimizer_with_intervals_both_ways(found):
    drawing, needed = sensitivity.draw(found), found.sensitivity
    for o, name in enumerate(found.names):
        (point,) = traces_of(drawing.start, name)
        assert point.x[0] == pytest.approx(needed.sensitivity.value[o], rel=1e-3, abs=1e-4)
        assert point.y[0] == pytest.approx(needed.tuned.value[o], rel=1e-3)
        high = point.y[0] + point.error_y.array[0]
        assert high == pytest.approx(needed.tuned.high[o], rel=1e-3)
        low = point.x[0] - point.error_x.arrayminus[0]
        assert low == pytest.approx(needed.sensitivity.low[o], rel=1e-3, abs=1e-4)
    best, least = int(needed.tuned.value.argmax()), int(needed.sensitivity.value.argmin())
    assert drawing.finding.startswith(f"Tuned for each study, {found.names[best]} scores highest")
    assert (found.names[least] if least != best else "and it") in drawing.finding
    assert "upper left corner" in drawing.notes[0]
    assert len(drawing.table.rows) == len(found.names)


def test_every_point_is_within_what_is_drawn(found):
    layout, needed = sensitivity.draw(found).start.layout, found.sensitivity
    for axis, of in ((layout.xaxis, needed.sensitivity), (layout.yaxis, needed.tuned)):
        assert axis.range[0] < np.nanmin(of.low)
        assert axis.range[1] > np.nanmax(of.high)


def test_a_profile_an_optimizer_with_its_band(found):
    drawing = profiles.draw(found)
    for o, name in enumerate(found.names):
        outline, line = traces_of(drawing.start, name)
        assert [*line.y] == pytest.approx([*found.profiles.share_OK.value[o]], abs=1e-3)
        assert len(outline.y) == 2 * len(line.y)
    assert drawing.finding.startswith("A normalized score of 0.5 or more: ")
    share = found.profiles.at(0.5).value
    assert f"{100 * share.max():.0f} % with {found.names[int(share.argmax())]}" in drawing.finding
    assert str(found.profiles.trainings) in drawing.notes[0]


def test_an_optimizer_looks_as_in_the_first_study():
    """Also where one before it is left out."""
    one, other = (grid_of(each) for each in several_results().values())
    found = over_studies(["one", "other"], [one, other.select(optimizers=[0, 2])])
    assert found.names == ("RAdam", "Adam with warm-up")
    colour = style(2).colour
    (point,) = traces_of(sensitivity.draw(found).start, "Adam with warm-up")
    outline, line = traces_of(profiles.draw(found).start, "Adam with warm-up")
    assert point.marker.color == line.line.color == colour
    assert outline.fillcolor == style(2).faded(0.13)


def test_two_seeds_have_neither_bars_nor_bands():
    few = made_over(study=made_study(seeds=2))
    assert not any("95 %" in note for note in sensitivity.draw(few).notes)
    assert not any("Bands" in note for note in profiles.draw(few).notes)
    (point,) = traces_of(sensitivity.draw(few).start, few.names[0])
    assert point.error_y.array[0] is None


def test_scores_by_tuned_axes(of_two_axes):
    drawing = axes_tuned.draw(of_two_axes)
    for o, name in enumerate(of_two_axes.names):
        _, line = traces_of(drawing.start, name)
        assert [*line.x] == [0, 1, 2]
        expected = of_two_axes.sensitivity.by_tuned_OC.value[o]
        assert [*line.y] == pytest.approx([*expected], rel=1e-3)
    assert drawing.finding.endswith(" of 2")


def test_none_is_empty(found, of_two_axes):
    drawings = [sensitivity.draw(found), profiles.draw(found), axes_tuned.draw(of_two_axes)]
    assert not any(drawing.is_empty for drawing in drawings)
    assert all(drawing.alt and drawing.notes and drawing.table.rows for drawing in drawings)
