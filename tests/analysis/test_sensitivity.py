"""Sensitivity over studies: against loops written out, on grids made for the purpose."""

from itertools import product

import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.in_common import in_common
from sweep.analysis.intervals import differences
from sweep.analysis.sensitivity import (
    best_by_tuned,
    dimensionality,
    normalized,
    replicates,
    sensitivity_in_common,
)
from sweep.errors import UsageError
from sweep.study.axis import Axis

RNG = np.random.default_rng(11)
BY_BATCH_SIZE = {
    "axes": [Axis(name="batch_size", values=(16, 32))],
    "base": {"learning_rate": 0.01},
}


def sensitivity_of(grids):
    names = [str(place) for place in range(len(grids))]
    return sensitivity_in_common(in_common(names, grids).grids)


def grids(*gains, **changes):
    study = made_study(seeds=4).replace(**changes)
    return [grid_of(made_results(study, gains=gain)) for gain in gains]


def test_as_written_out_in_loops():
    found = sensitivity_of(grids((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2), (0.05, -0.3, 0.0)))
    score_DON = np.stack(
        [
            grid.final_accuracy().mean(axis=-1)
            for grid in grids((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2), (0.05, -0.3, 0.0))
        ]
    )
    for o in range(3):
        each = []
        for scores_ON in score_DON:
            low, high = np.percentile(scores_ON, [5, 95])
            each.append([(score - low) / (high - low) for score in scores_ON[o]])
        tuned = sum(max(scores) for scores in each) / 3
        for_all = [sum(scores[n] for scores in each) / 3 for n in range(len(each[0]))]
        assert found.tuned.value[o] == pytest.approx(tuned)
        assert found.shared.value[o] == pytest.approx(max(for_all))
        assert found.sensitivity.value[o] == pytest.approx(tuned - max(for_all))
        best = found.shared_point[o]["learning_rate"]
        at = grids((0.0,))[0].points[int(np.argmax(for_all))]["learning_rate"]
        assert best == at
    assert np.all(found.sensitivity.low >= 0)
    assert np.all(found.sensitivity.low <= found.sensitivity.value)
    assert np.all(found.sensitivity.high >= found.sensitivity.value)


def test_the_same_study_twice_needs_no_tuning():
    found = sensitivity_of(grids((0.0, -0.1, -0.2), (0.0, -0.1, -0.2)))
    assert found.sensitivity.value == pytest.approx(0)
    assert found.dimensionality == (0, 0, 0)


def test_scores_without_spread_are_zero():
    assert np.all(normalized(np.full((2, 1, 3), 0.5)) == 0)


def test_dimensionality_as_written_out_in_loops():
    """Of two axes: none, either one, or both."""
    for _ in range(120):
        score_DX = RNG.random((3, 4, 5)) ** 3
        peak = np.mean([scores.max() for scores in score_DX])
        i, j = np.unravel_index(score_DX.mean(axis=0).argmax(), (4, 5))
        if score_DX[:, i, j].mean() >= 0.95 * peak:
            expected = 0
        elif (
            max(score_DX[:, i].max(axis=-1).mean(), score_DX[:, :, j].max(axis=-1).mean())
            >= 0.95 * peak
        ):
            expected = 1
        else:
            expected = 2
        assert dimensionality(best_by_tuned(score_DX)) == expected


def test_only_what_all_have_counts():
    one, other = grids((0.0,))[0], grids((0.0,), seeds=(1, 2, 3, 9))[0]
    found = sensitivity_of([one, other.select([1, 0], [0, 2, 4])])
    assert found.optimizers == one.optimizers[:2]
    assert found.seeds == (1, 2, 3)
    assert found.axes[0].values == tuple(one.axes[0].values[n] for n in (0, 2, 4))


def test_two_axes_keep_their_order():
    axes = [
        Axis(name="batch_size", values=(16, 32)),
        Axis(name="learning_rate", values=(0.003, 0.01, 0.1)),
    ]
    found = sensitivity_of(grids((0.0, -0.1, -0.2), (-0.3, 0.0, 0.0), axes=axes))
    assert [(*point.values(),) for point in grids((0.0,), axes=axes)[0].points] == list(
        product((16, 32), (0.003, 0.01, 0.1))
    )
    assert all(0 <= count <= 2 for count in found.dimensionality)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([], "over several studies"),
        ([BY_BATCH_SIZE], "differ in their axes"),
        ([{"seeds": (7, 8, 9)}], "no seed"),
        ([{"learning_rates": (1.0, 2.0)}], "no point"),
    ],
)
def test_what_cannot_be_compared_is_told(others, message):
    every = grids((0.0,)) + [grids((0.0,), **changes)[0] for changes in others]
    with pytest.raises(UsageError, match=message):
        sensitivity_of(every)


def test_scores_with_some_axes_tuned_as_written_out_in_loops():
    """Of two axes: the shared point, the better of both axes alone, each study's best."""
    for _ in range(50):
        score_DX = RNG.random((3, 4, 5))
        i, j = np.unravel_index(score_DX.mean(axis=0).argmax(), (4, 5))
        alone = [
            np.mean([max(scores[:, j]) for scores in score_DX]),
            np.mean([max(scores[i]) for scores in score_DX]),
        ]
        expected = [score_DX[:, i, j].mean(), max(alone), score_DX.max(axis=(1, 2)).mean()]
        assert best_by_tuned(score_DX) == pytest.approx(expected)


def test_they_go_from_the_shared_to_the_tuned_score():
    found = sensitivity_of(grids((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2)))
    by_tuned = found.by_tuned_OC
    for part in ("value", "low", "high"):
        np.testing.assert_array_equal(getattr(by_tuned, part)[:, 0], getattr(found.shared, part))
        np.testing.assert_array_equal(getattr(by_tuned, part)[:, -1], getattr(found.tuned, part))


def test_differences_are_those_of_the_sensitivities():
    found = sensitivity_of(grids((0.0, -0.12, -0.03), (-0.4, 0.05, -0.2)))
    value = found.sensitivity.value
    for first, second in found.differences.pairs:
        assert found.differences.of(first, second)[0] == pytest.approx(value[first] - value[second])


def test_optimizers_that_are_the_same_are_seldom_told_apart():
    """Any pair of four, in 5 % of cases where Holm's bound is reached; 120 cases scatter by 2 %.

    Each study has its best point elsewhere, and five seeds.
    """
    rng, claimed = np.random.default_rng(4), 0
    position_N = np.linspace(-1, 1, 7)
    for _ in range(120):
        best_D = rng.uniform(-0.5, 0.5, 3)
        mean_DN = 0.9 - 0.5 * (position_N - best_D[:, None]) ** 2
        score_DONS = rng.normal(mean_DN[:, None, :, None], 0.02, (3, 4, 7, 5))
        by_tuned_ROC = replicates(score_DONS, (7,))
        claimed += differences(by_tuned_ROC[..., 1] - by_tuned_ROC[..., 0]).claimed.any()
    assert claimed / 120 < 0.1
