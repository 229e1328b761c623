"""What several studies have in common, and sentences about what not all have."""

import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.in_common import in_common
from sweep.errors import UsageError
from sweep.study.axis import Axis


def grid(**changes):
    return grid_of(made_results(made_study(seeds=4).replace(**changes)))


def test_the_same_optimizers_points_and_seeds_in_the_same_order():
    one, other = grid(), grid(seeds=(1, 2, 3, 9)).select([1, 0], [4, 2, 0])
    found = in_common(["one", "other"], [one, other])
    for each in found.grids:
        assert each.optimizers == ("radam", "adam")
        assert each.seeds == (1, 2, 3)
        assert [*each.points] == [one.points[n] for n in (0, 2, 4)]
    at = np.ix_([0, 1], [0, 2, 4], [1, 2, 3])
    np.testing.assert_array_equal(found.grids[0].final_accuracy(), one.final_accuracy()[at])


def test_what_not_all_have_is_told():
    other = grid(seeds=(1, 2, 3, 9)).select([1, 0], [0, 2, 4])
    said = in_common(["one", "other"], [grid(), other]).left_out
    assert said == (
        "Left out: 1 optimizer that not all studies have (Adam with warm-up).",
        "Left out: 4 learning rates that not all studies have (0.005382, 0.01732, 0.05574 "
        "and 0.1).",
        "Left out: 2 seeds that not all studies have (0 and 9).",
    )


def test_what_one_study_itself_cannot_compare_is_told_with_its_name():
    unfinished = grid_of(made_results(made_study(seeds=4), failed=(0,)))
    said = in_common(["one", "other"], [unfinished, grid()]).left_out
    assert said[0].startswith("one: Seed 0 is left out")
    assert said[1:] == ("Left out: 1 seed that not all studies have (0).",)


def test_nothing_is_told_where_all_have_all():
    assert in_common(["one", "other"], [grid(), grid()]).left_out == ()


def test_many_are_told_by_the_first():
    one, other = grid(seeds=12), grid(seeds=range(10, 14))
    (said,) = in_common(["one", "other"], [one, other]).left_out
    assert said.endswith("(0, 1, 2, 3, 4, 5, 6 and 5 more).")


def test_other_metrics_are_refused():
    from made_metrics import own_results

    with pytest.raises(UsageError, match="differ in their metric"):
        in_common(["one", "other"], [grid(), grid_of(own_results())])


def test_refined_values_are_left_out():
    """The best of more values is higher by chance alone."""
    values, refined = (0.003, 0.01, 0.02, 0.1), (0.02,)
    axis = Axis(name="learning_rate", values=values, refined=refined)
    found = in_common(["one", "other"], [grid(axes=[axis])] * 2)
    assert [each.axes[0].values for each in found.grids] == [(0.003, 0.01, 0.1)] * 2
