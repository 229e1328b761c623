"""What is compiled once and kept: across seeds, batch sizes and warm-ups, within its bound."""

import numpy as np
import pytest
from training.made_cohorts import BATCH, RATES, cohort_of, made_data, train, uncompiled

from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.training.loop import CohortTraining

ADAM = Optimizer(label="adam", algorithm="adam")
SIZES = (4, 16, 40, 80)


def sizes(training):
    """Hidden units of the kept states, the latest last."""
    return [shape.hidden_units for shape in training.compiled._states]


def test_cohorts_of_one_optimizer_compile_once():
    data = made_data(train=3 * BATCH + 3)
    training = CohortTraining(data)
    for seed, rates in ((0, (0.003, 0.1)), (1, (0.01, 0.05))):
        train(cohort_of(ADAM, rates, seed), data, training=training)
    (state,) = training.compiled._states.values()
    (step,), (predictions,) = state.steps.values(), state.predictions.values()
    assert step._compiled_step.experimental_get_tracing_count() == 1
    assert predictions._compiled_logits.experimental_get_tracing_count() == 1


def test_batch_sizes_and_warmups_share_one_state_and_train_as_if_they_did_not():
    """Four batch sizes of two optimizers, seed after seed: every one is compiled once."""
    data = made_data()
    training = CohortTraining(data, cohorts_kept=1)
    warm = Optimizer(label="warm", algorithm="adam", warmup=Warmup(share=0.3))
    compiled = []
    for seed in (0, 1):
        for optimizer in (ADAM, warm):
            for batch in SIZES:
                cohort = cohort_of(optimizer, (0.01,), seed, batch=batch)
                mine = train(cohort, data, training)
                if seed == 1 and batch in (4, 80):
                    assert np.array_equal(mine.logits_PV, train(cohort, data).logits_PV)
        (state,) = training.compiled._states.values()
        compiled.append([*state.steps.values()])
    assert len(compiled[0]) == len(SIZES)
    assert compiled[0] == compiled[1]


@pytest.mark.parametrize(("kept", "widths"), [(1, [16]), (2, [8, 16]), (3, [4, 8, 16])])
def test_small_states_are_kept_where_a_large_one_would_be(kept, widths):
    data = made_data(train=BATCH)
    training = CohortTraining(data, cohorts_kept=kept)
    for hidden in (4, 8, 16):
        with uncompiled():
            train(cohort_of(ADAM, (0.01,), hidden=hidden), data, training)
    assert sizes(training) == widths


def test_what_trained_longest_ago_goes_first():
    data = made_data(train=BATCH)
    training = CohortTraining(data, cohorts_kept=2)
    optimizers = [Optimizer(label=name, algorithm=name) for name in ("adam", "sgd", "radam")]
    for optimizer in (*optimizers[:2], optimizers[0], optimizers[2]):
        with uncompiled():
            train(cohort_of(optimizer), data, training)
    assert [shape.algorithm for shape in training.compiled._states] == ["adam", "radam"]


def test_a_cohort_that_was_disturbed_is_not_kept():
    training = CohortTraining(made_data())
    events = training.train(cohort_of(ADAM, RATES[:2]))
    next(events)
    events.close()
    assert len(training.compiled) == 0
