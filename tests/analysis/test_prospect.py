"""What planned seeds could show, from what is stored."""

import numpy as np
import pytest
from made_grids import made_grid

from sweep.analysis.measures import Reading, measure
from sweep.analysis.prospect import prospect_lines, prospect_rows


def measures_of(*means, seeds=8, scatter=0.02, **reading):
    rng = np.random.default_rng(3)
    noise = scatter * rng.standard_normal((len(means), 1, seeds))
    accuracy = np.array(means)[:, None, None] + noise - noise.mean(axis=2, keepdims=True)
    accuracy = np.broadcast_to(accuracy, (len(means), 7, seeds))
    grid = made_grid(accuracy, seconds_ONS=np.full(accuracy.shape, 3.0))
    return measure(grid, Reading(**reading))


def test_more_seeds_could_show_less():
    measures = measures_of(0.9, 0.9)
    now = measures.decision.pairs[0].least_difference
    could = [prospect_rows(measures, seeds)[0]["could_show"] for seeds in (5, 8, 30, 60)]
    assert could[:2] == pytest.approx([now, now])
    # 30 and 60 seeds are a second look, whose quantiles differ little from each other.
    assert could[2] / could[3] == pytest.approx(np.sqrt(2), rel=0.1)
    assert could[2] < now


def test_lines_tell_each_undecided_pair():
    measures = measures_of(0.9, 0.9, 0.7)
    (verdict, decided), (pair, line) = prospect_lines(measures, 30)
    assert (verdict, decided) == (
        "verdict",
        "2 of 3 pairs decided, with the 8 seeds that are finished",
    )
    needed = measures.decision.undecided[0].seeds_needed
    assert pair == "RAdam − Adam"
    assert line.startswith("undecided at 0.0 points (−")
    assert "; 30 seeds could show " in line
    assert f"; about {needed} in all (" in line
    assert line.endswith("hours more) would settle it at 1 point")


def test_many_undecided_pairs_are_one_line():
    (_, _), (what, line) = prospect_lines(measures_of(*[0.9] * 5), 30)
    assert what == "undecided pairs"
    assert line.startswith("30 seeds could show ")
    assert line.endswith(" would settle all at 1 point")


def test_too_few_seeds_say_when_it_is_known():
    measures = measures_of(0.9, 0.9, seeds=2)
    assert [*prospect_lines(measures, 30)] == [
        ("verdict", "what seeds can show is known after 3 finished ones")
    ]
    assert prospect_rows(measures, 30)[0]["could_show"] is None
    assert [*prospect_lines(measures_of(0.9), 30)] == []
