"""Which of two axes the score depends on: exact shares, and a random forest's beside them."""

import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows, measures_table
from sweep.analysis.variance import shares_of_variance
from sweep.study.axis import Axis
from sweep.study.optimizer import Optimizer

EVEN = np.full(3, 1 / 3)
ENDS_HALF = np.array([0.125, 0.25, 0.25, 0.25, 0.125])
"""Trapezoid weights of five even values: those of the cells around them within the range."""


@pytest.mark.parametrize(
    ("surface", "shares"),
    [
        ([[0, 0, 0], [1, 1, 1], [2, 2, 2]], [1, 0, 0]),
        ([[0, 1, 2], [0, 1, 2], [0, 1, 2]], [0, 1, 0]),
        ([[1, 0, -1], [0, 0, 0], [-1, 0, 1]], [0, 0, 1]),
        ([[0, 1, 2], [1, 2, 3], [2, 3, 4]], [0.5, 0.5, 0]),
        ([[7, 7, 7]] * 3, [np.nan] * 3),
    ],
)
def test_shares_of_surfaces_that_are_known(surface, shares):
    found = shares_of_variance(np.array(surface, np.float64), [EVEN, EVEN])
    np.testing.assert_allclose(found, shares, atol=1e-12)


def test_a_value_that_stands_for_more_of_the_range_counts_for_more():
    """The second axis moves the score at one value of the first alone."""
    surface = np.array([[0.0, 0.0], [0.0, 1.0]])
    half = np.array([0.5, 0.5])
    rare = shares_of_variance(surface, [np.array([0.9, 0.1]), half])
    often = shares_of_variance(surface, [np.array([0.1, 0.9]), half])
    assert rare[1] < often[1]
    np.testing.assert_allclose(rare.sum(), 1)


def test_a_random_forest_finds_the_same():
    """Optuna's evaluator, whose trees are grown on samples of the trials: within 4 points."""
    pytest.importorskip("sklearn")
    import optuna

    rng = np.random.default_rng(0)
    surface = np.add.outer(np.arange(5.0) * 2, np.arange(5.0) ** 1.5) + rng.normal(0, 1, (5, 5))
    study = optuna.create_study(storage=None)
    space = {name: optuna.distributions.IntDistribution(0, 4) for name in "xy"}
    for (x, y), value in np.ndenumerate(surface):
        study.add_trial(
            optuna.trial.create_trial(params={"x": x, "y": y}, distributions=space, value=value)
        )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0, n_trees=128)
    forest = evaluator.evaluate(study)
    first, second, _ = shares_of_variance(surface, [ENDS_HALF, ENDS_HALF])
    assert forest["x"] == pytest.approx(first, abs=0.04)
    assert forest["y"] == pytest.approx(second, abs=0.04)


@pytest.fixture(scope="module")
def measures():
    study = made_study(optimizers=2, seeds=3, epochs=2)
    sgd = Optimizer(label="still", algorithm="sgd", fixed=("batch_size",))
    axes = [
        Axis(name="batch_size", values=(16, 64, 512)),
        Axis(name="learning_rate", values=(0.003, 0.01, 0.1)),
    ]
    two = study.replace(axes=axes, optimizers=(study.optimizers[0], sgd))
    results = made_results(two, gains=(-0.3,), diverge_share=0.0)
    return measure(grid_of(results))


def test_two_axes_have_an_importance_and_one_has_none(measures):
    found = measures.importance
    assert found.names == ("batch size", "learning rate", "their interaction")
    np.testing.assert_allclose(found.share_PO.value.sum(axis=0), 1)
    assert found.share_PO.value[0, 1] == pytest.approx(0, abs=1e-9), "it follows no batch size"
    assert found.share_PO.value[1, 1] == pytest.approx(1)
    assert (found.share_PO.low <= found.share_PO.value).all()
    one = made_results(made_study(optimizers=2, rates=3, seeds=3, epochs=2))
    assert measure(grid_of(one)).importance is None


def test_it_stands_in_the_tables(measures):
    names = [row["measure"] for row in measures_table(measures)]
    at = names.index("importance of batch size (% of the variance)")
    assert names[at + 1 : at + 3] == [
        "importance of learning rate (% of the variance)",
        "importance of their interaction (% of the variance)",
    ]
    rows = [row for row in measures_rows(measures) if row["measure"].startswith("importance of")]
    assert len(rows) == 6
    assert {row["unit"] for row in rows} == {"share"}
