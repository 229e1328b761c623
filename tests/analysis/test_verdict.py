"""The verdict on made results: RAdam wins, loses, ties, and where nothing can be said."""

import dataclasses
import re
from datetime import UTC, datetime

import numpy as np
import pytest
from made_grids import made_grid

from sweep.analysis.measures import Reading, measure
from sweep.analysis.pairs import PAIR_COLUMNS, pair_rows
from sweep.analysis.verdict import verdict
from sweep.results.looks import Look, LookDesign

FALL = np.linspace(0, 1, 7)[:, None] ** 2


def made_accuracy(*falls: float, seeds: int = 5, scatter: float = 0.004):
    """Accuracy .95 at low rates; at the highest one less by the optimizer's fall."""
    rng = np.random.default_rng(21)
    curves = [0.95 - fall * FALL + scatter * rng.standard_normal((7, seeds)) for fall in falls]
    return np.stack(curves)


def said(grid):
    return verdict(grid, measure(grid))


def claims_of(found, measure_name="mean accuracy"):
    return {
        (claim.first, claim.second): claim.claimed
        for claim in found.claims
        if claim.measure == measure_name
    }


def test_radam_wins():
    found = said(made_grid(made_accuracy(0.02, 0.3)))
    assert found.headline.startswith(
        "At a learning rate picked blindly between 0.003 and 0.1, RAdam (94.4 %) "
        "is better than Adam (84."
    )
    assert "interval" not in found.headline
    assert found.sentences[0].startswith(
        "RAdam is better than Adam by 9.6 points (95 % interval 9."
    )
    assert claims_of(found) == {("radam", "adam"): True}


def test_radam_loses():
    found = said(made_grid(made_accuracy(0.3, 0.02)))
    assert "RAdam (84.9 %) is worse than Adam (94.3 %)." in found.headline
    assert found.sentences[0].startswith(
        "Adam is better than RAdam by 9.3 points (95 % interval 9."
    )


def test_radam_ties():
    found = said(made_grid(made_accuracy(0.1, 0.1, scatter=0.02)))
    assert re.search(
        r", it is undecided how RAdam \(.*\) compares with Adam \(.*\)\.", found.headline
    )
    assert re.fullmatch(
        r"Undecided: RAdam − Adam is −?0\.\d points \(95 % interval −\d\.\d to \d\.\d\)\.",
        found.sentences[0],
    )
    assert re.fullmatch(
        r"These 5 seeds could have shown [\d.]+ points \(with a chance of 80 %\); about \d+ more "
        r"seeds \([\d.]+ minutes\) would settle it at 1 point\.",
        found.sentences[1],
    )
    assert "better" not in str(found)
    assert claims_of(found) == {("radam", "adam"): False}


def test_radam_wins_against_one_and_ties_with_the_other():
    found = said(made_grid(made_accuracy(0.05, 0.3, 0.051)))
    assert "RAdam (93." in found.headline
    assert "is better than Adam (" in found.headline
    assert " and equivalent to Adam with warm-up (" in found.headline
    assert re.fullmatch(
        r"RAdam is better than Adam by 8\.\d points \(95 % interval 8\.\d to \d\.\d\)\.",
        found.sentences[0],
    )
    assert re.fullmatch(
        r"RAdam and Adam with warm-up are equivalent, within 1 point of each other "
        r"\(difference −?0\.\d points, −0\.\d to 0\.\d\)\.",
        found.sentences[1],
    )
    assert found.sentences[2].startswith("Adam with warm-up is better than Adam by 8.")


def test_radam_wins_against_one_and_loses_to_the_other():
    headline = said(made_grid(made_accuracy(0.15, 0.3, 0.0))).headline
    assert "is better than Adam (" in headline
    assert " and worse than Adam with warm-up (" in headline


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_claim_nothing_and_say_why(seeds):
    found = said(made_grid(made_accuracy(0.02, 0.3, seeds=seeds)))
    assert "no difference can be claimed: an interval needs at least 3 seeds" in found.headline
    assert found.claims == ()
    assert "RAdam ended at 94." in found.sentences[0]
    assert "better than" not in str(found)
    assert "nan" not in str(found)


def test_primary_measure_alone_decides():
    """RAdam falls deeper at one rate, but is better on average: worst case does not decide."""
    accuracy = made_accuracy(0.0, 0.0)
    accuracy[1] -= 0.1
    accuracy[0, 3] = 0.6
    found = measure(made_grid(accuracy))
    assert found.worst_accuracy_O.value[0] < found.worst_accuracy_O.value[1]
    assert "RAdam (89.2 %) is better than Adam" in said(made_grid(accuracy)).headline


def test_other_optimizers_are_led_by_the_most_accurate():
    grid = made_grid(made_accuracy(0.3, 0.02), optimizers=("sgd", "lion"))
    assert "Lion (94.3 %) is better than SGD" in said(grid).headline


def test_one_optimizer_has_nothing_to_be_compared_with():
    found = said(made_grid(made_accuracy(0.1)))
    assert "there is no other optimizer to compare it with" in found.headline
    assert "(95 % interval " in found.headline
    assert "of 1.52 decades" in found.sentences[0]
    assert found.claims == ()


def test_one_learning_rate():
    grid = made_grid(made_accuracy(0, 0, scatter=0.02)[:, :1], values_N=[0.01])
    assert said(grid).headline.startswith("At a learning rate of 0.01, it is undecided how RAdam")


def test_many_optimizers_leave_the_numbers_to_the_table():
    found = said(made_grid(made_accuracy(0.02, *(0.1 * k for k in range(1, 6)))))
    assert "is better than Adam, Adam with warm-up, a, b and c." in found.headline
    assert found.sentences[0] == "Of 15 pairs, 15 differ; the report has a table of them."


def test_twenty_optimizers_are_led_by_the_best_and_counted():
    falls = (0.3, *(0.001 * k for k in range(10)), *(0.5 for _ in range(9)))
    accuracy = made_accuracy(*falls, seeds=6)
    grid = made_grid(accuracy, optimizers=("radam", *(f"o{k}" for k in range(19))))
    found = said(grid)
    assert re.search(
        r", o\d \(9\d\.\d %\) is better than RAdam, o10, .* and \d others", found.headline
    )
    assert re.fullmatch(
        r"Of 190 pairs, \d+ differ, \d+ are equivalent within 1 point and \d+ are undecided; "
        r"the report has a table of them\.",
        found.sentences[0],
    )
    assert all(len(sentence) < 400 for sentence in (found.headline, *found.sentences))


def test_one_can_be_ahead_within_the_margin():
    found = said(made_grid(made_accuracy(0.05, 0.07, scatter=0.002)))
    assert " is equivalent to Adam (" in found.headline
    assert re.fullmatch(
        r"RAdam and Adam are equivalent, within 1 point of each other: RAdam is ahead by 0\.\d "
        r"points \(95 % interval 0\.\d to 0\.\d\)\.",
        found.sentences[0],
    )


def test_pairs_with_the_first_alone():
    grid = made_grid(made_accuracy(0.3, 0.02, 0.2), optimizers=("sgd", "lion", "radam"))
    found = verdict(grid, measure(grid, Reading(pairs="first")))
    assert "SGD (84.9 %) is worse than Lion (94." in found.headline
    assert {(claim.first, claim.second) for claim in found.claims} == {
        ("sgd", "lion"),
        ("sgd", "radam"),
    }
    assert sentence_on(found, "converges").count("SGD") == 1


def test_earlier_looks_are_told():
    looks = tuple(Look(seeds, datetime(2026, 3, seeds, tzinfo=UTC)) for seeds in (2, 3, 4))
    grid = made_grid(made_accuracy(0.02, 0.3))
    found = verdict(grid, measure(grid, Reading(looks=looks)))
    assert "The intervals account for the earlier looks with 3 and 4 seeds." in found.sentences
    design = LookDesign(stages=(5, 8, 12), margin=0.01)
    planned = verdict(grid, measure(grid, Reading(design=design)))
    assert "The intervals account" not in str(said(grid))
    assert "The intervals account for the looks that are planned, up to 12 seeds." in (
        planned.sentences
    )


def test_all_diverged():
    shape = (2, 7, 5)
    found = said(made_grid(np.full(shape, 0.5), diverged_ONS=np.ones(shape)))
    assert "no trial learned anything" in found.headline
    assert "the majority-class baseline (50.0 %)" in found.headline
    assert found.sentences == (
        "35 of RAdam's and 35 of Adam's 35 trials diverged; "
        "such a trial counts with at most the majority-class baseline.",
    )


def unfinished(grid, *places):
    finished = grid.finished_ONS.copy()
    for place in places:
        finished[place] = False
    return dataclasses.replace(grid, finished_ONS=finished)


def test_partial_study_says_what_it_rests_on():
    grid = unfinished(made_grid(made_accuracy(0.02, 0.3)), (1, 6, 4))
    assert "This rests on 4 of 5 seeds; the rest is not finished." in said(grid).sentences


def test_no_complete_seed():
    found = said(unfinished(made_grid(made_accuracy(0.02, 0.3)), (0, 0)))
    assert found.headline == (
        "Nothing can be said yet: no seed is finished for every optimizer at every learning rate."
    )
    assert found.sentences[0] == "65 of 70 trials are finished."
    assert found.claims == ()


def test_optimizer_without_a_finished_trial_is_named():
    grid = unfinished(made_grid(made_accuracy(0.02, 0.3, 0.1)), (2,))
    found = said(grid)
    assert "Adam with warm-up is not compared: none of its trials is finished." in found.sentences
    assert "Adam with warm-up" not in found.headline


def paced(*epochs):
    """A grid whose optimizers rise to .95 over so many epochs, give or take a little by seed."""
    grid = made_grid(np.full((len(epochs), 7, 5), 0.95), epochs=10)
    pace = np.array(epochs)[:, None, None, None] + 0.1 * np.arange(-2, 3)[:, None]
    accuracy = 0.5 + 0.45 * np.clip(np.arange(11) / pace, 0, 1)
    accuracy = np.broadcast_to(accuracy, grid.valid_accuracy_ONSE.shape)
    return dataclasses.replace(grid, valid_accuracy_ONSE=accuracy)


def sentence_on(found, word):
    return next(sentence for sentence in found.sentences if word in sentence)


def test_convergence_is_answered_either_way():
    faster = sentence_on(said(paced(2, 4)), "converges")
    assert faster.startswith("RAdam converges faster than Adam: ")
    assert "1.8 epochs on average against 3.6 (difference 1.8 epochs" in faster
    slower = sentence_on(said(paced(4, 2)), "converges")
    assert slower.startswith("RAdam converges more slowly than Adam: ")
    assert "RAdam converges faster than Adam: " not in slower
    same = sentence_on(said(paced(3, 3)), "converges")
    assert same.startswith("It is not shown that RAdam converges faster than Adam: ")


def test_convergence_tells_where_it_never_came():
    grid = made_grid(made_accuracy(0.02, 0.4))
    assert ", counting 4 where it never gets there." in sentence_on(said(grid), "converges")
    assert "counting" not in sentence_on(said(paced(2, 4)), "converges")


def costly(seconds, mebibytes):
    rng = np.random.default_rng(22)
    shape = (2, 7, 5)
    scale = np.array([1.0, 1.0])[:, None, None]
    noise = 0.02 * rng.standard_normal(shape)
    return made_grid(
        made_accuracy(0.1, 0.1),
        seconds_ONS=np.array(seconds)[:, None, None] * scale + noise,
        memory_bytes_ONS=(np.array(mebibytes)[:, None, None] + 10 * noise) * 2**20,
    )


def test_cost_is_answered_for_time_and_memory():
    found = said(costly([2.0, 1.0], [300, 200]))
    cost = sentence_on(found, "costs")
    assert cost.startswith("RAdam costs more time than Adam (2.00 against 1.00 s a trial; ")
    assert "; it costs more memory than Adam (300 against 200 MiB a trial; " in cost
    assert claims_of(found, "time a trial") == {("radam", "adam"): True}


def test_cost_that_is_the_same_within_a_hundredth_is_called_so():
    cost = sentence_on(said(costly([1.0, 2.0], [200.5, 200])), "costs")
    assert cost.startswith("RAdam costs less time than Adam")
    assert "it costs as much memory as Adam, within 1 %" in cost


def test_cost_that_is_not_shown_or_not_measured():
    shape = (2, 7, 5)
    seconds = 1 + 0.3 * np.random.default_rng(23).standard_normal(shape)
    cost = sentence_on(said(made_grid(made_accuracy(0.1, 0.1), seconds_ONS=seconds)), "costs")
    assert cost.startswith("It is not shown that RAdam costs more time than Adam (")
    assert cost.endswith("; the memory that a trial takes was not measured.")


def test_claimed_difference_is_never_rounded_to_zero():
    seconds = np.broadcast_to(np.array([0.0021, 0.0011])[:, None, None], (2, 7, 5))
    seconds = seconds + np.array([0.0001, 0.00011])[:, None, None] * np.arange(5)
    found = said(made_grid(made_accuracy(0.1, 0.1), seconds_ONS=seconds))
    cost = sentence_on(found, "costs")
    assert "(0.002 against 0.001 s a trial; difference 0.001 s, 95 % interval 0.001 to" in cost


def test_reads_as_one_text():
    found = said(made_grid(made_accuracy(0.02, 0.3)))
    assert str(found) == " ".join((found.headline, *found.sentences))
    assert len(found.sentences) == 3
    assert all(sentence.endswith(".") for sentence in (found.headline, *found.sentences))


def test_pairs_for_machines():
    shape = (3, 7, 5)
    measures = measure(made_grid(made_accuracy(0.02, 0.3, 0.3), seconds_ONS=np.full(shape, 2.0)))
    rows = {(row["first"], row["second"]): row for row in pair_rows(measures)}
    assert all(tuple(row) == PAIR_COLUMNS for row in rows.values())
    found = rows["radam", "adam"]
    assert (found["outcome"], found["better"], found["seeds_needed"]) == (
        "different",
        "radam",
        None,
    )
    tie = rows["adam", "adam-warmup"]
    assert tie["outcome"] == "equivalent"
    few = measure(made_grid(made_accuracy(0.02, 0.3, seeds=2)))
    assert pair_rows(few)[0]["least_difference"] is None
    noisy = made_accuracy(0.1, 0.1, scatter=0.02)
    (open_one,) = pair_rows(measure(made_grid(noisy, seconds_ONS=np.full((2, 7, 5), 2.0))))
    assert open_one["outcome"] == "undecided"
    assert open_one["seconds_needed"] == pytest.approx((open_one["seeds_needed"] - 5) * 14 * 2)
