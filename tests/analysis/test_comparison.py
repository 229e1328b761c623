"""Two studies beside each other: who is worse, who is equivalent, and what is not decided."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis import comparison_words as words
from sweep.analysis.comparison import Comparison, Standing, compare
from sweep.analysis.evidence import gather
from sweep.results.looks import Look
from sweep.results.results import Results

SEEDS = 8
LABELS = tuple(optimizer.label for optimizer in made_study().optimizers)


def made(gain: float = 0.0, *, noise: float = 0.0, seeds: int = SEEDS) -> Results:
    """A study whose accuracies are those of another one and ``gain``, but for some noise."""
    results = made_results(made_study(seeds=seeds), diverge_share=0)
    rng = np.random.default_rng(3)

    def moved(trial):
        moves = gain + noise * rng.standard_normal()
        epochs = tuple(
            epoch._replace(valid_accuracy=epoch.valid_accuracy + moves) for epoch in trial.epochs
        )
        return replace(trial, epochs=epochs)

    return replace(results, trials=tuple(map(moved, results.trials)))


def beside(base: Results, head: Results, margin: float = 0.01) -> Comparison:
    pairs = [(label, label) for label in LABELS]
    return compare(base, head, pairs, ("before", "after"), margin=margin)


@pytest.mark.parametrize(
    ("gain", "noise", "expected"),
    [
        (0.0, 0.0, Standing.EQUIVALENT),
        (0.002, 0.002, Standing.EQUIVALENT),
        (0.03, 0.002, Standing.BETTER),
        (-0.03, 0.002, Standing.WORSE),
        (-0.01, 0.1, Standing.UNDECIDED),
    ],
)
def test_how_head_stands(gain, noise, expected):
    found = beside(made(), made(gain, noise=noise))
    assert found.standing is expected
    assert len(found.seeds) == SEEDS
    for pair in found.decisions:
        assert pair.low <= pair.difference <= pair.high


def test_the_difference_is_that_of_the_measures_and_turns_with_the_sides():
    base, head = made(), made(0.02, noise=0.01)
    there, back = beside(base, head), beside(head, base)
    expected = (
        gather(head).measures.mean_accuracy_O.value - gather(base).measures.mean_accuracy_O.value
    )
    np.testing.assert_allclose([pair.difference for pair in there.decisions], expected, rtol=1e-9)
    for one, other in zip(there.decisions, back.decisions, strict=True):
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low), rel=1e-9)
    assert {there.standing, back.standing} == {Standing.BETTER, Standing.WORSE}


def test_one_worse_optimizer_is_enough():
    head = made()
    worse = tuple(
        replace(
            trial,
            epochs=tuple(
                it._replace(valid_accuracy=it.valid_accuracy - 0.05) for it in trial.epochs
            ),
        )
        if trial.optimizer == LABELS[1]
        else trial
        for trial in head.trials
    )
    found = beside(made(), replace(head, trials=worse))
    assert found.standings == (Standing.EQUIVALENT, Standing.WORSE, Standing.EQUIVALENT)
    assert found.standing is Standing.WORSE
    assert "worse in HEAD" in words.sentence(found, 1)


def test_only_what_both_have_is_compared():
    rates = made_study().axes[0].values
    base = made_results(made_study(seeds=6), diverge_share=0)
    fewer = made_study().replace(learning_rates=rates[:-1], seeds=(1, 2, 3, 9))
    head = made_results(fewer, diverge_share=0)
    found = beside(base, head)
    assert found.axes[0].values == rates[:-1]
    assert found.seeds == (1, 2, 3)
    assert any("left out: 0.1" in note for note in found.notes)
    assert any("3 seeds that both have" in note for note in found.notes)


def test_too_few_shared_seeds_decide_nothing():
    found = beside(made(seeds=2), made(seeds=2))
    assert found.standing is Standing.UNDECIDED
    assert "An interval needs at least 3 seeds." in found.notes
    assert words.as_json(found)["optimizers"][0]["low"] is None


def test_earlier_looks_at_either_study_widen_the_intervals():
    base, head = made(), made(-0.02, noise=0.01)
    looked_at = tuple(
        Look(seeds, datetime(2026, 11, day, tzinfo=UTC)) for day, seeds in ((1, 3), (2, 5))
    )
    usual = beside(base, head)
    for before in (
        beside(replace(base, looks=looked_at), head),
        beside(base, replace(head, looks=looked_at)),
        beside(replace(base, looks=looked_at[:1]), replace(head, looks=looked_at)),
    ):
        for pair, wider in zip(usual.decisions, before.decisions, strict=True):
            assert wider.difference == pair.difference
            assert wider.high - wider.low > 1.1 * (pair.high - pair.low)
        assert before.notes == ("The intervals account for the earlier looks with 3 and 5 seeds.",)
    assert usual.notes == ()


def test_two_optimizers_of_a_study_have_the_interval_of_its_verdict():
    """Where there are two, so that both correct for one pair."""
    study = made_study(seeds=SEEDS, optimizers=2)
    looked_at = tuple(Look(seeds, datetime(2026, 11, seeds, tzinfo=UTC)) for seeds in (3, 5, SEEDS))
    results = replace(made_results(study, diverge_share=0), looks=looked_at)
    (pair,) = gather(results).measures.decision.pairs
    (compared,) = compare(results, results, [LABELS[:2]], ("a", "b"), margin=0.01).decisions
    ends = (-compared.high, -compared.low)
    assert ends == pytest.approx((pair.low, pair.high), rel=1e-9)


def test_words_say_what_would_settle_it():
    found = beside(made(), made(-0.01, noise=0.1))
    said = words.text(found)
    assert said.startswith("Undecided")
    assert "These seeds could have shown" in said
    shown = words.markdown(found, str)
    assert shown.count("\n| ") == 1 + len(LABELS)
    assert "**undecided**" in shown
