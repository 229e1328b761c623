"""The verdict in the words of what was swept, and on what optimizers share."""

import re

import made_studies
import numpy as np
import pytest
from made_grids import made_grid
from made_results import made_results
from made_studies import BATCHES, RATES, made

from sweep.analysis.evidence import gather
from sweep.analysis.measures import measure
from sweep.analysis.verdict import verdict
from sweep.study.axis import Axis


@pytest.mark.parametrize(
    ("axes", "where"),
    [
        (
            [Axis(name="batch_size", values=(16, 64, 512))],
            "At a batch size picked blindly between 16 and 512, ",
        ),
        (
            [Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.99995))],
            "At a β₂ picked blindly between 0.9 and 0.99995, ",
        ),
        (
            [Axis(name="epochs", values=(1, 3, 20000))],
            "At a number of epochs picked blindly between 1 and 20,000, ",
        ),
        (
            [Axis(name="optimizer.epsilon", values=(1e-8, 1e-7, 1e-3))],
            "At an ε picked blindly between 1e-08 and 0.001, ",
        ),
        (
            [
                Axis(name="batch_size", values=(16,)),
                Axis(name="learning_rate", values=(0.01, 0.1, 1.0)),
            ],
            "At a batch size of 16 and a learning rate picked blindly between 0.01 and 1, ",
        ),
        (
            [
                Axis(name="batch_size", values=(16, 64, 512)),
                Axis(name="learning_rate", values=(0.01, 0.03, 0.1)),
            ],
            "At a batch size of 16 to 512 and a learning rate of 0.01 to 0.1, picked blindly, ",
        ),
    ],
    ids=lambda axes: axes[0].name if isinstance(axes, list) else "",
)
def test_where_is_said_in_the_axes_own_words(axes, where):
    points = int(np.prod([len(axis.values) for axis in axes]))
    accuracy = np.random.default_rng(3).uniform(0.8, 0.9, (2, points, 3))
    grid = made_grid(accuracy, axes=tuple(axes))
    found = verdict(grid, measure(grid))
    assert found.headline.startswith(where)
    assert "learning rate" in str(found) or "learning_rate" not in [axis.name for axis in axes]


def test_robust_region_of_one_optimizer_is_a_share_of_the_area():
    found = gather(made_results(made(BATCHES, RATES, optimizers=("adam",)))).verdict
    assert re.search(r"within 2 points of its best over \d+\.\d % of the area\.", str(found))


def test_points_left_out_are_told():
    found = gather(made_results(made_studies.ragged())).verdict
    assert found.headline.startswith("At a batch size picked blindly between 64 and 256, ")
    assert (
        "Compared at the 2 batch sizes that all optimizers have (64 and 256); "
        "16 and 128 are left out." in found.sentences
    )


def test_optimizers_that_share_no_point_are_not_compared():
    found = gather(made_results(made_studies.apart())).verdict
    assert found.headline == (
        "Nothing can be said: there is no batch size and learning rate at which all optimizers "
        "are trained."
    )
    assert found.sentences == ("60 of 60 trials are finished.",)
    assert found.claims == ()


def test_training_that_never_converges_counts_its_own_epochs():
    found = gather(made_results(made_studies.epochs())).verdict
    sentence = next(said for said in found.sentences if "converges" in said)
    assert "counting all epochs of the training where it never gets there" in sentence


def test_who_does_not_follow_what_is_swept_is_told():
    said = str(gather(made_results(made_studies.warmups())).verdict)
    assert "RAdam does not follow the warm-up length, so its spread and sensitivity" in said
    assert "does not follow" not in str(gather(made_results(made_studies.batch_sizes())).verdict)
