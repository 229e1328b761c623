"""The table of accuracies: what it counts is what the measures count."""

import made_studies
import numpy as np
import pytest
from made_results import made_results, made_study

from sweep.analysis.accuracies import accuracy_table
from sweep.analysis.evidence import gather

STUDIES = (
    made_study,
    made_studies.batch_sizes,
    made_studies.two_axes,
    made_studies.epochs,
    made_studies.warmups,
)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
@pytest.mark.parametrize("failed", [(), (1,)], ids=["whole", "a cohort failed"])
def test_means_are_those_of_the_measures(study, failed):
    evidence = gather(made_results(study(), failed=failed, diverge_share=0.9))
    table, measures = accuracy_table(evidence), evidence.measures
    assert measures.diverged_O.any()
    axes = len(evidence.grid.axes)
    shown = [[float(cell.split(" ")[0]) for cell in row[axes:]] for row in table.rows]
    assert pytest.approx(100 * measures.accuracy_ON.value, abs=0.0501) == np.array(shown).T


def test_columns_and_values():
    table = accuracy_table(gather(made_results(made_studies.two_axes())))
    assert table.columns == ("batch size", "learning rate", "radam", "adam")
    assert [row[:2] for row in table.rows[:2]] == [("16", "0.003"), ("16", "0.01")]
    assert len(table.rows) == 12


def test_diverged_trial_counts_and_is_marked():
    table = accuracy_table(gather(made_results(made_studies.epochs())))
    assert table.rows[2][1].startswith("76.3 (50.0–")
    assert table.rows[2][1].endswith(")×")
    assert table.notes == (
        "× marks a trial that diverged; it counts with at most the majority-class baseline "
        "(50.0 %).",
    )


def test_failed_trials_are_marked_and_take_their_seed_from_all():
    table = accuracy_table(gather(made_results(made_study(), failed=(1,), diverge_above=1)))
    assert all(row[2].endswith("!") for row in table.rows)
    assert not any("!" in row[1] for row in table.rows)
    assert table.notes == (
        "Means over the 4 seeds of 5 that are finished for all compared optimizers, as in the "
        "measures.",
        "! marks a trial that failed.",
    )


def test_without_a_complete_seed_it_shows_what_there_is():
    results = made_results(made_study(seeds=2), failed=(0, 4), diverge_above=1)
    table = accuracy_table(gather(results))
    assert all(cell.endswith(")!") for row in table.rows for cell in row[1:3])
    assert all(row[3].endswith(")") for row in table.rows)
    assert table.notes[0] == "Means over the seeds that are finished; there are no measures."


def test_before_the_first_trial():
    table = accuracy_table(gather(made_results(made_study(seeds=1), untouched=3)))
    assert {cell for row in table.rows for cell in row[1:]} == {"–"}
    assert table.notes == ()


def test_point_that_an_optimizer_does_not_have_is_empty():
    table = accuracy_table(gather(made_results(made_studies.ragged())))
    assert [(row[0], bool(row[1]), bool(row[2])) for row in table.rows] == [
        ("16", True, False),
        ("64", True, True),
        ("128", False, True),
        ("256", True, True),
    ]
