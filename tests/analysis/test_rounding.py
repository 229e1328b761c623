"""Rounding in the variance over seeds: by hand, as sentences, and never among the measures."""

from dataclasses import replace

import numpy as np
import pytest
from made_grids import every_number, made_grid

from sweep.analysis.measures import measure
from sweep.analysis.rounding_words import measured, not_measured, rounding_rows

FIRST = np.array(
    [
        [[0.9, 0.9, 0.9, 0.9], [0.8, 0.8, 0.8, 0.8], [0.9, 0.7, 0.8, 0.6], [0.6, 0.8, 0.6, 0.8]],
        [[0.9, 0.9, 0.9, 0.9], [0.8, 0.8, 0.8, 0.8], [0.9, 0.7, 0.8, 0.6], [0.9, 0.8, 0.7, 0.8]],
    ]
)
RATES = (0.003, 0.01, 0.03, 0.1)


def repeated(**changes):
    """Of the first optimizer, two seeds at each rate; the highest ends 0.1 and 0.04 apart."""
    again = np.full(FIRST.shape, np.nan)
    again[0, :, :2] = FIRST[0, :, :2]
    again[0, 3, :2] += (0.1, -0.04)
    again[0, 1, 0] += 0.02
    return replace(made_grid(FIRST, values_N=RATES, **changes), repeated_accuracy_ONS=again)


def test_variances_by_hand():
    found = measure(repeated()).rounding
    assert found.trials_ON.tolist() == [[2, 2, 2, 2], [0, 0, 0, 0]]
    expected = [0, 0.02**2 / 4, 0, (0.1**2 + 0.04**2) / 4]
    np.testing.assert_allclose(found.rounding_ON[0], expected, atol=1e-15)
    assert np.isnan(found.rounding_ON[1]).all()
    np.testing.assert_allclose(found.seeds_ON, FIRST.var(axis=2, ddof=1))
    assert found.share(np.array([False, False, True, True])) == pytest.approx(
        0.0029 / (FIRST[0, 2].var(ddof=1) + FIRST[0, 3].var(ddof=1))
    )


def test_variance_is_that_of_random_rounding():
    """Σ (a − b)² ⁄ 2n has the variance of the rounding as its mean: 2 % of it is 4 errors here."""
    random = np.random.default_rng(3)
    true = 0.7 + 0.05 * random.standard_normal((1, 2, 40_000))
    one, other = (true + 0.02 * random.standard_normal(true.shape) for _ in range(2))
    grid = replace(made_grid(one, values_N=(0.01, 0.1)), repeated_accuracy_ONS=other)
    found = measure(grid).rounding
    np.testing.assert_allclose(found.rounding_ON, 0.02**2, rtol=0.03)
    assert found.share(np.array([True, True])) == pytest.approx(0.04 / 0.29, rel=0.05)


def test_the_sentence_is_about_the_highest_learning_rates():
    measures = measure(repeated())
    share = 100 * 0.0029 / FIRST[0, 3].var(ddof=1)
    expected = (
        f"Of the variance over seeds at learning rates from 0.1, {share:.0f} % is rounding alone "
        "(2 trials trained twice)."
    )
    assert [*measured(measures)] == [expected]
    assert [*not_measured(measures, can_be=True)] == []
    assert [*rounding_rows(measures)][3] == ("0.1", "5.39 of 11.55", "–")


def test_a_share_is_at_most_all():
    grid = replace(repeated(), repeated_accuracy_ONS=FIRST[:, ::-1])
    assert measure(grid).rounding.share(np.ones(4, bool)) == 1


def test_no_other_measure_changes():
    with_it, without = (
        every_number(replace(measure(grid), rounding=None))
        for grid in (repeated(), made_grid(FIRST, values_N=RATES))
    )
    assert with_it.keys() == without.keys()
    for name, numbers in without.items():
        np.testing.assert_array_equal(with_it[name], numbers, err_msg=name)


def test_where_it_was_not_measured_that_is_said_with_what_does_it():
    measures = measure(made_grid(FIRST, values_N=RATES))
    assert measures.rounding is None
    assert [*measured(measures)] == [*rounding_rows(measures)] == []
    (text,) = not_measured(measures, can_be=True)
    assert "was not measured" in text
    assert "--measure-rounding 2" in text
    (text,) = not_measured(measures, can_be=False)
    assert text == "How much of the variance over seeds is rounding alone was not measured."
