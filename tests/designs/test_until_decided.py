"""The stages in which seeds are added: fixed first, then proposed from what is stored."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from made_results import made_results, made_study

from sweep.designs.until_decided import InStages, UntilDecided, fixed, stages
from sweep.errors import UsageError
from sweep.results.looks import Look, LookDesign
from sweep.results.results import Results
from sweep.study.metric import Metric
from sweep.study.programs import Function

THEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
NEVER, SOON = 1e-9, 0.99
"""Margins at which equivalence is never shown, and soon: no accuracy differs by 99 points."""


def made(seeds: int, margin: float, untouched: int = 0, looks: tuple[int, ...] = ()) -> Results:
    """Two equal optimizers with so many seeds, looked at by a design."""
    study = made_study(optimizers=2, rates=2, seeds=seeds, epochs=2).replace(margin=margin)
    results = made_results(study, gains=(0.0,), diverge_share=0.0, untouched=untouched)
    design = LookDesign((3, 6, 12), margin)
    seen = tuple(Look(count, THEN, design) for count in looks)
    return replace(results, looks=seen, look_design=design)


def proposed(results: Results, margin: float) -> int:
    """How many seeds the next stage has."""
    design = InStages(LookDesign((3, 6, 12), margin))
    return len({proposal.seed for proposal in design(results.study, results)})


@pytest.mark.parametrize(
    ("first", "most", "expected"),
    [
        (5, 60, (5, 8, 11, 17, 26, 40, 60)),
        (1, 3, (3,)),
        (10, 10, (10,)),
        (5, 6, (5, 6)),
    ],
)
def test_stages_begin_with_what_is_there_and_end_with_the_most(first, most, expected):
    assert stages(first, most, margin=0.01).stages == expected


def test_there_are_ten_stages_at_most():
    assert len(stages(3, 10_000, margin=0.01).stages) == 10


def test_first_stage_is_the_seeds_of_the_study_but_three_at_least():
    study = made_study(optimizers=2, rates=2, seeds=2)
    design = InStages(fixed(UntilDecided(max_seeds=20), study, None))
    assert {proposal.seed for proposal in design(study, None)} == {0, 1, 2}
    several = study.replace(seeds=(4, 7, 8, 9))
    design = InStages(fixed(UntilDecided(max_seeds=20), several, None))
    assert {proposal.seed for proposal in design(several, None)} == {4, 7, 8, 9}


def test_undecided_goes_on_to_the_next_stage_and_ends_with_the_last():
    assert [proposed(made(seeds, NEVER), NEVER) for seeds in (3, 5, 6, 12, 13)] == [
        6,
        6,
        12,
        12,
        13,
    ]


def test_decided_asks_for_nothing_more():
    results = made(12, SOON)
    assert proposed(results, SOON) == 12
    assert proposed(made(6, SOON), SOON) == 6


def test_what_was_begun_is_ended_first():
    """Also where it is decided by then, as a run that was not interrupted would have it."""
    assert proposed(made(6, NEVER, untouched=4), NEVER) == 6
    assert proposed(made(6, SOON, untouched=4), SOON) == 6


def test_design_is_the_stored_one_once_a_look_belongs_to_it():
    results = made(6, NEVER, looks=(3, 6))
    asked = UntilDecided()
    assert fixed(asked, results.study, results) == results.look_design
    same = UntilDecided(max_seeds=12, margin=NEVER)
    assert fixed(same, results.study, results) == results.look_design
    unseen = replace(results, looks=())
    other = UntilDecided(max_seeds=12, margin=0.02)
    assert fixed(other, results.study, unseen) == LookDesign((6, 8, 12), 0.02)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (UntilDecided(max_seeds=60), r"--max-seeds 60 \(it has 12\)"),
        (UntilDecided(margin=0.02), r"--margin 2 \(it has 1e-07\)"),
    ],
)
def test_another_design_after_a_look_is_refused(asked, words):
    results = made(6, NEVER, looks=(3, 6))
    with pytest.raises(UsageError, match=words) as told:
        fixed(asked, results.study, results)
    assert "--name" in str(told.value.remedy)


def test_fewer_seeds_than_there_are_and_one_optimizer_are_refused():
    results = replace(made(6, NEVER), look_design=None)
    with pytest.raises(UsageError, match="--max-seeds 5, and made has 6"):
        fixed(UntilDecided(max_seeds=5), results.study, results)
    alone = made_study(optimizers=1)
    with pytest.raises(UsageError, match="radam alone"):
        fixed(UntilDecided(), alone, None)


def test_margin_is_the_studys_unless_another_is_asked_for():
    study = made_study(optimizers=2).replace(margin=0.02)
    assert fixed(UntilDecided(), study, None).margin == 0.02
    assert fixed(UntilDecided(margin=0.005), study, None).margin == 0.005


def test_a_margin_is_one_of_the_studys_metric():
    study = made_study(optimizers=2)
    with pytest.raises(UsageError, match="a margin of 100 points"):
        fixed(UntilDecided(margin=1.0), study, None)
    error = Metric(name="error", unit="kWh", direction="minimize", near=0.5)
    own = study.replace(task=Function("mine:train", metric=error))
    assert fixed(UntilDecided(margin=3.0), own, None).margin == 3
    assert fixed(UntilDecided(), own, None).margin == 0.25
    assert fixed(UntilDecided(), study, None).max_seeds == 200


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": -0.01}, {"max_seeds": 2}])
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError):
        UntilDecided(**wrong)
    with pytest.raises(UsageError):
        UntilDecided(budget_seconds=0)
