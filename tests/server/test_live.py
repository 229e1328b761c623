"""The pages as they are made and kept, and the small picture of a study."""

import numpy as np
import pytest
from made_results import made_results, made_study
from server.serving import run, small_study

from sweep.analysis.collect import grid_of
from sweep.server.live import REST, Live
from sweep.server.sketch import HEIGHT, MARGIN, WIDTH, sketch
from sweep.store import open_store


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'sweep.db'}", create=True) as opened:
        yield opened


def at_once() -> float:
    """A clock by which pages take no time, so need no rest."""
    return 0.0


def test_a_page_is_made_once_until_the_study_changes(store):
    cohorts = run(store, made_results(small_study(name="one")))
    next(cohorts)
    live = Live(store, at_once)
    first = live.study("one")
    assert first is not None
    assert live.study("one") is first
    next(cohorts)
    second = live.study("one")
    assert second is not first
    assert b"8 of 36 trials finished" in second.body
    cohorts.close()
    assert live.study("one") is not second, "the run has ended"


def test_a_page_rests_in_proportion_to_its_making(store):
    cohorts = run(store, made_results(small_study(name="one")))
    next(cohorts)
    times = iter([0.0, 10.0, 10.0 + REST * 9.9, 10.0 + REST * 10, 50.0, 50.0])
    live = Live(store, lambda: next(times))
    first = live.study("one")
    next(cohorts)
    assert live.study("one") is first
    assert live.study("one") is not first
    cohorts.close()


def test_there_is_no_page_of_an_unknown_study(store):
    assert Live(store).study("none") is None


def test_an_empty_store_says_how_to_begin(store):
    assert b"The store has no study yet" in Live(store).index().body


def test_a_study_without_finished_trials_is_shown(store):
    cohorts = run(store, made_results(small_study(name="one"), failed=(0,)))
    next(cohorts)
    live = Live(store, at_once)
    assert b"0 of 36 trials finished" in live.index().body
    assert b"<polyline" not in live.index().body
    assert b"0 of 36 trials finished, 4 failed" in live.study("one").body
    assert b"A run goes on" in live.index().body
    cohorts.close()
    assert b"A run goes on" not in live.index().body
    assert b"was stopped before its end" in live.study("one").body


def test_the_picture_spans_the_accuracies_and_the_values():
    grid = grid_of(made_results(made_study(rates=3, seeds=2), gains=(0.0, -0.4), diverge_above=1))
    drawn = sketch(grid)
    accuracy_ON = grid.counted_accuracy()[..., -1].mean(axis=-1)
    assert [line.label for line in drawn.lines] == list(grid.optimizers)
    points = np.array([line.points for line in drawn.lines])
    np.testing.assert_allclose(points[..., 0], [[MARGIN, WIDTH / 2, WIDTH - MARGIN]] * 3, atol=0.3)
    shares = (accuracy_ON - accuracy_ON.min()) / np.ptp(accuracy_ON)
    expected = HEIGHT - MARGIN - shares * (HEIGHT - 2 * MARGIN)
    np.testing.assert_allclose(points[..., 1], expected, atol=0.06)
    assert (drawn.first, drawn.last) == ("0.003", "0.1")
    assert drawn.high == f"{100 * accuracy_ON.max():.1f} %"


def test_the_picture_shows_what_there_is():
    whole = made_study(rates=1, seeds=1)
    (first, *_) = sketch(grid_of(made_results(whole))).lines
    assert first.points[0][0] == WIDTH / 2
    part = grid_of(made_results(made_study(seeds=1), untouched=2))
    assert [line.label for line in sketch(part).lines] == ["radam"]
    assert sketch(grid_of(made_results(whole, untouched=3))).lines == ()
