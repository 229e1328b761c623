"""What the texts of --until-decided and its kin mean, and the errors of those that mean nothing."""

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.cli.until import asked_of, seconds_of
from sweep.designs.until_decided import UntilDecided
from sweep.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30min", 1800), ("2h", 7200), ("1h 30 MIN", 5400), ("1.5h", 5400), ("5 sec", 5)],
)
def test_times(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30", "its unit is missing"),
        ("30mni", "did you mean min?"),
        ("2 fortnights", "s, min or h"),
        ("", "no time at all"),
        ("0h", "no time at all"),
        ("-5min", "it is no time"),
        ("soon", "it is no time"),
        ("1h,5", "it is no time"),
    ],
)
def test_times_that_mean_nothing(text, words):
    with pytest.raises(UsageError, match="--budget") as told:
        seconds_of(text)
    assert words in str(told.value)


def test_what_is_asked():
    assert asked_of(False, margin=None, max_seeds=None) is None
    asked = asked_of(True, margin=2.0, max_seeds=60)
    assert asked == UntilDecided(margin=0.02, max_seeds=60)
    assert asked_of(True, margin=None, max_seeds=None) == UntilDecided()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--max-seeds", "60"], "Add --until-decided"),
        (["--margin", "1"], "Add --until-decided"),
        (["--until-decided", "--margin", "0"], "a margin of 0 points"),
        (["--until-decided", "--margin", "-1"], "a margin of -1 points"),
        (["--until-decided", "--max-seeds", "2"], "at most 2 seeds"),
        (["--budget", "30"], "its unit is missing"),
        (["--refine", "0"], "no edge can be known within 0"),
        (["--refine", "0.1", "--until-decided"], "either seeds until all is decided"),
        (["--refine", "0.1", "--learning-rates", "0.1"], "a single learning rate"),
        (["--until-decided", "--max-seeds", "4", "--seeds", "5"], "has 5"),
        (["--until-decided", "--optimizers", "adam"], "adam alone"),
    ],
)
def test_what_means_nothing_is_told_before_anything_is_trained(
    options, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    data = ["--data", "rendered-pets", "--pictures", "40"]
    done = CliRunner().invoke(app, ["run", "lr-robustness", *data, *options])
    assert done.exit_code == 2, done.output
    assert words in done.output


@pytest.mark.parametrize("options", [["--refine", "-1"], ["--refine", "0.1", "--until-decided"]])
def test_a_wrong_width_is_told_before_pictures_are_looked_for(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    done = CliRunner().invoke(app, ["run", "lr-robustness", "--data", "rendered-pets", *options])
    assert done.exit_code == 2
    assert "Pictures:" not in done.output
