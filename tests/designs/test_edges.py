"""Finding the edges of the robust range, on made curves of many shapes.

Legend: O optimizers, N learning rates, S seeds.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.edges import Edge, Edges, edges_between
from sweep.designs.edges import EdgesWithin, parts_of, refuse_unrefinable
from sweep.designs.grid import grid
from sweep.designs.refined import Known, Refined, round_line, rounds_line
from sweep.errors import UsageError
from sweep.study.axis import Axis, log_spaced
from sweep.study.extension import with_values
from sweep.study.study import Study

WITHIN, BASELINE, NEAR = 0.05, 0.5, 0.02
LOW, HIGH = -4.0, 0.0
"""Decades of the learning rates."""

Curves = Callable[[Axis], np.ndarray]


def made_curves(rng: np.random.Generator, optimizers: int = 3, seeds: int = 5) -> Curves:
    """Mean accuracies (O, N) on any axis: plateaus with a cliff on either side, rough by seed.

    Each seed has its own cliffs, its own waves, and at every learning rate a chance of its own, as
    a training has: the same again for the same learning rate.
    """
    left, right = rng.uniform(-4, -2.9, optimizers), rng.uniform(-1.5, 0, optimizers)
    top = 0.95 - rng.uniform(0, 0.006, optimizers)
    slope = 6 / rng.uniform(0.1, 0.5, (optimizers, 2, 1, 1))
    shift = rng.normal(0, 0.05, (optimizers, 2, seeds, 1))
    height, phase = rng.normal(0, 0.002, (2, optimizers, seeds, 1))
    seed = int(rng.integers(2**31))

    def curves(axis: Axis) -> np.ndarray:
        x = axis.position(axis.values)
        ends = np.stack([left, right], axis=1)[:, :, None, None] + shift
        rise = 1 / (1 + np.exp((ends[:, 0] - x) * slope[:, 0]))
        fall = 1 / (1 + np.exp((x - ends[:, 1]) * slope[:, 1]))
        chance = [
            np.random.default_rng([seed, round(1e6 * rate)]).normal(0, 0.003, (optimizers, seeds))
            for rate in axis.values
        ]
        accuracy_OSN = BASELINE + (top[:, None, None] - BASELINE) * rise * fall
        accuracy_OSN = accuracy_OSN + height * np.sin(2 * x + 1000 * phase)
        return (accuracy_OSN + np.stack(chance, axis=-1)).mean(axis=1)

    return curves


def rates(count: int) -> Axis:
    return Axis(name="learning_rate", values=log_spaced(10**LOW, 10**HIGH, count))


def edges_on(axis: Axis, curves: Curves) -> list[Edges]:
    found = edges_between(curves(axis), axis, BASELINE, NEAR)
    return [Edges(str(o), *ends) for o, ends in enumerate(found)]


def refined(axis: Axis, curves: Curves, within: float = WITHIN) -> tuple[Axis, list[Edges]]:
    """All rounds."""
    design = EdgesWithin(within)
    while values := design.values_between(edges_on(axis, curves), axis):
        more = {"values": tuple(sorted({*axis.values, *values}))}
        axis = axis.model_copy(update=more | {"refined": (*axis.refined, *values)})
    return axis, edges_on(axis, curves)


@pytest.mark.parametrize("seed", range(40))
def test_edges_are_those_of_a_fine_grid_for_less_than_half_of_its_trials(seed):
    """So near as is asked: an edge is linear between values that are 0.05 decades apart."""
    curves = made_curves(np.random.default_rng(seed))
    fine = rates(round((HIGH - LOW) / WITHIN) + 1)
    axis, found = refined(rates(9), curves)
    assert len(axis.values) <= len(fine.values) / 2
    for edges, true in zip(found, edges_on(fine, curves), strict=True):
        for mine, theirs in ((edges.low, true.low), (edges.high, true.high)):
            assert mine is not None
            assert theirs is not None
            assert abs(np.log10(mine.at / theirs.at)) <= WITHIN
            assert mine.width <= WITHIN * 1.01


def test_a_value_that_is_added_does_not_move_the_best():
    """The best of more values is higher by chance; the edges of a round stay those of the next."""
    curve = np.array([[0.9, 0.89, 0.95, 0.5]])
    axis = Axis(name="learning_rate", values=(0.001, 0.01, 0.02, 0.1), refined=(0.02,))
    ((_, high),) = edges_between(curve, axis, BASELINE, NEAR)
    assert high is not None
    assert high.at == pytest.approx(0.02 * 5 ** (0.07 / 0.45)), "the threshold is 0.88"


def test_of_several_pieces_the_outermost_edges_count():
    axis = rates(5)
    ((low, high),) = edges_between(np.array([[0.5, 0.9, 0.7, 0.9, 0.5]]), axis, BASELINE, NEAR)
    assert low is not None
    assert high is not None
    assert (low.outside, low.inside, high.inside, high.outside) == (1e-4, 1e-3, 0.1, 1.0)
    assert low.width == pytest.approx(1)
    assert np.log10(low.at) == pytest.approx(-3 - 0.02 / 0.4)  # linear: 2 of 40 points outside


def test_a_range_that_goes_on_is_open_and_one_that_is_nowhere_has_no_edge():
    curves_ON = np.array([[0.9, 0.9, 0.5], [0.8, 0.8, 0.8], [0.51, 0.51, 0.51]])
    (low, high), second, third = edges_between(curves_ON, rates(3), BASELINE, NEAR)
    assert low is not None
    assert high is not None
    assert (low.inside, low.outside, low.width) == (1e-4, None, 0)
    assert low.is_open
    assert not high.is_open
    assert second == third == (None, None)
    assert EdgesWithin(WITHIN).is_known(low, rates(3))
    assert not EdgesWithin(WITHIN).is_known(high, rates(3))


def between(axis: Axis, inside: float, outside: float, within: float) -> tuple[float, ...]:
    width = float(abs(np.diff(axis.position([inside, outside]))[0]))
    edges = Edges("adam", None, Edge(inside, outside, inside, width))
    return EdgesWithin(within).values_between([edges], axis)


@pytest.mark.parametrize(
    ("name", "scale", "ends", "within", "values"),
    [
        ("learning_rate", "log", (0.01, 0.1), 0.3, (0.03162,)),
        ("learning_rate", "log", (0.01, 0.1), 0.4, (0.02154, 0.04642)),
        ("learning_rate", "log", (0.01, 0.0112), 0.05, ()),
        ("learning_rate", "log", (0.1, 0.1001), 3e-4, (0.10005,)),
        ("batch_size", "log", (16, 64), 0.5, (32,)),
        ("batch_size", "log", (16, 18), 0.05, (17,)),
        ("batch_size", "log", (16, 17), 0.05, ()),
        ("optimizer.beta_2", "reverse_log", (0.9, 0.99), 0.6, (0.96838,)),
        ("warmup.share", "linear", (0.1, 0.5), 0.25, (0.3,)),
    ],
)
def test_values_lie_between_in_the_scale_and_can_be_typed(name, scale, ends, within, values):
    axis = Axis(name=name, values=ends)
    assert axis.scale == scale
    assert between(axis, ends[0], ends[1], within) == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize("times", np.linspace(1.05, 40, 79))
def test_three_parts_take_no_more_values_than_halving(times):
    def values(left: float, parts: Callable[[float], int]) -> int:
        if left <= 1.01:
            return 0
        return parts(left) - 1 + values(left / parts(left), parts)

    assert values(times, parts_of) <= values(times, lambda _: 2)


def test_a_round_has_all_optimizers_and_seeds_at_its_values():
    study = made_study(optimizers=2, rates=3, seeds=2, epochs=2)
    results = made_results(study, gains=(0.0, -0.3), diverge_share=0.0)
    design = EdgesWithin(0.5)
    assert design(study, None) == grid(study)
    proposals = design(study, results)
    assert {*grid(study)} < {*proposals}
    added = [proposal for proposal in proposals if proposal not in grid(study)]
    values = {proposal.point["learning_rate"] for proposal in added}
    assert len(added) == 2 * 2 * len(values)
    assert all(0.003 < value < 0.1 for value in values)


def test_what_was_begun_is_ended_first_also_with_more_seeds():
    """An interrupted run proposes just what it had proposed, and grids have its values too."""
    study = made_study(optimizers=2, rates=3, seeds=2, epochs=2)
    begun = with_values(study, [0.04162])
    results = made_results(begun, gains=(0.0, -0.3), diverge_share=0.0, untouched=1)
    assert EdgesWithin(0.1)(study, results) == grid(begun)
    more = study.replace(seeds=3)
    assert EdgesWithin(0.1)(more, results) == grid(begun.replace(seeds=3))
    assert grid(more, results) == grid(begun.replace(seeds=3))


def test_optimizers_that_are_left_out_are_asked_for():
    study = made_study(optimizers=2, rates=3, seeds=2, epochs=2)
    results = made_results(study)
    with pytest.raises(UsageError, match="has adam too"):
        EdgesWithin(0.1)(study.replace(optimizers=study.optimizers[:1]), results)


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (
            [Axis(name="learning_rate", values=(0.1, 1)), Axis(name="batch_size", values=(8, 16))],
            "sweeps learning rate and batch size",
        ),
        ([Axis(name="batch_size", values=(8, 16), scale="ordinal")], "ordinal"),
        ([Axis(name="batch_size", values=(8,))], "a single batch size"),
    ],
)
def test_a_study_without_edges_is_refused(axes, words):
    base = {} if axes[0].name == "learning_rate" else {"learning_rate": 0.1}
    study = Study(name="s", question="?", optimizers=["adam"], axes=axes, base=base, seeds=1)
    with pytest.raises(UsageError, match=words):
        refuse_unrefinable(study)


@pytest.mark.parametrize("within", [0, -1, float("nan"), float("inf")])
def test_a_width_that_means_nothing_is_refused(within):
    with pytest.raises(UsageError, match="no edge can be known within"):
        EdgesWithin(within)


def test_what_is_said():
    axis = Axis(name="learning_rate", values=(0.001, 0.01, 0.0112, 0.1), refined=(0.0112,))
    low = Edge(0.001, None, 0.001, 0.0)
    high = Edge(0.01, 0.0112, 0.01044, 0.04922)
    wide = Edge(0.0112, 0.1, 0.02, 0.95)
    edges = (Edges("adam", low, high), Edges("sgd", None, None), Edges("radam", low, wide))
    found = Refined(Known.BUDGET, edges, axis, EdgesWithin(0.05))
    told = (
        "Adam from the grid's lower end to 0.0104; SGD is nowhere in it; "
        "RAdam from the grid's lower end to 0.02."
    )
    assert str(found) == (
        "Stopped at the budget: 1 of 2 edges of the robust range known within 0.05 decades. " + told
    )
    assert round_line(found) == (
        "4 values: 1 of 2 edges known within 0.05 decades, all within 0.95. " + told
    )
    done = replace(found, reason=Known.FOUND, edges=edges[:2])
    assert str(done).startswith("The edges of the robust range are known within 0.05 decades. Adam")
    assert "of learning rate" in rounds_line(EdgesWithin(0.05), axis)
