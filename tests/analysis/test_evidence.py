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
