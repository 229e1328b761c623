"""What is submitted again, how often and how: on streams that break off as told."""

from collections import deque
from contextlib import closing

import pytest
from made_plans import cohorts_of, rates_of, trials_of
from store.making import KEY, made_end, made_epochs, make_provenance, make_study
from training.made_cohorts import cohort_of

from sweep.errors import MissingError
from sweep.executors import submissions
from sweep.executors.submissions import MAX_ATTEMPTS, Broken, Lost, Streams, Submissions
from sweep.planning.events import (
    CohortFailed,
    CohortLost,
    CohortResult,
    CohortStarted,
    CohortTooLarge,
)
from sweep.store import open_store
from sweep.study.optimizer import Optimizer

DEAD = Lost("the node died", out_of_memory=False)
SHORT = Lost("the node ran out of memory", out_of_memory=True)
RATES = (0.01, 0.02, 0.03, 0.04)
COHORT = cohort_of(Optimizer(label="adam", algorithm="adam"), RATES)


class Told(Streams):
    """Streams whose every next submission goes as the next script says; then all goes well."""

    def __init__(self, *scripts, space=None):
        self.scripts = deque(scripts)
        self.waiting = deque()
        self.submitted = []
        self.space = space

    def submit(self, number, cohort):
        self.submitted.append([trial.point["learning_rate"] for trial in cohort.trials])
        script = self.scripts.popleft() if self.scripts else whole
        self.waiting += [(number, news) for news in script(cohort)]

    def news(self, timeout_seconds):  # noqa: ARG002
        return [self.waiting.popleft()] if self.waiting else []

    def missing_space(self):
        return self.space


def whole(cohort):
    return [CohortStarted(cohort), *made_epochs(cohort, range(2)), made_end(cohort), None]


def broken_off(with_what):
    return lambda cohort: [CohortStarted(cohort), *made_epochs(cohort, range(2)), with_what]


def first_part_only(cohort):
    """It was split where it trains, and the worker died in the second part."""
    first, second = (
        cohort_of(cohort.config.optimizer, RATES[:2]),
        cohort_of(cohort.config.optimizer, RATES[2:]),
    )
    return [
        CohortStarted(cohort),
        CohortTooLarge(cohort, "split into 2 + 2 trials"),
        *whole(first)[:-1],
        CohortStarted(second),
        DEAD,
    ]


def kinds(events):
    return [type(event) for event in events if type(event).__name__ != "EpochResult"]


def test_lost_cohort_is_started_again_from_its_beginning():
    streams = Told(broken_off(DEAD))
    events = list(Submissions(streams).train([COHORT]))
    assert kinds(events) == [CohortStarted, CohortLost, CohortStarted, CohortResult]
    assert streams.submitted == [list(RATES)] * 2


def test_cohort_that_kills_every_worker_fails_and_others_do_not():
    other = cohort_of(Optimizer(label="sgd", algorithm="sgd"), RATES)
    streams = Told(broken_off(DEAD), whole, *[broken_off(DEAD)] * (MAX_ATTEMPTS - 1))
    events = list(Submissions(streams).train([COHORT, other]))
    (failed,) = (event for event in events if isinstance(event, CohortFailed))
    assert failed.cohort == COHORT
    assert f"{MAX_ATTEMPTS} workers died" in failed.error
    assert "the node died" in failed.error
    assert kinds(events)[-2:] == [CohortStarted, CohortFailed]
    assert sum(kind is CohortLost for kind in kinds(events)) == MAX_ATTEMPTS - 1
    assert [event.cohort for event in events if isinstance(event, CohortResult)] == [other]


def test_what_has_ended_is_not_trained_twice():
    streams = Told(first_part_only)
    events = list(Submissions(streams).train([COHORT]))
    assert streams.submitted == [list(RATES), list(RATES[2:])]
    results = [event for event in events if isinstance(event, CohortResult)]
    assert [rates_of(result.cohort) for result in results] == [RATES[:2], RATES[2:]]
    assert {result.provenance["planned_trials"] for result in results} == {4}


def test_worker_that_dies_after_its_result_costs_nothing():
    streams = Told(lambda cohort: [*whole(cohort)[:-1], DEAD])
    assert kinds(Submissions(streams).train([COHORT])) == [CohortStarted, CohortResult]


def test_failure_that_was_tried_again_is_not_the_end():
    """The worker died while it tried again what had failed."""
    failed = CohortFailed(COHORT, "made to fail", 1.0)
    streams = Told(lambda _: [CohortStarted(COHORT), failed, CohortStarted(COHORT), DEAD])
    events = list(Submissions(streams).train([COHORT]))
    assert kinds(events)[-2:] == [CohortStarted, CohortResult]


def test_node_short_of_memory_gets_halves_down_to_single_trials():
    streams = Told(*[broken_off(SHORT)] * 3)
    events = list(Submissions(streams).train([COHORT]))
    assert streams.submitted[:3] == [list(RATES), list(RATES[:2]), list(RATES[2:])]
    assert sorted(streams.submitted[3:]) == [[rate] for rate in RATES]
    results = [event for event in events if isinstance(event, CohortResult)]
    assert [len(result.cohort.trials) for result in results] == [1] * 4
    assert not any(isinstance(event, CohortFailed) for event in events)


def test_single_trial_that_is_always_too_large_fails():
    streams = Told(*[broken_off(SHORT)] * MAX_ATTEMPTS)
    single = cohort_of(COHORT.config.optimizer, RATES[:1])
    assert kinds(Submissions(streams).train([single]))[-1] is CohortFailed
    assert len(streams.submitted) == MAX_ATTEMPTS


def test_error_of_the_run_is_raised():
    streams = Told(broken_off(Broken(MissingError("no such version"))))
    with pytest.raises(MissingError, match="no such version"):
        list(Submissions(streams).train([COHORT]))


def test_run_waits_for_nodes_but_not_for_ever(monkeypatch):
    patient = Told(lambda _: [], space=MissingError("no node"))
    monkeypatch.setattr(submissions, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(MissingError, match="no node"):
        list(Submissions(patient).train([COHORT]))


def test_store_takes_the_same_stream(tmp_path):
    """A broken-off attempt leaves nothing, and the numbers of trials are without gaps."""
    study = make_study(learning_rates=RATES, epochs=1)
    cohorts = cohorts_of(study, KEY)
    streams = Told(broken_off(DEAD), broken_off(SHORT))
    with closing(open_store(f"sqlite:///{tmp_path}/sweep.db", create=True)) as store:
        with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
            for event in Submissions(streams).train(cohorts):
                writer.write(event)
        trials = store.results(study.name).trials
        problems = store.check()
    assert len(trials) == 16
    assert {trial.outcome for trial in trials} == {"completed"}
    assert sorted(trial.number for trial in trials) == list(range(16))
    assert {len(trial.epochs) for trial in trials} == {2}
    assert not problems


def test_what_may_not_begin_is_dropped_and_what_is_under_way_ends():
    """Two workers take up the first two cohorts; when the first has ended, no other may begin."""
    cohorts = [cohort_of(COHORT.config.optimizer, RATES, seed=seed) for seed in range(4)]
    streams, ended = Told(), []
    events = []
    for event in Submissions(streams, may_begin=lambda _: not ended).train(cohorts):
        events.append(event)
        if len(events) == 1:  # now the second one begins, and then the first ends
            first = [news for news in streams.waiting if news[0] == 0]
            rest = [news for news in streams.waiting if news[0] != 0]
            streams.waiting = deque([rest[0], *first, *rest[1:]])
        if isinstance(event, CohortResult):
            ended.append(event.cohort.seed)
    assert ended == [0, 1]
    assert {event.cohort.seed for event in events} == {0, 1}
