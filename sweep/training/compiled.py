"""What is compiled for cohorts, and how much of it is kept for the next ones.

Cohorts never train at the same time, so those of one optimizer and size share weights and moments,
whatever their batch size, epochs and warm-up; a batch size costs one more compilation, once. What
is kept is bound by memory, which is that of the moments.

In the flow: ``loop`` takes what a cohort needs, and gives it back when it has ended well.

Legend: P trials, H hidden units.
"""

import gc
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.study.tasks import Products
from sweep.study.training_config import TrainingConfig
from sweep.tasks.task import TrainingData
from sweep.training import backend
from sweep.training.allocation import return_freed_memory
from sweep.training.cohort_optimizer import CohortOptimizer, bytes_of
from sweep.training.gradients import Reader
from sweep.training.head_gradients import HeadGradients, SparseGradients
from sweep.training.members import Batch, Members, Seeded
from sweep.training.plain_head import PlainHead
from sweep.training.predictions import Predictions
from sweep.training.sparse import can_be_compiled, has_kernel, is_sparse
from sweep.training.sparse_heads import SparseHeads
from sweep.training.sparse_optimizer import SparseOptimizer
from sweep.training.sparse_step import SparsePredictions, SparseStep
from sweep.training.stacked_heads import Heads
from sweep.training.step import CohortStep


@dataclass(frozen=True)
class Shape:
    """What cohorts have in common that can share one state.

    Attributes:
        algorithm: of the optimizer.
        settings: of the optimizer, those that do not differ within a cohort, as text.
        lookahead: around the optimizer, as text.
        differing: the names of those that do.
        trial_count, hidden_units: P and H.
        is_alone: whether it is one trial in variables of its own plain shapes.
        products: of the members' first layer.
        is_sparse: whether that leaves out features that are 0.
    """

    algorithm: str
    settings: tuple[tuple[str, str], ...]
    lookahead: str
    differing: tuple[str, ...]
    trial_count: int
    hidden_units: int
    is_alone: bool = False
    products: Products = "float32"
    is_sparse: bool = False

    @classmethod
    def of(
        cls,
        config: TrainingConfig,
        differing: Sequence[str],
        trial_count: int,
        *,
        is_alone: bool = False,
    ) -> "Shape":
        """Of a cohort, by any of its trials' training configurations."""
        optimizer = config.optimizer
        settings = {**optimizer.defaults, **optimizer.settings}
        same = ((name, repr(value)) for name, value in settings.items() if name not in differing)
        return cls(
            algorithm=optimizer.algorithm,
            settings=tuple(sorted(same)),
            lookahead=repr(optimizer.lookahead),
            differing=tuple(differing),
            trial_count=trial_count,
            hidden_units=config.hidden_units or 0,
            is_alone=is_alone,
            products=config.head_products,
        )

    @property
    def size(self) -> tuple[int, int]:
        """Of the members: P and H."""
        return self.trial_count, self.hidden_units

    @property
    def members(self) -> tuple:
        """Equal for shapes that can share their members."""
        return *self.size, self.is_alone, self.products, self.is_sparse


class Step(Protocol):
    """One compiled optimizer step."""

    def train(self, rows: NDArray[np.int64]) -> tuple[Any, Any]:
        """On these examples: each trial's sums of losses and of right answers, (P,)."""
        ...


class Logits(Protocol):
    """The compiled prediction."""

    def logits(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """For these examples: (rows, P), or (rows, P, C) for more than two classes."""
        ...


@dataclass(frozen=True)
class State:
    """Weights and moments of cohorts of one shape, and what is compiled to train them.

    Attributes:
        members: what is trained.
        optimizer: of the members.
        weights_bytes: of their weights, and of gradients that are written out.
        new_step: compiles the step of a batch size and of micro-batches.
        new_predictions: compiles the prediction for micro-batches.
        new_gradients: compiles what reads gradients, for a batch size and micro-batches.
        steps: by batch size and micro-batches.
        predictions: by micro-batches.
        gradients: by batch size and micro-batches; shared by all states with these members.
    """

    members: Seeded
    optimizer: CohortOptimizer | SparseOptimizer
    weights_bytes: int
    new_step: Callable[[int, int], Step]
    new_predictions: Callable[[int], Logits]
    new_gradients: Callable[[int, int], Reader]
    gradients: dict[tuple[int, int], Reader]
    steps: dict[tuple[int, int], Step] = field(default_factory=dict)
    predictions: dict[int, Logits] = field(default_factory=dict)

    @property
    def memory_bytes(self) -> int:
        """Of weights, gradients and optimizer state."""
        return self.weights_bytes + self.optimizer.memory_bytes


@dataclass(frozen=True)
class Compiled:
    """What trains one cohort; ``gradients`` are read where the cohort asks for it, else None."""

    shape: Shape
    state: State
    step: Step
    predictions: Logits
    micro_batches: int
    gradients: Reader | None = None


class CompiledCohorts:
    """Compiles what cohorts need, and keeps it within bounds.

    Args:
        data: what all train on; its features are copied to the device, unless they are sparse.
        kept: so many states of the largest size may be kept, or more of smaller ones.
    """

    def __init__(self, data: TrainingData, kept: int) -> None:
        self.kept = kept
        self._data = data
        may_have_kernels = backend.is_plain_cpu() and can_be_compiled()
        self._has_kernels = may_have_kernels and is_sparse(data.features_NF)
        self._states: dict[Shape, State] = {}
        if not self._has_kernels:
            _ = self._examples  # what does not fit is to be known at once

    @cached_property
    def _examples(self) -> Batch:
        """On the device."""
        return Batch(
            ops.convert_to_tensor(self._data.features_NF),
            ops.convert_to_tensor(self._data.feature_labels.astype(np.int32)),
        )

    def __len__(self) -> int:
        """How many states are kept."""
        return len(self._states)

    def take(
        self,
        shape: Shape,
        config: TrainingConfig,
        micro_batches: int,
        *,
        with_gradients: bool = False,
    ) -> Compiled:
        """What trains a cohort; it is kept no more until it is given back.

        Args:
            shape: of the cohort.
            config: of any of its trials.
            micro_batches: into how many parts a batch is cut.
            with_gradients: whether any are recorded.
        """
        is_whole = not shape.is_alone and micro_batches == 1
        is_sparse = self._has_kernels and is_whole and has_kernel(config)
        shape = replace(shape, is_sparse=is_sparse)
        state = self._states.pop(shape, None) or self._new_state(shape, config)
        batches = (config.batch_size, micro_batches)
        if batches not in state.steps:
            state.steps[batches] = state.new_step(*batches)
        if micro_batches not in state.predictions:
            state.predictions[micro_batches] = state.new_predictions(micro_batches)
        if with_gradients and batches not in state.gradients:
            state.gradients[batches] = state.new_gradients(*batches)
        return Compiled(
            shape,
            state,
            state.steps[batches],
            state.predictions[micro_batches],
            micro_batches,
            state.gradients[batches] if with_gradients else None,
        )

    def give_back(self, compiled: Compiled) -> None:
        """Keep it for the next cohort of its shape."""
        self._states[compiled.shape] = compiled.state
        return_freed_memory()

    def free(self) -> bool:
        """Let go of everything, and from now on keep no more than the largest state takes.

        Returns:
            Whether there was anything.
        """
        any_kept = bool(self._states)
        self._states.clear()
        gc.collect()  # compiled functions and what they belong to hold each other
        return_freed_memory()
        self.kept = 1
        return any_kept

    def _new_state(self, shape: Shape, config: TrainingConfig) -> State:
        while self._states and not _fit((*self._states, shape), self.kept):
            del self._states[next(iter(self._states))]
            gc.collect()  # compiled functions and what they belong to hold each other
        if shape.is_sparse:
            return self._sparse_state(shape, config)
        members, gradients = self._kept_members(shape) or (self._new_members(shape), {})
        optimizer = CohortOptimizer(config, shape.differing, members, is_alone=shape.is_alone)
        return State(
            members,
            optimizer,
            weights_bytes=2 * sum(bytes_of(variable) for variable in members.variables),
            new_step=lambda batch_size, micro_batches: CohortStep(
                members, optimizer, batch_size, self._examples, micro_batches
            ),
            new_predictions=partial(Predictions, members, self._examples.inputs),
            new_gradients=lambda batch_size, micro_batches: HeadGradients(
                members, batch_size, self._examples, micro_batches, is_alone=shape.is_alone
            ),
            gradients=gradients,
        )

    def _sparse_state(self, shape: Shape, config: TrainingConfig) -> State:
        bits_NF, labels_N = self._data.features_NF.view(np.uint16), self._data.feature_labels
        size = shape.trial_count, bits_NF.shape[1], shape.hidden_units
        heads, gradients = self._kept_members(shape) or (
            SparseHeads(*size, self._data.class_count),
            {},
        )
        optimizer = SparseOptimizer(config, shape.differing, heads)
        return State(
            heads,
            optimizer,
            weights_bytes=heads.kernel_PSFW.nbytes,
            new_step=lambda batch_size, _: SparseStep(
                heads, optimizer, batch_size, bits_NF, labels_N.astype(np.int32)
            ),
            new_predictions=lambda _: SparsePredictions(heads, bits_NF),
            new_gradients=lambda batch_size, _: SparseGradients(
                heads, batch_size, bits_NF, labels_N.astype(np.int32)
            ),
            gradients=gradients,
        )

    def _kept_members(self, shape: Shape) -> Any:
        """Those of a kept state that can be the same, and what reads their gradients.

        Cohorts never train at the same time.
        """
        kept = {
            each.members: (state.members, state.gradients) for each, state in self._states.items()
        }
        return kept.get(shape.members)

    def _new_members(self, shape: Shape) -> Members:
        feature_count = self._data.features_NF.shape[1]
        same = (feature_count, shape.hidden_units, self._data.class_count, shape.products)
        return PlainHead(*same) if shape.is_alone else Heads(shape.trial_count, *same)


def _fit(shapes: Collection[Shape], kept: int) -> bool:
    """Whether states take no more than ``kept`` of the largest of them.

    Each has two moments of every weight; those of a size share the weights themselves.
    """
    sizes = [math.prod(shape.size) for shape in shapes]
    weights = sum(math.prod(size) for size in {shape.size for shape in shapes})
    return 2 * sum(sizes) + weights <= (2 * kept + 1) * max(sizes)
