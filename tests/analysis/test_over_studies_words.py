"""What is measured over studies, in words: claims only what seeds show."""

from dataclasses import replace

import numpy as np
from made_over_studies import AXES, made_over
from made_results import made_study

from sweep.analysis.intervals import Estimate, differences
from sweep.analysis.over_studies_words import headline, notes, rows, sentences, where
from sweep.analysis.wording import NO_WIDTH


def with_needed(needed_SO):
    """Three optimizers whose sensitivity is a mean over seeds of these, (S, O)."""
    found, needed_SO = made_over(), np.array(needed_SO)
    count = len(needed_SO)
    mean_O = needed_SO.mean(axis=0)
    replicates_RO = np.stack(
        [mean_O, *(mean_O + (mean_O - of_O) / (count - 1) for of_O in needed_SO)]
    )
    value_O = replicates_RO[0]
    needed = replace(
        found.sensitivity,
        seeds=tuple(range(count)),
        sensitivity=Estimate(value_O, value_O, value_O),
        differences=differences(replicates_RO),
    )
    return replace(found, sensitivity=needed)


def test_the_least_is_claimed_against_those_that_need_more():
    found = with_needed([[0.01, 0.5, 0.3], [0.02, 0.51, 0.31], [0.03, 0.52, 0.32], [0.0, 0.5, 0.3]])
    assert headline(found) == (
        "RAdam needs less tuning for each study than Adam with warm-up and Adam."
    )


def test_what_may_need_as_little_is_told():
    found = with_needed([[0.01, 0.5, 0.3], [0.2, 0.51, 0.0], [0.03, 0.52, 0.1], [0.0, 0.5, 0.3]])
    assert headline(found) == (
        "RAdam needs less tuning for each study than Adam; Adam with warm-up may need as little."
    )


def test_nothing_is_claimed_where_seeds_scatter():
    found = with_needed([[0.0, 0.5, 0.3], [0.4, 0.1, 0.0], [0.1, 0.0, 0.4]])
    assert headline(found) == (
        "No optimizer is shown to need the least tuning for each study. "
        "Sensitivity RAdam 0.167, Adam 0.200 and Adam with warm-up 0.233."
    )


def test_of_many_the_first_and_the_last_are_told():
    found = made_over(study=made_study(optimizers=5, seeds=2))
    order = np.argsort(found.sensitivity.sensitivity.value, kind="stable")
    said = headline(found)
    assert f"Sensitivity from {found.names[order[0]]} " in said
    assert f" to {found.names[order[-1]]} " in said


def test_two_seeds_claim_nothing():
    found = made_over(study=made_study(seeds=2))
    assert headline(found).startswith("With fewer than 3 seeds nothing is claimed. Sensitivity ")


def test_one_optimizer_has_nothing_beside_it():
    found = made_over(study=made_study(optimizers=1, seeds=4))
    assert headline(found).startswith("Sensitivity RAdam 0.")
    assert headline(found).endswith(", over 2 studies.")


def test_sentences_say_what_it_is_over():
    found = made_over()
    assert where(found) == (
        "Over 2 studies (made-0 and made-1), at 7 learning rates from 0.003 to 0.1, with 4 seeds "
        "that all have."
    )
    first, best = sentences(found)
    assert "one learning rate serves all studies" in first
    at = int(np.argmax(found.sensitivity.shared.value))
    assert found.names[at] in best
    assert str(found.sensitivity.shared_point[at]) in best


def test_two_axes_are_counted():
    *_, counted = sentences(made_over(study=made_study(seeds=4).replace(axes=AXES)))
    assert counted.startswith("Axes to tune for each study, to come to 95 %")
    assert counted.endswith(" of 2.")


def test_where_seeds_agree_it_is_told():
    assert len(notes(made_over())) == 1
    assert notes(with_needed([[0.0, 0.5, 0.3], [0.4, 0.1, 0.0], [0.1, 0.0, 0.4]]))[1] == NO_WIDTH


def test_a_row_an_optimizer():
    found = made_over()
    shown = rows(found)
    assert [row[0] for row in shown] == ["RAdam", "Adam", "Adam with warm-up"]
    assert shown[0][1].startswith(f"{found.sensitivity.sensitivity.value[0]:.3f} [")
    assert shown[0][-1] == f"{found.sensitivity.dimensionality[0]} of 1"
