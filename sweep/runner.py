"""The story of a run, from a study to its stored results.

    task       pictures and weights are found (or fetched)
    design     proposes what to train; every trial gets its fingerprint
    store      what is finished is known; what a dead run left is reset
    training   cohort by cohort; every event is written as it comes
    look       of a run until all is decided: what a stage shows, on record; of one that finds
               edges, how far they are known
    design     is asked again, until it proposes nothing new
    rounding   is measured, if that is asked for: some cohorts train once more, rounded otherwise
    evidence   is gathered once, for the report, optuna-dashboard and whoever asked for the run

The runner is the only writer. It never loads Keras unless there is something to train.
"""

import os
import platform
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from math import isfinite

from sweep.analysis.evidence import Evidence, gather
from sweep.deciding import Deciding, record_earlier_look, record_look
from sweep.designs.ending import Ending
from sweep.designs.refined import Refined
from sweep.executors.executor import Executor
from sweep.planning.budget import Budget, Pace
from sweep.planning.listener import Listener, SilentListener, count_of
from sweep.planning.repeats import Repeat, repeat_cohorts, repeats
from sweep.planning.trials import Trial
from sweep.refining import Refining
from sweep.report.answer import report_of
from sweep.results.provenance import Provenance
from sweep.results.records import FailedRepeat
from sweep.results.results import Results
from sweep.run_options import AS_USUAL, RunOptions
from sweep.settings import Settings, without_password
from sweep.stages import Left, Stage, Tally, left_of, stages, stored_of, train
from sweep.store import Store, open_store
from sweep.store.asked import refuse_imported
from sweep.store.writer import RunWriter
from sweep.study.own_code import codes_of
from sweep.study.programs import Command
from sweep.study.study import Study
from sweep.tasks.resolve import resolve
from sweep.tasks.task import Places, Task
from sweep.training.keras_runtime import versions
from sweep.util.machine import Machine
from sweep.util.paths import printable

NUMBER_MAKING_PACKAGES = (
    *("sweep", "keras", "tensorflow", "jax", "numba", "ncnn"),
    *("numpy", "pillow", "optuna", "scipy", "torch"),
)


@dataclass(frozen=True)
class RunOutcome:
    """What a run did.

    Attributes:
        results: all that is stored of the study now.
        evidence: what the study's answer rests on, made of the results.
        page: the report of it, HTML.
        trained: trials that completed or diverged in this run.
        copied: trials taken over from other studies in the store.
        failed: trials that an exception ended in this run, and no retry finished.
        failed_repeats: trials that could not be trained once more, where rounding was to be
            measured.
        ending: of a run until all is decided, why it added no more seeds; else None.
        refined: of a run that finds edges, how far they are known; else None.
        left: what the budget has left of the trials that are planned; None where nothing is.
    """

    results: Results
    evidence: Evidence = field(repr=False)
    page: str = field(repr=False)
    trained: int
    copied: int
    failed: int
    ending: Ending | None = None
    refined: Refined | None = None
    left: Left | None = None
    failed_repeats: tuple[FailedRepeat, ...] = ()

    @property
    def has_failures(self) -> bool:
        """Whether something was not trained that was asked for."""
        return bool(self.failed or self.failed_repeats)


def run(
    study: Study,
    places: Places,
    settings: Settings,
    listener: Listener | None = None,
    command: str | None = None,
    options: RunOptions = AS_USUAL,
) -> RunOutcome:
    """Train what is missing of the study, and return all its results.

    Args:
        study: the question.
        places: where pictures and weights are.
        settings: where the store is, and the backend.
        listener: is told how it goes.
        command: how the user asked for it, for the record.
        options: how the run goes about it.

    Raises:
        SweepError: see ``errors``; what was finished before stays in the store.
    """
    options.check(study)
    listener = listener or SilentListener()
    budget = Budget(options.most_seconds)
    with closing(open_store(settings.store_url, create=True)) as store:
        refuse_imported(store.study(study.name))
        task = resolve(study, places, listener.progress, store.study, Machine(settings.backend))
        if task.notice:
            listener.notice(task.notice)
        if task.dataset:
            listener.dataset(task.dataset)
        looks_back = not options.is_grid or isfinite(budget.seconds) or _grows(store, task)
        stored = stored_of(store, task) if looks_back else None
        pace = Pace(budget, stored)
        growing = _growing(options, task.study, stored, pace)
        if growing:
            listener.looked(growing.opening)
        provenance = describe_run(task, settings, command)
        coming = stages(
            store,
            task,
            growing.design if growing else options.design,
            stored,
            provenance.code,
            options.memory_limit_bytes,
            settings.backend,
        )
        first = next(coming)
        is_begun = not growing or growing.holds(first, store.finished(task.study.name))
        planned_first = first.trials if is_begun else ()
        told = listener.notice if options.wait else None
        with store.run(task.study, provenance, planned_first, wait=told) as writer:
            executor = Executor(
                task,
                settings.backend,
                listener.progress,
                cohorts_kept=lambda: first.fit.cohorts_kept,
                retries=options.retries,
                cluster=options.cluster,
                workers=options.workers,
                outputs=settings.outputs,
            )
            training = _Training(
                store, task.study, executor, writer, listener, pace, growing, first
            )
            deciding = growing if isinstance(growing, Deciding) else None
            record_earlier_look(writer, task.study, stored, is_growing=deciding is not None)
            if deciding:
                writer.fix_design(deciding.looks)
            if is_begun:
                training.train(coming)
            training.repeat(options.measure_rounding)
            if stored is None and not (training.tally.trained or training.tally.failed):
                # Beside the look at Optuna's mirror, which the run ends with.
                stored = store.results(task.study.name)
        results = store.results(task.study.name, known=stored)
        evidence = gather(results)
        page = report_of(store, results, evidence, settings.artifacts)
        record_look(store, results, evidence)
        return RunOutcome(
            results=results,
            evidence=evidence,
            page=page,
            trained=count_of(training.trials, training.tally.trained),
            copied=writer.copied,
            failed=count_of(training.trials, training.tally.failed),
            ending=deciding.ending(results) if deciding else None,
            refined=growing.ending(results) if isinstance(growing, Refining) else None,
            left=training.left,
            failed_repeats=results.failed_repeats if options.measure_rounding else (),
        )


@dataclass
class _Training:
    """What a run trains, stage by stage.

    Attributes:
        store, study, executor, writer, listener: of the run.
        pace: what its budget holds.
        growing: what adds seeds or values as it goes on; None where nothing does.
        stage: the last that was asked for.
        tally: what was trained.
        trials: of the last stage that was begun.
        is_cut: whether the budget has left something.
    """

    store: Store
    study: Study
    executor: Executor
    writer: RunWriter
    listener: Listener
    pace: Pace
    growing: Deciding | Refining | None
    stage: Stage
    tally: Tally = field(default_factory=Tally)
    trials: tuple[Trial, ...] = ()
    is_cut: bool = True

    @property
    def left(self) -> Left | None:
        """What the budget has left; None where nothing is."""
        return left_of(self.stage, self._ended, self.pace) if self.is_cut else None

    def train(self, coming: Iterator[Stage]) -> None:
        """Train the first stage, which is planned, and those that come, while the budget lasts."""
        self._train_stage()
        while not self._is_over and (stage := next(coming, None)):
            self.stage = stage
            self.is_cut = self.growing is not None and not self.growing.holds(stage, self._ended)
            if not self.is_cut:
                self.writer.plan(stage.new)
                self._train_stage()

    def repeat(self, seeds: int) -> None:
        """Train the trials of so many seeds, the first, once more, rounded otherwise.

        What has been is not again; and what the budget has left is for another run.
        """
        if not seeds or self.is_cut:
            return
        stored = self.store.results(self.study.name)
        cohorts = repeat_cohorts(
            self.trials,
            trained=stored.cohorts,
            seeds=self.study.seeds[:seeds],
            repeated={each.fingerprint for each in stored.repeats},
        )
        done, total = 0, sum(len(cohort.trials) for cohort in cohorts)
        with closing(self.executor.train(cohorts)) as events:
            for repeat in repeats(events):
                self.writer.keep(repeat)
                done += len(repeat.records) if isinstance(repeat, Repeat) else 0
                self.listener.progress("measuring rounding", done, total, "trials")

    @property
    def _ended(self) -> set[str]:
        return self.tally.ended(self.writer.finished)

    @property
    def _is_over(self) -> bool:
        decides = isinstance(self.growing, Deciding)
        return self.is_cut or (decides and self.pace.budget.is_over)

    def _train_stage(self) -> None:
        train(
            self.stage,
            self.study,
            self.executor,
            self.writer,
            self.tally,
            self.listener,
            self.pace,
        )
        self.trials, self.is_cut = self.stage.trials, self.pace.is_closed
        if self.growing:
            results = self.store.results(self.study.name)
            self.listener.looked(self.growing.look(results, self.writer))


def _growing(
    options: RunOptions, study: Study, stored: Results | None, pace: Pace
) -> Deciding | Refining | None:
    """What adds seeds or values to the study as the run goes on; None where nothing does."""
    if options.until_decided:
        return Deciding.begin(options.until_decided, study, stored, pace)
    if options.refine is not None:
        return Refining.begin(options.refine, study, stored, pace)
    return None


def _grows(store: Store, task: Task) -> bool:
    """Whether a stored study gets more seeds, or has values that were added to find edges."""
    stored = store.study(task.study.name)
    return stored is not None and (
        not {*task.study.seeds} <= {*stored.seeds} or any(axis.refined for axis in stored.axes)
    )


def describe_run(task: Task, settings: Settings, command: str | None) -> Provenance:
    """Who runs what, on what, from what."""
    return Provenance(
        command=command or printable(shlex.join(map(without_password, sys.argv))),
        host=socket.gethostname(),
        process=os.getpid(),
        versions={"python": platform.python_version()} | versions(NUMBER_MAKING_PACKAGES),
        device=platform.processor() or platform.machine(),
        backend="processes of its own" if task.study.is_program else settings.backend,
        features_key=task.key,
        pictures=task.dataset,
        weights=task.weights,
        code=codes_of(task.study.optimizers, are_there=not isinstance(task.study.task, Command)),
        task_code=task.code,
    )
