"""Memory that is short, and failures: what the local executor does, and that nothing is lost.

The errors are the backend's own, raised by an optimizer of a user's own.
"""

import json
import os
import platform
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import chain, pairwise

import keras
import numpy as np
import pytest
from executors import own_optimizers
from made_plans import rates_of
from processes import python_path
from training.made_cohorts import RATES, assert_close, cohort_of, made_data, train

from sweep.errors import MemoryShortError
from sweep.executors.local import train_cohorts
from sweep.planning.events import (
    CohortFailed,
    CohortResult,
    CohortStarted,
    CohortTooLarge,
    EpochResult,
)
from sweep.study.optimizer import Optimizer
from sweep.tasks.task import TrainingData
from sweep.training.backend import is_out_of_memory

ADAM = Optimizer(label="adam", algorithm="adam")


@pytest.fixture(autouse=True)
def _first_attempts():
    own_optimizers.attempts.clear()


def own(kind, **settings):
    return Optimizer(
        label=kind.lower(), algorithm=f"executors.own_optimizers:{kind}", settings=settings
    )


def events_of(*cohorts, **options):
    return list(train_cohorts(cohorts, made_data(), **options))


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


def sizes(events, kind):
    return [len(event.cohort.trials) for event in of_kind(events, kind)]


def last_epochs(events):
    """The last epoch of every cohort that came to its end, in order."""
    return [epoch for epoch, event in pairwise(events) if isinstance(event, CohortResult)]


def assert_undisturbed(events):
    """The results are those of the same trials in one whole cohort of plain SGD."""
    whole = train(cohort_of(Optimizer(label="sgd", algorithm="sgd")), made_data()).epochs[-1]
    parts = last_epochs(events)
    assert [rate for part in parts for rate in rates_of(part.cohort)] == list(RATES)
    for name in ("train_loss_P", "valid_loss_P"):
        losses_P = np.concatenate([getattr(part, name) for part in parts])
        assert_close(losses_P, getattr(whole, name))


def test_cohort_is_halved_until_it_fits():
    events = events_of(cohort_of(own("Greedy", max_trials=2)))
    assert sizes(events, CohortStarted) == [7, 4, 2, 2, 2, 1]
    assert [event.remedy for event in of_kind(events, CohortTooLarge)] == [
        "split into 4 + 3 trials",
        "split into 2 + 2 trials",
    ]
    results = of_kind(events, CohortResult)
    assert sizes(events, CohortResult) == [2, 2, 2, 1]
    assert_undisturbed(events)
    for result in results:
        assert result.provenance["planned_trials"] == 7
        assert result.provenance["micro_batches"] == 1
    assert not of_kind(events, CohortFailed)


def test_next_seed_starts_with_what_was_learnt_and_other_optimizers_stay_whole():
    greedy = own("Greedy", max_trials=4)
    events = events_of(cohort_of(greedy), cohort_of(ADAM), cohort_of(greedy, seed=1))
    assert sizes(events, CohortResult) == [4, 3, 7, 4, 3]
    assert len(of_kind(events, CohortTooLarge)) == 1


def test_what_is_kept_for_others_goes_first_and_the_cohort_stays_whole():
    events = events_of(cohort_of(ADAM), cohort_of(own("Greedy", times=1)))
    (too_large,) = of_kind(events, CohortTooLarge)
    assert "kept" in too_large.remedy
    assert sizes(events, CohortResult) == [7, 7]
    whole = train(cohort_of(Optimizer(label="sgd", algorithm="sgd")), made_data()).epochs[-1]
    last = last_epochs(events)[-1]
    assert np.array_equal(last.train_loss_P, whole.train_loss_P)
    assert np.array_equal(last.valid_loss_P, whole.valid_loss_P)


def test_single_trial_takes_micro_batches():
    events = events_of(cohort_of(own("Greedy", max_trials=1, times=2)))
    remedies = [event.remedy for event in of_kind(events, CohortTooLarge)]
    assert remedies == [
        "split into 4 + 3 trials",
        "split into 2 + 2 trials",
        "split into 1 + 1 trials",
        "batches in 2 micro-batches",
        "batches in 4 micro-batches",
    ]
    results = of_kind(events, CohortResult)
    assert_undisturbed(events)
    assert {result.provenance["micro_batches"] for result in results} == {4}


def test_a_cohort_may_ask_for_micro_batches():
    events = events_of(replace(cohort_of(ADAM), micro_batches=2))
    (result,) = of_kind(events, CohortResult)
    assert result.provenance["micro_batches"] == 2
    whole = train(cohort_of(ADAM), made_data()).epochs[-1]
    (last,) = last_epochs(events)
    assert_close(last.train_loss_P, whole.train_loss_P)
    assert not np.array_equal(last.train_loss_P, whole.train_loss_P), "it rounds otherwise"


def test_trial_that_never_fits_fails_alone():
    events = events_of(cohort_of(own("Greedy", times=1000), (0.01,)), cohort_of(ADAM))
    assert len(of_kind(events, CohortTooLarge)) == 3  # 2, 4 and 8 micro-batches of 8 pictures
    (failed,) = of_kind(events, CohortFailed)
    assert "ResourceExhaustedError" in failed.error
    assert sizes(events, CohortResult) == [7]


@pytest.mark.parametrize(("times", "retries", "failed"), [(1, 0, 1), (2, 1, 2), (2, 5, 2)])
def test_failed_cohort_is_tried_again_as_often_as_allowed(times, retries, failed):
    events = events_of(cohort_of(own("Unsteady", times=times)), cohort_of(ADAM), retries=retries)
    failures = of_kind(events, CohortFailed)
    assert len(failures) == failed
    assert all(f"attempt {n}" in event.error for n, event in enumerate(failures, 1))
    finished = times <= retries
    assert sizes(events, CohortResult) == [7] * finished + [7]
    assert sizes(events, CohortStarted) == [7] * (failed + finished + 1)


def test_interruption_that_a_library_covered_is_no_failure():
    with pytest.raises(KeyboardInterrupt):
        events_of(cohort_of(own("Interrupted")), cohort_of(ADAM), retries=5)


def test_every_attempt_tells_its_epochs_in_order_from_the_start():
    events = events_of(cohort_of(own("Greedy", max_trials=4)), retries=1)
    current, seen = None, Counter()
    for event in events:
        if isinstance(event, CohortStarted):
            current, epoch = event.cohort, 0
        elif isinstance(event, EpochResult):
            assert (event.cohort, event.epoch) == (current, epoch)
            epoch += 1
        elif isinstance(event, CohortResult):
            seen.update(event.cohort.trials)
    assert len(seen) == 7
    assert set(seen.values()) == {1}


def test_features_without_space_are_an_error_with_a_remedy():
    features_NF = np.broadcast_to(np.float16(1), (1 << 42, 96))
    data = TrainingData(features_NF, np.zeros(4, np.uint8), 2)
    with pytest.raises(MemoryShortError, match="pictures"):
        list(train_cohorts([cohort_of(ADAM)], data))


def in_process(script, **environment):
    """A program of its own, with the tests' folder on its path; its output, of no warnings."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": python_path()} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING:tensorflow" not in done.stderr
    return done.stdout


def in_a_kernel(_):
    """As jax 0.10.2 said where a convolution got no memory below a limit of address space."""
    from jax.errors import JaxRuntimeError

    raise JaxRuntimeError(
        "INTERNAL: Error dispatching computation: YNNPACK operation failed: error"
    )


def assert_errors_of_short_memory_are_told_from_others(*allocators):
    for allocate in allocators:
        with pytest.raises(Exception) as short:  # noqa: PT011
            allocate((1 << 46,))
        assert is_out_of_memory(short.value), repr(short.value)
    with pytest.raises(Exception) as other:  # noqa: PT011
        keras.ops.matmul(np.zeros((2, 3)), np.zeros((2, 3)))
    assert not is_out_of_memory(other.value), repr(other.value)
    assert not is_out_of_memory(RuntimeError("out of memory"))


def test_errors_of_short_memory_are_told_from_others():
    assert_errors_of_short_memory_are_told_from_others(np.ones)


LIMITED = """
import json
from executors import test_local as t
events = list(t.train_cohorts([t.cohort_of(t.ADAM, hidden=256)], t.large_data()))
print(json.dumps([epoch.valid_loss_P.tolist() for epoch in t.last_epochs(events)]))
"""


def large_data():
    return made_data(features=4096)


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64",
    reason="TensorFlow's allocator takes a limit only with oneDNN, which is on Linux on x86",
)
def test_allocator_with_little_memory_as_an_accelerator_has_it():
    """TensorFlow itself finds that seven trials do not fit, and that then three and four do.

    It tries for ten seconds before it gives up.
    """
    limit = {"TF_ENABLE_ONEDNN_OPTS": "1", "TF_MKL_ALLOC_MAX_BYTES": "110000000"}
    parts_P = json.loads(in_process(LIMITED, **limit))
    assert [len(losses) for losses in parts_P] == [4, 3]
    whole = train(cohort_of(ADAM, hidden=256), large_data())
    assert_close([*chain(*parts_P)], whole.epochs[-1].valid_loss_P)


ON_JAX = """
import sys
from executors import test_local as t
import keras, numpy
assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
t.assert_errors_of_short_memory_are_told_from_others(numpy.ones, keras.ops.zeros, t.in_a_kernel)
t.test_cohort_is_halved_until_it_fits()
t.own_optimizers.attempts.clear()
t.test_single_trial_takes_micro_batches()
"""


def test_the_same_on_jax():
    pytest.importorskip("jax", reason="the JAX backend needs jax")
    in_process(ON_JAX, KERAS_BACKEND="jax")
