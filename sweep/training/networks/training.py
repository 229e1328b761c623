"""A cohort's training of networks: epoch by epoch, from initial weights or from a checkpoint.

In the flow: ``executors`` give a cohort and get its events, as from ``training.loop`` for heads.

Legend: P trials, N examples (training first), K steps of a training.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import StudyError
from sweep.optimizers import probe
from sweep.optimizers.build import build
from sweep.planning.cohorts import Cohort
from sweep.planning.events import CohortResult, EpochResult, Floats
from sweep.study.training_config import TrainingConfig
from sweep.tasks.end_to_end import NetworkData
from sweep.training.cohort_plan import CohortPlan, example_order, machine_provenance
from sweep.training.memory import COMPILED_COHORTS_KEPT
from sweep.training.networks.augmentation import drawn_places, places_of
from sweep.training.networks.callbacks import Callbacks
from sweep.training.networks.checkpoints import Checkpoint, Figures, Reached
from sweep.training.networks.compiled import CompiledNetworks, State
from sweep.training.networks.rounding import with_last_bits_changed
from sweep.training.networks.step import metric_of
from sweep.training.plateau import Plateau, with_factors
from sweep.training.recorder import Recorder, wants_gradients


class NetworkTraining:
    """Trains cohorts of networks on the same data, and compiles once for all of a shape.

    Args:
        data: what all train on; its examples are copied to the device here.
        cohorts_kept: so many compiled cohorts are kept for the next seed.

    Raises:
        StudyError: the model, its loss and its data do not fit each other.
    """

    def __init__(self, data: NetworkData, cohorts_kept: int = COMPILED_COHORTS_KEPT) -> None:
        self._data = data
        self._compiled = CompiledNetworks(data, cohorts_kept)

    def alone_because(self, config: TrainingConfig) -> str | None:
        """Why networks of this configuration train one by one; None where they need not."""
        return self._compiled.alone_because or probe.alone_because(config.optimizer)

    def train(self, cohort: Cohort, micro_batches: int = 1) -> Iterator[EpochResult | CohortResult]:
        """The events of a cohort; see ``CohortTraining.train``.

        A cohort that asks for batches in parts, to be rounded otherwise, and whose batches cannot
        be cut, starts from weights whose last bits are changed instead.

        Raises:
            StudyError: a trial's settings are not such as the optimizer takes; or a batch does not
                fit into memory, and cannot be cut into parts.
        """
        has_changed_bits = self._compiled.has_state and cohort.micro_batches > 1
        if self._compiled.has_state and micro_batches > cohort.micro_batches:
            raise StudyError(
                f"a batch of {cohort.config.batch_size} examples of {self._data.network.model} "
                "cannot be cut into parts, which it would take to fit into memory",
                rule="With batch normalization or dropout, parts of a batch are another training.",
                remedy="Take a smaller batch size, or a machine or accelerator with more memory.",
            )
        because = self._compiled.alone_because
        plan = CohortPlan.of(cohort, self._data.examples.train_count, because)
        if plan.settings.vectors:
            for trial in cohort.trials:  # the class checks numbers, but no arrays
                build(trial.config.optimizer, 1.0)
        state = self._compiled.take(plan)
        training = _Training(
            self._data,
            self._compiled,
            plan,
            state,
            1 if has_changed_bits else micro_batches,
            has_changed_bits=has_changed_bits,
        )
        yield from training.train()
        self._compiled.give_back(plan, state)  # not if disturbed: what is kept is known to work

    def free(self) -> bool:
        """Let go of all that is compiled, and from now on keep no more than one cohort's.

        Returns:
            Whether there was anything.
        """
        return self._compiled.free()


class _Training:
    """One cohort's training, from the initial weights to the result."""

    def __init__(
        self,
        data: NetworkData,
        compiled: CompiledNetworks,
        plan: CohortPlan,
        state: State,
        micro_batches: int,
        *,
        has_changed_bits: bool,
    ) -> None:
        self._compiled, self._plan, self._state = compiled, plan, state
        self._micro_batches, self._has_changed_bits = micro_batches, has_changed_bits
        self._network, self._examples = data.network, data.examples
        cohort = plan.cohort
        rates_P = np.array([trial.config.learning_rate for trial in cohort.trials])
        self._rates_P = rates_P
        self._callbacks = Callbacks(data.network.callback, rates_P)
        self._plateau = Plateau(cohort.config.optimizer.schedule, len(cohort.trials))
        parts = cohort.micro_batches if has_changed_bits else micro_batches
        self._checkpoint = Checkpoint(data.checkpoints, cohort, parts)
        self._rows = self._examples.rows(cohort.seed)
        self._step = compiled.step(state, cohort.config.batch_size, micro_batches)
        reader = None
        if wants_gradients(plan):
            reader = compiled.gradients(
                state, cohort.config.batch_size, micro_batches, is_alone=plan.shape.is_alone
            )
        self._recorder = Recorder(plan, reader, state.optimizer)
        self._multiplier_PK = plan.multiplier_PK
        self._epochs: list[Figures] = []
        self._diverged: list[int | None] = [None] * len(cohort.trials)

    def train(self) -> Iterator[EpochResult | CohortResult]:
        """The events of the cohort."""
        begin = time.perf_counter()
        weights, state = self._compiled.initial(self._plan.cohort.seed)
        if self._has_changed_bits:
            weights = with_last_bits_changed(weights, self._plan.cohort.seed)
        self._state.networks.start(weights, state)
        self._state.optimizer.reset(self._plan.settings.vectors)
        found = self._checkpoint.read(self._state.variables)
        if found is None:
            yield self._told(self._before_training())
        else:
            values, reached = found
            for variable, value in zip(self._state.variables, values, strict=True):
                variable.assign(value)
            self._recorder.recorded[:] = reached.gradients
            begin -= reached.seconds
            for epoch, figures in enumerate(reached.epochs):
                if epoch:
                    self._begin(epoch)
                    self._end(epoch, figures)
                yield self._told(figures)
        for epoch in range(len(self._epochs), self._plan.cohort.config.epochs + 1):
            yield self._told(self._train_epoch(epoch))
            so_far = Reached(
                self._epochs, time.perf_counter() - begin, tuple(self._recorder.recorded)
            )
            self._checkpoint.write(self._state.variables, so_far)
        yield self._result(time.perf_counter() - begin)
        self._checkpoint.remove()

    def _told(self, figures: Figures) -> EpochResult:
        """An epoch's figures as an event."""
        epoch = len(self._epochs)
        self._epochs.append(figures)
        if epoch:
            is_lost_P = ~np.isfinite(figures["train_loss"]) | ~np.isfinite(figures["valid_loss"])
            for p in np.flatnonzero(is_lost_P):
                self._diverged[p] = self._diverged[p] or epoch
        return EpochResult(
            cohort=self._plan.cohort,
            epoch=epoch,
            train_loss_P=figures["train_loss"],
            train_accuracy_P=figures["train_metric"],
            valid_loss_P=figures["valid_loss"],
            valid_accuracy_P=figures["valid_metric"],
            effective_learning_rate_P=figures["learning_rate"],
            seconds=float(figures["seconds"][0]),
        )

    def _before_training(self) -> Figures:
        begin, cohort = time.perf_counter(), self._plan.cohort
        key = cohort.seed, len(cohort.trials), self._has_changed_bits
        figures = self._compiled.untrained(key)
        if figures is None:
            train_loss, train_metric = self._evaluated(self._rows.train)
            valid_loss, valid_metric = self._evaluated(self._rows.valid)
            figures = {
                "train_loss": train_loss,
                "train_metric": train_metric,
                "valid_loss": valid_loss,
                "valid_metric": valid_metric,
                "learning_rate": np.full(len(cohort.trials), np.nan),
            }
            self._compiled.keep_untrained(key, figures)
        return figures | {"seconds": np.array([time.perf_counter() - begin])}

    def _evaluated(self, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        return self._state.evaluation.evaluate(rows, self._examples.targets_N)

    def _train_epoch(self, epoch: int) -> Figures:
        begin = time.perf_counter()
        factor_P = self._begin(epoch)
        train_loss, train_metric = self._steps_of(epoch, factor_P)
        valid_loss, valid_metric = self._evaluated(self._rows.valid)
        last = epoch * self._plan.steps_per_epoch - 1
        figures = {
            "train_loss": train_loss,
            "train_metric": train_metric,
            "valid_loss": valid_loss,
            "valid_metric": valid_metric,
            "learning_rate": self._rates_P * self._multiplier_PK[:, last].astype(np.float64),
        }
        self._end(epoch, figures)
        return figures | {"seconds": np.array([time.perf_counter() - begin])}

    def _begin(self, epoch: int) -> Floats:
        """Let callbacks begin an epoch, and record what becomes of the learning rates."""
        factor_P = self._callbacks.begin(epoch) * self._plateau.factor_P
        steps = self._plan.steps_of(epoch)
        self._multiplier_PK = with_factors(self._multiplier_PK, steps, factor_P)
        return factor_P

    def _end(self, epoch: int, figures: Figures) -> None:
        metric = self._network.measure or "accuracy"
        self._plateau.end(figures["valid_loss"])
        self._callbacks.end(
            epoch,
            {
                "loss": figures["train_loss"],
                metric: figures["train_metric"],
                "val_loss": figures["valid_loss"],
                f"val_{metric}": figures["valid_metric"],
            },
        )

    def _steps_of(self, epoch: int, factor_P: Floats) -> tuple[Floats, Floats]:
        """Train an epoch; mean loss and metric over its examples, taken as it went, each (P,)."""
        cohort, optimizer = self._plan.cohort, self._state.optimizer
        order = example_order(cohort.seed, epoch, self._examples.train_count)
        drawn = None
        if self._network.inputs.are_augmented:
            drawn = drawn_places(self._network.inputs, cohort.seed, epoch, len(order))
        rates_PK = self._plan.settings.learning_rates_PK
        losses, judged, counts = [], [], []
        for number in range(self._plan.steps_per_epoch):
            k = (epoch - 1) * self._plan.steps_per_epoch + number
            optimizer.take_learning_rates(rates_PK[:, k] * factor_P.astype(np.float32))
            start = number * cohort.config.batch_size
            chosen = order[start : start + cohort.config.batch_size]
            places = None if drawn is None else places_of(drawn, chosen)
            batch = self._rows.train[chosen], places
            self._recorder.before(k + 1, *batch)
            loss_P, judged_PB = self._step.train(*batch)
            self._recorder.after(k + 1)
            losses.append(loss_P)
            judged.append(judged_PB)
            counts.append(len(chosen))
        return self._mean_of(losses, counts), self._metric_of(judged, self._rows.train[order])

    @staticmethod
    def _mean_of(losses: Sequence[Any], counts: Sequence[int]) -> Floats:
        loss_KP = np.array([np.asarray(loss_P, np.float64) for loss_P in losses])
        with np.errstate(invalid="ignore", over="ignore"):
            mean_P: Floats = np.average(loss_KP, axis=0, weights=counts)
        return mean_P

    def _metric_of(self, judged: Sequence[Any], rows: NDArray[np.int64]) -> Floats:
        judged_PN = np.concatenate([np.asarray(each) for each in judged], axis=1)
        targets_N = self._examples.targets_N[rows]
        return metric_of(self._state.objective, judged_PN, targets_N)

    def _result(self, seconds: float) -> CohortResult:
        because = self._plan.alone_because
        return CohortResult(
            cohort=self._plan.cohort,
            diverged_at_epoch_P=tuple(self._diverged),
            multiplier_PK=self._multiplier_PK,
            seconds=seconds,
            memory_bytes=self._state.memory_bytes,
            provenance=machine_provenance()
            | {"micro_batches": self._micro_batches}
            | ({"initial_weights": "last bits changed"} if self._has_changed_bits else {})
            | ({"trained_alone": because} if because else {}),
            gradients=tuple(self._recorder.recorded),
        )
