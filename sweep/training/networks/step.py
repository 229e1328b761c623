"""What is compiled for the networks of a cohort: a training step, and the evaluation of a batch.

The last batch of an epoch, which may be smaller, is compiled by itself: filled up with examples
that count nothing, as for heads, it would be another batch for batch normalization.

Legend: P trials, N examples (training first), B batch, M micro-batches a batch.
"""

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.planning.events import Floats
from sweep.study.networks import Inputs
from sweep.training import backend
from sweep.training.cohort_optimizer import CohortOptimizer
from sweep.training.memory import EVALUATION_BATCH
from sweep.training.networks.augmentation import Places, augmented, prepared
from sweep.training.networks.members import Networks
from sweep.training.networks.objective import Objective
from sweep.training.predictions import full_batches


class OnDevice(NamedTuple):
    """All examples, on the device."""

    inputs_N: Any
    targets_N: Any


class NetworkStep:
    """One compiled optimizer step of P networks.

    Args:
        networks: what is trained.
        objective: by what.
        optimizer: of the networks.
        inputs: what becomes of inputs before the networks see them.
        examples: on the device.
        micro_batches: M; more than 1 only of networks without state.
    """

    def __init__(
        self,
        networks: Networks,
        objective: Objective,
        optimizer: CohortOptimizer,
        inputs: Inputs,
        examples: OnDevice,
        micro_batches: int = 1,
    ) -> None:
        self._networks, self._objective, self._inputs = networks, objective, inputs
        self._examples, self._micro_batches = examples, micro_batches
        trained = [*networks.variables, *networks.state]
        if micro_batches == 1:
            variables = [*trained, *optimizer.variables]
            self._step = backend.compiled_step(self._gradients, optimizer.apply, variables)
            return
        self._sums = [
            keras.Variable("zeros", shape=each.shape, dtype="float32", trainable=False)
            for each in networks.variables
        ]
        self._part = backend.compiled_step(self._gradients, self._add, [*trained, *self._sums])
        self._apply = backend.compiled(
            lambda: self._apply_sums(optimizer), [*trained, *self._sums, *optimizer.variables]
        )

    def train(self, rows: NDArray[np.int64], places: Places | None) -> tuple[Any, Any]:
        """One step on these examples.

        Args:
            rows: which.
            places: of their crops; None where inputs are not augmented.

        Returns:
            Each trial's mean loss, (P,), and what it is judged by, (P, B) where the network is
            right, or its outputs (P, B, …).
        """
        if self._micro_batches == 1:
            return self._call(self._step, rows, places, 1.0)
        parts = np.array_split(np.arange(len(rows)), self._micro_batches)
        found = []
        for part in parts:
            if len(part):
                some = None if places is None else Places(*(each[part] for each in places))
                share = len(part) / len(rows)
                loss_P, judged = self._call(self._part, rows[part], some, share)
                found.append((loss_P * share, judged))
        self._apply()
        losses, judged = zip(*found, strict=True)
        return sum(losses), np.concatenate([np.asarray(each) for each in judged], axis=1)

    def _call(
        self, function: Any, rows: NDArray[np.int64], places: Places | None, share: float
    ) -> tuple[Any, Any]:
        rows_B, *given = given_to(rows, places)
        share_of_batch = ops.convert_to_tensor(np.float32(share))
        return function(*self._examples, rows_B, share_of_batch, *given)

    def _gradients(
        self, inputs_N: Any, targets_N: Any, rows_B: Any, share: Any, *places: Any
    ) -> tuple[tuple[Any, Any], list[Any]]:
        inputs_B, targets_B = prepared_batch(self._inputs, inputs_N, targets_N, rows_B, *places)
        loss_P, outputs, gradients = self._networks.gradients(inputs_B, targets_B)
        if self._micro_batches > 1:
            gradients = [gradient * share for gradient in gradients]
        return (loss_P, judged_by(self._objective, targets_B, outputs)), gradients

    def _add(self, gradients: list[Any]) -> None:
        for total, gradient in zip(self._sums, gradients, strict=True):
            total.assign(total + gradient)

    def _apply_sums(self, optimizer: CohortOptimizer) -> Any:
        optimizer.apply([total.value for total in self._sums])
        for total in self._sums:
            total.assign(ops.zeros_like(total.value))
        return ops.zeros(())


def given_to(rows: NDArray[np.int64], places: Places | None) -> tuple[Any, ...]:
    """What is compiled is given of a batch: its rows, and the places of its crops, if any."""
    crops = () if places is None else places
    return tuple(map(ops.convert_to_tensor, (rows.astype(np.int32), *crops)))


def prepared_batch(
    inputs: Inputs, inputs_N: Any, targets_N: Any, rows_B: Any, *places: Any
) -> tuple[Any, Any]:
    """Inputs of a batch, as networks see them in training, and its targets."""
    inputs_B = ops.take(inputs_N, rows_B, axis=0)
    if places:
        inputs_B = augmented(inputs_B, Places(*places), inputs.crop)
    return prepared(inputs_B, inputs), ops.take(targets_N, rows_B, axis=0)


def judged_by(objective: Objective, targets_B: Any, outputs: Any) -> Any:
    """(P, B) where a network is right, or its outputs (P, B, …) where another metric judges."""
    if objective.right is None:
        return outputs
    right = objective.right
    return ops.stack([right(targets_B, outputs[p]) for p in range(outputs.shape[0])])


class NetworkEvaluation:
    """The compiled evaluation of P networks.

    Args:
        networks, objective, inputs, examples: as for ``NetworkStep``.
        batch_size: examples at once, at most.
    """

    def __init__(
        self,
        networks: Networks,
        objective: Objective,
        inputs: Inputs,
        examples: OnDevice,
        batch_size: int = EVALUATION_BATCH,
    ) -> None:
        self._networks, self._objective, self._inputs = networks, objective, inputs
        self._examples = examples
        self._batch_size = min(batch_size, examples.targets_N.shape[0])
        self._compiled = backend.evaluation(self._judged, [*networks.variables, *networks.state])

    def evaluate(self, rows: NDArray[np.int64], targets_N: NDArray[Any]) -> tuple[Floats, Floats]:
        """Mean loss and metric of every trial, each (P,), of these examples.

        Args:
            rows: which.
            targets_N: of all examples.
        """
        losses, judged = [], []
        for rows_B in full_batches(rows, self._batch_size):  # one compilation serves all
            loss_PB, judged_PB = self._compiled(*self._examples, ops.convert_to_tensor(rows_B))
            losses.append(np.asarray(loss_PB, np.float64))
            judged.append(np.asarray(judged_PB))
        loss_PN = np.concatenate(losses, axis=1)[:, : len(rows)]
        judged_PN = np.concatenate(judged, axis=1)[:, : len(rows)]
        with np.errstate(invalid="ignore", over="ignore"):
            return loss_PN.mean(axis=1), metric_of(self._objective, judged_PN, targets_N[rows])

    def _judged(self, inputs_N: Any, targets_N: Any, rows_B: Any) -> tuple[Any, Any]:
        inputs_B = prepared(ops.take(inputs_N, rows_B, axis=0), self._inputs)
        targets_B = ops.take(targets_N, rows_B, axis=0)
        outputs = self._networks.outputs(inputs_B)
        losses = [
            self._objective.losses(targets_B, outputs[p]) for p in range(self._networks.trial_count)
        ]
        return ops.stack(losses), judged_by(self._objective, targets_B, outputs)


def metric_of(objective: Objective, judged_PN: NDArray[Any], targets_N: NDArray[Any]) -> Floats:
    """What every trial is judged by, (P,): the share where it is right, or the Keras metric."""
    if objective.right is not None:
        return judged_PN.astype(np.float64).mean(axis=1)
    return objective.measured(judged_PN, targets_N)
