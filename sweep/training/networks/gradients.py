"""The compiled gradients of a cohort of networks, for what is recorded of them.

Means of batch normalization, and seeds of dropout, which computing gradients changes, are put back
afterwards: the step that follows finds all as it was, and drops out the same units.

In the flow: ``compiled`` makes it for ``recorder``.

Legend: P trials, B batch, N sampled weights.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.study.networks import Inputs
from sweep.training import backend
from sweep.training.gradients import Sample
from sweep.training.networks.augmentation import Places
from sweep.training.networks.members import Networks
from sweep.training.networks.step import OnDevice, given_to, prepared_batch


class NetworkGradients:
    """A sample of the gradients of P networks.

    Args:
        networks: whose.
        inputs: what becomes of inputs before the networks see them.
        examples: on the device.
        is_alone: whether it is one network in variables of its own shapes.
        micro_batches: as for ``NetworkStep``.
    """

    def __init__(
        self,
        networks: Networks,
        inputs: Inputs,
        examples: OnDevice,
        micro_batches: int = 1,
        *,
        is_alone: bool = False,
    ) -> None:
        self._networks, self._inputs = networks, inputs
        self._examples, self._parts = examples, micro_batches
        shapes = [variable.shape for variable in networks.variables]
        self.sample = Sample(shapes, networks.trial_count, is_alone=is_alone)
        changed = [*networks.variables, *networks.state]
        self._compiled = backend.evaluation(self._sampled, changed)

    def read(self, rows: NDArray[np.int64], places: Places | None) -> NDArray[np.float32]:
        """Of the loss of these examples, (N, P); see ``NetworkStep.train``."""
        before = [np.array(variable.value) for variable in self._networks.state]
        total: Any = 0.0
        for part in np.array_split(np.arange(len(rows)), self._parts):
            if len(part):
                some = None if places is None else Places(*(each[part] for each in places))
                given = given_to(rows[part], some)
                sampled = np.asarray(self._compiled(*self._examples, *given))
                total = total + sampled * (len(part) / len(rows))
        for variable, value in zip(self._networks.state, before, strict=True):
            variable.assign(value)
        return np.asarray(total, np.float32)

    def _sampled(self, inputs_N: Any, targets_N: Any, rows_B: Any, *places: Any) -> Any:
        batch = prepared_batch(self._inputs, inputs_N, targets_N, rows_B, *places)
        _, _, gradients = self._networks.gradients(*batch)
        return self.sample.of(gradients)
