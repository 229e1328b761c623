"""What is said of a look and of the end of a run that adds seeds."""

import math

import pytest

from sweep.analysis.decision import Decision, PairDecision, PairOutcome
from sweep.designs.ending import Ending, NextStage, Reason, design_line, look_line
from sweep.results.looks import LookDesign

LOOKS = LookDesign((5, 8, 12), 0.01)


def pair(first: str, second: str, outcome: PairOutcome, value: float, half: float) -> PairDecision:
    low, high = value - half, value + half
    return PairDecision(first, second, outcome, None, value, low, high, 0.02, None)


SOME = Decision(
    8,
    0.01,
    (
        pair("adam", "radam", PairOutcome.DIFFERENT, -0.031, 0.019),
        pair("radam", "nadam", PairOutcome.EQUIVALENT, 0.001, 0.004),
        pair("adam", "nadam", PairOutcome.UNDECIDED, 0.004, 0.025),
    ),
)


def test_a_look_tells_what_is_decided_and_what_is_not():
    assert look_line(SOME, LOOKS, 90.0, " (3.5 minutes left)") == (
        "8 seeds of at most 12, after 90 seconds (3.5 minutes left): 2 of 3 pairs decided. "
        "Decided: RAdam is better than Adam by 3.1 points (1.2 to 5.0); RAdam and Nadam are "
        "equivalent (−0.3 to 0.5 points). "
        "Not yet: Adam − Nadam is 0.4 points (−2.1 to 2.9)."
    )


def test_of_many_pairs_a_look_names_some():
    labels = [f"own-{number}" for number in range(8)]
    pairs = [pair("adam", label, PairOutcome.UNDECIDED, 0.0, 0.05) for label in labels]
    said = look_line(Decision(5, 0.01, tuple(pairs)), LOOKS, 1.0, "")
    assert "0 of 8 pairs decided" in said
    assert said.endswith("Adam − own-2 is 0.0 points (−5.0 to 5.0); and 5 more.")


def test_without_intervals_a_pair_has_no_numbers():
    nan = math.nan
    unknown = PairDecision("adam", "sgd", PairOutcome.UNDECIDED, None, nan, nan, nan, nan, None)
    said = look_line(Decision(2, 0.01, (unknown,)), LOOKS, 1.0, "")
    assert said.endswith("Not yet: Adam − SGD.")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(Reason.DECIDED, SOME, LOOKS), "Decided after 8 seeds."),
        (
            Ending(Reason.MAX_SEEDS, SOME, LOOKS),
            "Stopped at 8 seeds, the most: 2 of 3 pairs decided.",
        ),
        (
            Ending(Reason.BUDGET, SOME, LOOKS, 1800.0, NextStage(12, 1200.0)),
            "Stopped at the budget of 30 minutes, after 8 seeds: 2 of 3 pairs decided; the same "
            "command goes on to 12 seeds in about 20 minutes more.",
        ),
        (
            Ending(Reason.BUDGET, SOME, LOOKS, 1800.0, NextStage(12, 2400.0)),
            "Stopped at the budget of 30 minutes, after 8 seeds: 2 of 3 pairs decided; 12 seeds "
            "take about 40 minutes more, which is more than the budget.",
        ),
        (
            Ending(Reason.BUDGET, SOME, LOOKS, 90.0),
            "Stopped at the budget of 90 seconds, after 8 seeds: 2 of 3 pairs decided; the same "
            "command goes on.",
        ),
        (
            Ending(Reason.FAILED, SOME, LOOKS),
            "Stopped where trials failed, with 8 seeds finished: 2 of 3 pairs decided.",
        ),
    ],
)
def test_the_end_says_why(ending, words):
    assert str(ending) == words


def test_a_design_is_told_before_it_begins_and_where_it_goes_on():
    assert design_line(LOOKS, None) == (
        "Adding seeds until it is decided: looks at 5, 8 and 12 seeds, margin 1 point. "
        "This is fixed now."
    )
    assert design_line(LOOKS, None, (3, 5)).endswith(
        "Verdicts were seen before, at 3 and 5 seeds: the intervals get wider for it."
    )
    assert design_line(LOOKS, "2026-11-28 12:00 UTC", (5,)) == (
        "Going on as fixed before the first look (2026-11-28 12:00 UTC): looks at 5, 8 and 12 "
        "seeds, margin 1 point."
    )
