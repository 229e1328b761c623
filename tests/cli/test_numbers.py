"""Numbers as people type them: nothing that was typed is dropped without a word."""

import pytest

from sweep.cli.numbers import ends, number, numbers, parts_of
from sweep.cli.texts import changes_of
from sweep.cli.value_texts import axes_of, base_of
from sweep.errors import UsageError


def rates(text):
    return changes_of(learning_rates=text)["learning_rates"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.003:0.1:3", (0.003, 0.01732, 0.1)),
        ("0.1:0.003:3", (0.003, 0.01732, 0.1)),
        (" 0.003 : 0.1 : 3 ", (0.003, 0.01732, 0.1)),
        ("0.003:0.1:2", (0.003, 0.1)),
        ("0.1:0.1:1", (0.1,)),
        ("0.0031234:0.98765:2", (0.0031234, 0.98765)),
        ("1e-3:1:4", (0.001, 0.01, 0.1, 1.0)),
        ("0.01, 0.1", (0.01, 0.1)),
        ("0.01,0.1,", (0.01, 0.1)),
        ("1,.5,1e-2", (1.0, 0.5, 0.01)),
    ],
)
def test_learning_rates(text, values):
    assert tuple(rates(text)) == values
    assert axes_of([f"learning_rate={text}"])[0].values == tuple(sorted(values))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.003:0.1:1", "the ends 0.003 and 0.1 are at least two values, not 1"),
        ("0.1:0.1:3", "there is one value, not 3"),
        ("0.003:0.1:0", "0 values; an axis has 1 to 10,000"),
        ("0.003:0.1:-1", "-1 values; an axis has 1 to 10,000"),
        ("0.003:0.1:1.5", "'1.5' is no COUNT, which is a whole number"),
        ("0.003:0.1:1e9", "'1e9' is no COUNT, which is a whole number"),
        ("0.003:0.1:1000000000", "1,000,000,000 values; an axis has 1 to 10,000"),
        ("0.003:0.1:", "'' is no COUNT, which is a whole number"),
        ("0.003:0.1", "is not LOW:HIGH:COUNT"),
        ("1:2:3:4", "'1:2:3:4' is not LOW:HIGH:COUNT"),
        (":0.1:3", "'' is not a number"),
        ("0:0.1:3", "above 0"),
        ("-0.1:0.1:3", "above 0"),
        ("0.1:1e-400:3", "1e-400 is too small to be told from 0"),
        ("1e-400", "1e-400 is too small to be told from 0"),
        ("0,003", "'003' of '0,003' is not a number; decimals are written with a point"),
        ("0,1", "Decimals are written with a point"),
        ("0.1:0.1001:50", "50 values from 0.1 to 0.1001 are not all different"),
        ("0.1,0.1", "0.1 is repeated"),
        ("nan", "finite"),
        ("2000", "learning rate 2000.0 is not in (0, 1000]"),
        ("0,003,0,01", "decimals are written with a point"),
        ("0,003:0,1:3", "'0,003' is not a number; decimals are written with a point"),
        ("0.003;0.1", "'0.003;0.1' is not a number"),
        ("0.003 0.1", "'0.003 0.1' is not a number"),
        ("0.1,,0.2", "a comma with nothing before it"),
        (",0.1", "a comma with nothing before it"),
        ("", "it names no values"),
        (" , ", "it names no values"),
        ("0x10", "'0x10' is not a number"),
        ("1/3", "'1/3' is not a number"),
    ],
)
def test_learning_rates_that_mean_nothing(text, words):
    for ask in (lambda: rates(text), lambda: axes_of([f"learning_rate={text}"])):
        with pytest.raises(UsageError) as caught:
            ask()
        said = str(caught.value)
        assert words in said or ("above 0" in words and "(0, 1000]" in said), said
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("5", 5), ("0,1,7", [0, 1, 7]), ("7,", [7]), (" 3 ", 3), ("0,", [0]), ("1_000", 1000)],
)
def test_seeds(text, seeds):
    assert changes_of(seeds=text) == {"seeds": seeds}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(("0", "0 seeds are no trials"), ("-1", "-1 is not a whole number, 0 or more")),
        *(("1.5", "1.5 is not a whole number"), ("1e3", "1000.0 is not a whole number")),
        *(("two", "'two' is not a number"), ("", "it names no values"), ("nan", "nan is not a")),
        *(("1,-2", "-2 is not a whole number"), ("1,,2", "nothing before it")),
        *(("0,003", "decimals are written with a point"), ("0:5", "'0:5' is not a number")),
    ],
)
def test_seeds_that_mean_nothing(text, words):
    with pytest.raises(UsageError, match="Seeds are how many") as caught:
        changes_of(seeds=text)
    assert words in str(caught.value)


def test_labels_of_optimizers():
    assert changes_of(optimizers=" radam , adam,") == {"optimizers": ["radam", "adam"]}
    for text in ("", ",", "radam,,adam", ",adam", "adam,radam,adam"):
        with pytest.raises(UsageError, match="Optimizers are labels"):
            changes_of(optimizers=text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate=0,003", "'0,003' is not a number; decimals are written with a point"),
        ("learning_rate=1e-400", "too small to be told from 0"),
        ("learning_rate=nan", "learning rate nan is not in"),
        ("batch_size=1e400", "batch size inf is not a whole number"),
        ("batch_size=0.5", "batch size 0.5 is not a whole number"),
    ],
)
def test_settings_that_mean_nothing(text, words):
    with pytest.raises(UsageError) as caught:
        base_of([text])
    assert words in str(caught.value)


def test_numbers_are_whole_where_they_are_written_so():
    assert [type(it) for it in numbers("1,1.0,1e0,-2")] == [int, float, float, int]
    assert number(" 0.0e5 ") == 0
    assert ends("512:16:6") == (16, 512, 6)
    assert parts_of("a,b") == ["a", "b"]
