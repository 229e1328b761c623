"""Values that a design adds to a study: which are the grid's, and which found an edge."""

import numpy as np
import pytest

from sweep.analysis.domain import Domain
from sweep.study.axis import Axis, Point, spaced
from sweep.study.extension import extended, grown, with_values
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study

STUDY = Study(
    name="s",
    question="?",
    optimizers=[
        "adam",
        Optimizer(label="own", algorithm="sgd", values={"learning_rate": (0.1, 0.5)}),
    ],
    learning_rates=(0.01, 0.1, 1),
    seeds=2,
)
RATE = "learning_rate"


def together(stored: Study, asked: Study) -> Study:
    return extended(stored, "", asked, "")


def test_added_values_are_refined_for_every_optimizer():
    more = with_values(STUDY, [0.03, 0.3])
    assert more.axes[0].values == (0.01, 0.03, 0.1, 0.3, 1)
    assert more.axes[0].refined == (0.03, 0.3)
    assert more.axes[0].grid_values == STUDY.axes[0].values
    own = more.axis_of(more.optimizer("own"), more.axes[0])
    assert own.values == (0.03, 0.1, 0.3, 0.5)
    assert own.refined == (0.03, 0.3)
    assert with_values(STUDY, []) == STUDY


def test_what_a_study_has_adds_nothing():
    points = [(each.label, point) for each in STUDY.optimizers for point in STUDY.points(each)]
    assert grown(STUDY, points, STUDY.seeds) == STUDY
    assert grown(STUDY, [], [7]).seeds == (0, 1, 7)
    added = grown(STUDY, [("own", Point.of({RATE: 0.2}))], [])
    assert added.optimizer("own").values[RATE] == (0.1, 0.2, 0.5)
    assert added.axes[0].values == STUDY.axes[0].values, "it is the value of one optimizer alone"


def test_a_run_keeps_refined_values_and_what_is_asked_for_is_the_grids():
    stored = with_values(STUDY, [0.03, 0.3])
    assert together(stored, STUDY) == stored
    asked = STUDY.replace(learning_rates=(0.01, 0.03, 0.1, 1))
    both = together(stored, asked)
    assert both.axes[0].values == stored.axes[0].values
    assert both.axes[0].refined == (0.3,)
    assert together(asked, stored).axes[0].refined == (0.3,)


def test_only_where_there_are_any_they_are_dumped():
    assert set(STUDY.model_dump()["axes"][0]) == {"name", "scale", "values"}
    stored = with_values(STUDY, [0.03])
    again = Study.stored(stored.model_dump(mode="json"))
    assert again == stored
    assert again.axes[0].refined == (0.03,)


def test_refined_values_have_no_weight():
    axis = spaced(RATE, 0.01, 1, 3).through((0.01, 0.1, 1))
    refined = axis.model_copy(update={"values": (0.01, 0.1, 0.2, 0.3, 1), "refined": (0.2, 0.3)})
    domain = Domain((refined,))
    assert domain.weights_N.tolist() == [0.25, 0.5, 0, 0, 0.25]
    assert domain.in_grid_N.tolist() == [True, True, False, False, True]
    both = Domain((Axis(name="batch_size", values=(8, 16)), refined))
    assert both.weights_N.sum() == pytest.approx(1)
    assert np.flatnonzero(both.in_grid_N).tolist() == [0, 1, 4, 5, 6, 9]
    alone = refined.through((0.2, 0.3))
    assert alone.grid_values == (0.2, 0.3), "without others they are all there is"
