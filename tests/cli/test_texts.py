"""What the texts of --axis and --set mean, and the one error of a text that means nothing."""

import pytest

from sweep.cli.spelling import wrap
from sweep.cli.texts import changes_of
from sweep.cli.value_texts import axes_of, base_of, gradients_of
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
    assert changes_of(precision="float32") == {"precision": "float32"}
    assert changes_of(base=["epochs=3"], epochs=None) == {"base": {"epochs": 3}}


def test_steps_of_gradients_or_whether_there_are_any():
    assert gradients_of("25,1,5") == (1, 5, 25)
    assert gradients_of("1,5", are_wanted=True) == (1, 5)
    assert gradients_of(None, are_wanted=False) is False
    assert gradients_of(None) is None


@pytest.mark.parametrize(
    ("text", "are_wanted", "words"),
    [
        ("0,1", None, "at least 1"),
        ("1.5", None, "a whole number"),
        ("all", None, "'all' is not a number"),
        ("1,5", False, "--no-gradients says that none are recorded"),
    ],
)
def test_steps_that_mean_nothing(text, are_wanted, words):
    with pytest.raises(UsageError, match="--gradient-steps") as caught:
        gradients_of(text, are_wanted=are_wanted)
    assert words in caught.value.wrong


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["bach_size=16:512:6"], "did you mean batch_size?"),
        (["nonsense=1"], "known: learning_rate, batch_size"),
        (["batch_size"], "names no values"),
        (["batch_size=,"], "names no values"),
        (["=1,2"], "no hyperparameter ''"),
        (["batch_size=16:512"], "'16:512' is not LOW:HIGH:COUNT"),
        (["batch_size=16:512:2.5"], "'2.5' is no COUNT, which is a whole number"),
        (["batch_size=16:512:0"], "0 values; an axis has 1 to 10,000"),
        (["batch_size=16:512:99999999999"], "99,999,999,999 values; an axis has 1 to 10,000"),
        (["batch_size=16:20:9"], "9 values from 16 to 20 are not all different"),
        (["batch_size=16,large"], "'large' is not a number"),
        (["batch_size=16.5"], "batch size 16.5 is not a whole number, 1 or more"),
        (["batch_size=0:512:3"], "batch size 0.0 is not a whole number, 1 or more"),
        (["learning_rate=0.1,0.1"], "0.1 is repeated"),
        (["learning_rate=-1:1:3"], "learning rate -1.0 is not in (0, 1000]"),
        (["optimizer.beta_2=0.9,1"], "β₂ 1.0 is not in [0, 1)"),
        (["optimizer.epsilon=0:1:3"], "0.0 is no value of a log scale, which begins above 0"),
        (["optimizer.epsilon=nan"], "finite"),
        (["optimizer.epsilon=inf"], "finite"),
        (["epochs=1,2", "epochs=3"], "an axis is said twice: --axis epochs=…"),
        (
            ["epochs=1,2", "batch_size=3", "hidden_units=5"],
            "3 axes: epochs, batch_size, hidden_units",
        ),
    ],
)
def test_an_axis_that_means_nothing(texts, words):
    assert_told(lambda: axes_of(texts), words)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["epoch=3"], "did you mean epochs?"),
        (["seeds=3"], "known: learning_rate"),
        (["epochs"], "'' is not a number"),
        (["epochs=x"], "'x' is not a number"),
        (["epochs=0"], "epochs 0 is not a whole number, 1 to 100,000"),
        (["epochs=100001"], "epochs 100001 is not"),
        (["optimizer.beta_2=1"], "β₂ 1 is not in [0, 1)"),
        (["optimizer.beta_2=\udc80"], "is not a number"),
        (["epochs=3", "epochs=4"], "--set epochs is said twice"),
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


@pytest.mark.parametrize("width", [20, 40, 80])
def test_what_can_be_copied_is_never_broken(width):
    command, path = "`sweep store forget mine --yes`", "'/my results/sweep.db'"
    said = f"error: a study of many words in {path}\n  remedy: Undo it with {command} or not."
    lines = wrap(said, width).split("\n")
    assert [line for line in lines if command in line]
    assert [line for line in lines if path in line]
    assert " ".join("\n".join(lines).split()) == " ".join(said.split())
