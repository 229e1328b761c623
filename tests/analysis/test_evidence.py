"""What is gathered once: the same numbers and words that its parts give, and the multipliers."""

from dataclasses import replace

import made_studies
import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.evidence import gather
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows
from sweep.analysis.verdict import verdict
from sweep.figures import effective_rate


def test_verdict_and_measures_are_of_the_same_grid():
    results = made_results()
    evidence = gather(results)
    assert evidence.verdict == verdict(evidence.grid, evidence.measures)
    assert evidence.grid.optimizers == ("RAdam", "Adam", "Adam with warm-up")
    assert evidence.labels == ("radam", "adam", "adam-warmup")
    rows = measures_rows(replace(evidence.labelled_measures, effective=None))
    assert rows == measures_rows(measure(grid_of(results)))


def test_labels_of_compared_optimizers_only():
    results = made_results(made_study(seeds=1), failed=(0,))
    assert gather(results).labelled_measures.optimizers == ("adam", "adam-warmup")


def test_multipliers_that_are_the_same_everywhere_are_one_row():
    evidence = gather(made_results())
    assert [rows.shape for rows in evidence.multipliers_O if rows is not None] == [(1, 320)] * 3


def test_multipliers_by_point_where_they_differ():
    radam, adam = gather(made_results(made_studies.warmups())).multipliers_O
    assert radam is not None
    assert adam is not None
    assert radam.shape == (1, 128)
    assert adam.shape == (3, 128)
    assert adam[:, 4] == pytest.approx([0.5, 0.05, 0.005])


def test_multipliers_of_trainings_of_different_lengths_end_in_nan():
    multipliers = gather(made_results(made_studies.batch_sizes())).multipliers_O[0]
    assert multipliers is not None
    assert np.isfinite(multipliers).sum(axis=1).tolist() == [500, 128, 32]


def test_point_with_the_same_training_has_its_multipliers():
    results = made_results(made_studies.warmups())
    known = [
        replace(
            cohort, fingerprints=cohort.fingerprints[:1], multiplier_PK=cohort.multiplier_PK[:1]
        )
        for cohort in results.cohorts
    ]
    partly = gather(replace(results, cohorts=tuple(known))).multipliers_O
    assert [rows.shape for rows in partly if rows is not None] == [(1, 128), (1, 128)]


def test_no_multipliers_before_a_cohort_has_finished():
    evidence = gather(made_results(made_study(seeds=1), untouched=2))
    assert [rows is None for rows in evidence.multipliers_O] == [False, True, True]


def plateaus():
    """Results whose second optimizer is cut at another step by each seed at the first point."""
    results = made_results()
    cohorts = []
    for cohort in results.cohorts:
        if cohort.optimizer == "adam":
            trials = len(cohort.fingerprints)
            cut_PK = np.ones((trials, 320), np.float32)
            cut_PK[0, 80 * (1 + cohort.seed % 3) :] = 0.1
            cohort = replace(cohort, multiplier_PK=cut_PK)
        cohorts.append(cohort)
    return replace(results, cohorts=tuple(cohorts))


def test_multipliers_of_seeds_that_differ_are_their_mean():
    """No seed's cuts are taken for the optimizer's, whichever finished last."""
    results = plateaus()
    evidence = gather(results)
    seeds = evidence.grid.seeds
    factor_NK = evidence.multipliers_O[1]
    assert factor_NK is not None
    expected_K = np.mean(
        [np.where(np.arange(320) < 80 * (1 + seed % 3), 1, 0.1) for seed in seeds], axis=0
    )
    (first, *others) = factor_NK
    np.testing.assert_allclose(first, expected_K, rtol=1e-6)
    assert len({*expected_K.round(6)}) == len({seed % 3 for seed in seeds}) + 1
    for other in others:
        assert (other == 1).all()
    assert evidence.mean_multipliers_O == (False, True, False)
    backwards = gather(replace(results, cohorts=results.cohorts[::-1])).multipliers_O[1]
    np.testing.assert_allclose(backwards, factor_NK, rtol=1e-6)
    assert any(
        "Of Adam it differs from seed to seed" in note
        for note in effective_rate.draw(evidence).notes
    )


def test_the_comparison_at_equal_effective_rates_rests_on_the_mean():
    evidence = gather(plateaus())
    assert evidence.measures.effective is not None
    assert evidence.measures.effective.share_O.value[1] == pytest.approx(
        np.mean(evidence.multipliers_O[1]), rel=1e-6
    )


def test_multipliers_that_are_the_same_for_all_seeds_are_told_of_none():
    evidence = gather(made_results())
    assert evidence.mean_multipliers_O == (False, False, False)
    assert not any("seed to seed" in note for note in effective_rate.draw(evidence).notes)
