"""Words and numbers as sentences say them."""

import doctest

import pytest

from sweep.analysis import wording
from sweep.analysis.wording import counted_values, listed, number, signed, with_article
from sweep.study.hyperparameters import HYPERPARAMETERS


def test_examples():
    assert doctest.testmod(wording).failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (16, "16"),
        (1000.0, "1000"),
        (65536, "65,536"),
        (0.01732, "0.01732"),
        (1e-7, "1e-07"),
        (0.999, "0.999"),
        (0.9999999, "0.9999999"),
        (0.0, "0"),
        (-0.5, "-0.5"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_every_hyperparameter_can_be_counted_and_has_an_article():
    for known in HYPERPARAMETERS.values():
        assert with_article(known.words).startswith(("a ", "an "))
        assert counted_values(1, known.words) != counted_values(2, known.words)
    assert counted_values(1, "batch size") == "1 batch size"
    assert counted_values(2, "epochs") == "2 numbers of epochs"
    assert counted_values(2, "momentum") == "2 values of momentum"


def test_lists():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"


def test_minus_is_a_minus_and_zero_has_none():
    assert [signed(value, 1) for value in (-1.26, -0.04, 0.0, 2)] == ["−1.3", "0.0", "0.0", "2.0"]
