"""What the texts of --axis and --set mean, and the one error of a text that means nothing."""

import pytest

from sweep.cli.texts import axes_of, base_of, changes_of
from sweep.errors import UsageError
from sweep.study import Axis


def test_an_axis_from_its_ends_or_its_values():
    sizes, betas = axes_of(["batch_size=16:512:6", "optimizer.beta_2 = 0.9, 0.99,0.999"])
    assert sizes.values == (16, 32, 64, 128, 256, 512)
    assert all(isinstance(value, int) for value in sizes.values)
    assert betas == Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.999))
    assert betas.scale == "reverse_log"
    assert axes_of(["learning_rate=1e-3:0.1:3"])[0].values == (0.001, 0.01, 0.1)


def test_what_is_set_is_a_number_of_its_kind():
    base = base_of(["epochs=3", "optimizer.beta_2=0.99", "learning_rate=1"])
    assert base == {"epochs": 3, "optimizer.beta_2": 0.99, "learning_rate": 1.0}
    assert isinstance(base["epochs"], int)


def test_what_is_not_said_changes_nothing():
    assert changes_of() == {}
    assert changes_of(axes=[], base=[]) == {}
    assert changes_of(base=["epochs=3"], epochs=None) == {"base": {"epochs": 3}}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["bach_size=16:512:6"], "did you mean batch_size?"),
        (["nonsense=1"], "there are learning_rate, batch_size"),
        (["batch_size"], "names no values"),
        (["batch_size=,"], "names no values"),
        (["=1,2"], "no hyperparameter ''"),
        (["batch_size=16:512"], "'16:512' is not LOW:HIGH:COUNT"),
        (["batch_size=16:512:2.5"], "COUNT is a whole number, not '2.5'"),
        (["batch_size=16:512:0"], "1 to 10,000 values, not 0"),
        (["batch_size=16:512:99999999999"], "1 to 10,000 values"),
        (["batch_size=16:20:9"], "9 values from 16 to 20 are not all different"),
        (["batch_size=16,large"], "'large' is not a number"),
        (["batch_size=16.5"], "a whole number, 1 or more, not 16.5"),
        (["batch_size=0:512:3"], "a whole number, 1 or more, not 0"),
        (["learning_rate=0.1,0.1"], "0.1 is repeated"),
        (["learning_rate=-1:1:3"], "in (0, 1000], not -1"),
        (["optimizer.beta_2=0.9,1"], "in [0, 1), not 1"),
        (["optimizer.epsilon=0:1:3"], "a log scale has values above 0"),
        (["optimizer.epsilon=nan"], "finite"),
        (["optimizer.epsilon=inf"], "finite"),
        (["epochs=1,2", "epochs=3"], "Each axis is another hyperparameter"),
        (["epochs=1,2", "batch_size=3", "hidden_units=5"], "one or two axes"),
    ],
)
def test_an_axis_that_means_nothing(texts, words):
    assert_told(lambda: axes_of(texts), words)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["epoch=3"], "did you mean epochs?"),
        (["seeds=3"], "there are learning_rate"),
        (["epochs"], "'' is not a number"),
        (["epochs=x"], "'x' is not a number"),
        (["epochs=0"], "1 or more, not 0"),
        (["epochs=100001"], "not 100001"),
        (["optimizer.beta_2=1"], "in [0, 1), not 1"),
        (["optimizer.beta_2=\udc80"], "is not a number"),
        (["epochs=3", "epochs=4"], "--set epochs, twice"),
    ],
)
def test_a_setting_that_means_nothing(texts, words):
    assert_told(lambda: base_of(texts), words)


@pytest.mark.parametrize(
    "said",
    [
        {"epochs": 3, "base": ["epochs=3"]},
        {"learning_rates": "0.1", "axes": ["learning_rate=0.1"]},
    ],
)
def test_a_short_form_beside_its_long_one(said):
    assert_told(lambda: changes_of(**said), "Leave one of them out")


def assert_told(ask, words):
    with pytest.raises(UsageError) as caught:
        ask()
    assert words in str(caught.value)
    assert caught.value.exit_status == 2
    assert caught.value.remedy
    str(caught.value).encode()
