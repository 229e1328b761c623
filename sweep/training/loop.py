"""A cohort's training: all its trials in one compiled step, epoch by epoch.

In the flow: ``executors`` give a cohort and get its events; nothing here knows of stores or plots.

Where memory is short, a batch is trained in micro-batches: their gradients add up to the batch's,
so the training is the same but for rounding.

Where features are those of mirror images too, an epoch trains on one of the two of each example, as
the seed draws it; evaluation is on the pictures as they are.

Legend: P trials, N examples, V validation examples, K steps of a training.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sweep.optimizers import probe
from sweep.optimizers.build import build
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult, Floats
from sweep.study.training_config import TrainingConfig
from sweep.tasks.task import TrainingData
from sweep.training.cohort_plan import (
    CohortPlan,
    example_order,
    machine_provenance,
    mirrored_examples,
)
from sweep.training.compiled import Compiled, CompiledCohorts
from sweep.training.losses import evaluate
from sweep.training.memory import COMPILED_COHORTS_KEPT
from sweep.training.plateau import Plateau, with_factors
from sweep.training.recorder import Recorder, wants_gradients

Untrained = dict[tuple, NDArray[np.float32]]
"""Logits before training: those of the last seed, by what their last bits depend on."""


class CohortTraining:
    """Trains cohorts on the same data, and compiles once for all of the same optimizer and size.

    Args:
        data: what all train on; its features are copied to the device here.
        cohorts_kept: the weights and moments of so many cohorts, of the largest there are, are
            kept with what is compiled for the next.

    Example:
        >>> training = CohortTraining(data)                             # doctest: +SKIP
        >>> for result in training.train(cohort):                       # doctest: +SKIP
        ...     print(result.epoch, result.valid_accuracy_P)
    """

    def __init__(self, data: TrainingData, cohorts_kept: int = COMPILED_COHORTS_KEPT) -> None:
        self.data = data
        self.compiled = CompiledCohorts(data, cohorts_kept)
        self._untrained: Untrained = {}

    def alone_because(self, config: TrainingConfig) -> str | None:
        """Why trials of this configuration train one by one; None where they need not."""
        return probe.alone_because(config.optimizer)

    def train(self, cohort: Cohort, micro_batches: int = 1) -> Iterator[EpochResult | CohortResult]:
        """Epoch 0 (the evaluation before training), every epoch, then the result.

        A trial whose loss is not finite has diverged; the others train on undisturbed.

        Args:
            cohort: what to train.
            micro_batches: into how many parts a batch is cut, 1 … ``batch_size``.

        Raises:
            StudyError: a trial's settings are not such as the optimizer takes.
            ValueError: the trials cannot train together, and there are several.
        """
        plan = CohortPlan.of(cohort, self.data.train_count)
        if plan.settings.vectors:
            for trial in cohort.trials:  # the class checks numbers, but no arrays
                build(trial.config.optimizer, 1.0)
        compiled = self.compiled.take(
            plan.shape, cohort.config, micro_batches, with_gradients=wants_gradients(plan)
        )
        yield from _Training(plan, self.data, compiled, self._untrained).train()
        self.compiled.give_back(compiled)  # not if disturbed: what is kept is known to work

    def free(self) -> bool:
        """Let go of all that is compiled, and from now on keep no more than one cohort's.

        Returns:
            Whether there was anything.
        """
        return self.compiled.free()


class _Training:
    """One cohort's training, from the initial weights to the result."""

    def __init__(
        self, plan: CohortPlan, data: TrainingData, compiled: Compiled, untrained: Untrained
    ) -> None:
        self._plan = plan
        self._data = data
        self._compiled = compiled
        self._untrained = untrained
        self._rows = data.rows(plan.cohort.seed)
        self._diverged: list[int | None] = [None] * len(plan.cohort.trials)
        self._plateau = Plateau(plan.cohort.config.optimizer.schedule, len(plan.cohort.trials))
        self._multiplier_PK = plan.multiplier_PK
        self._recorder = Recorder(plan, compiled.gradients, compiled.state.optimizer)

    def train(self) -> Iterator[EpochResult | CohortResult]:
        """The events of the cohort."""
        begin = time.perf_counter()
        self._compiled.state.members.reset(self._plan.cohort.seed)
        self._compiled.state.optimizer.reset(self._plan.settings.vectors)
        yield self._before_training()
        for epoch in range(1, self._plan.cohort.config.epochs + 1):
            yield self._train_epoch(epoch)
        yield self._result(time.perf_counter() - begin)

    def _before_training(self) -> EpochResult:
        begin, cohort, labels_N = time.perf_counter(), self._plan.cohort, self._data.labels_N
        logits = self._untrained_logits()
        train, valid = (
            evaluate(logits[rows], labels_N[rows]) for rows in (self._rows.train, self._rows.valid)
        )
        unknown_P = np.full(len(cohort.trials), np.nan)
        return EpochResult(cohort, 0, *train, *valid, unknown_P, time.perf_counter() - begin)

    def _untrained_logits(self) -> NDArray[np.float32]:
        """Of all examples; kept for the seed's other optimizers, whose cohorts start the same."""
        compiled, kept = self._compiled, self._untrained
        shape = compiled.shape
        key = (self._plan.cohort.seed, *shape.members, compiled.micro_batches)
        if key not in kept:
            kept.clear()
            kept[key] = compiled.predictions.logits(np.arange(len(self._data.labels_N)))
        return kept[key]

    def _train_epoch(self, epoch: int) -> EpochResult:
        begin = time.perf_counter()
        factor_P, steps = self._plateau.factor_P, self._plan.steps_of(epoch)
        self._multiplier_PK = with_factors(self._multiplier_PK, steps, factor_P)
        loss_P, accuracy_P = self._steps_of(epoch, factor_P)
        valid_loss_P, valid_accuracy_P = self._validate()
        self._plateau.end(valid_loss_P)
        for member in np.flatnonzero(~np.isfinite(loss_P) | ~np.isfinite(valid_loss_P)):
            self._diverged[member] = self._diverged[member] or epoch
        return EpochResult(
            cohort=self._plan.cohort,
            epoch=epoch,
            train_loss_P=loss_P,
            train_accuracy_P=accuracy_P,
            valid_loss_P=valid_loss_P,
            valid_accuracy_P=valid_accuracy_P,
            effective_learning_rate_P=self._plan.effective_learning_rates(
                epoch, self._multiplier_PK
            ),
            seconds=time.perf_counter() - begin,
        )

    def _steps_of(self, epoch: int, factor_P: Floats) -> tuple[Floats, Floats]:
        """Train an epoch; means over its examples of loss and accuracy, each (P,)."""
        cohort, optimizer = self._plan.cohort, self._compiled.state.optimizer
        order = self._training_rows(epoch)
        sums = []
        for number in range(self._plan.steps_per_epoch):
            k = (epoch - 1) * self._plan.steps_per_epoch + number
            rates_P = self._plan.settings.learning_rates_PK[:, k] * factor_P.astype(np.float32)
            optimizer.take_learning_rates(rates_P)
            start = number * cohort.config.batch_size
            chosen = order[start : start + cohort.config.batch_size]
            self._recorder.before(k + 1, chosen)
            sums.append(self._compiled.step.train(chosen))
            self._recorder.after(k + 1)
        loss_P, right_P = (
            np.sum([np.asarray(part, np.float64) for part in parts], axis=0)
            for parts in zip(*sums, strict=True)
        )
        return loss_P / len(order), right_P / len(order)

    def _training_rows(self, epoch: int) -> NDArray[np.int64]:
        """Rows of the features in the order in which an epoch trains on them."""
        data, seed, rows = self._data, self._plan.cohort.seed, self._rows.train
        if data.have_mirrored:
            is_mirrored = mirrored_examples(seed, epoch, data.train_count)
            rows = rows + len(data.labels_N) * is_mirrored
        return rows[example_order(seed, epoch, data.train_count)]

    def _validate(self) -> tuple[Floats, Floats]:
        rows = self._rows.valid
        return evaluate(self._compiled.predictions.logits(rows), self._data.labels_N[rows])

    def _result(self, seconds: float) -> CohortResult:
        because = self._plan.alone_because
        return CohortResult(
            cohort=self._plan.cohort,
            diverged_at_epoch_P=tuple(self._diverged),
            multiplier_PK=self._multiplier_PK,
            seconds=seconds,
            memory_bytes=self._compiled.state.memory_bytes,
            provenance=machine_provenance()
            | {
                "micro_batches": self._compiled.micro_batches,
            }
            | ({"trained_alone": because} if because else {})
            | ({"kernel": "numba"} if self._compiled.shape.is_sparse else {}),
            gradients=tuple(self._recorder.recorded),
        )
