"""What is compiled for cohorts of networks, and how much of it is kept for the next ones.

Cohorts never train at the same time, so those of a size share the networks, with their weights.

In the flow: ``training`` takes what a cohort needs, and gives it back when it has ended well.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.tasks import models
from sweep.tasks.end_to_end import NetworkData
from sweep.training.allocation import return_freed_memory
from sweep.training.cohort_optimizer import CohortOptimizer, bytes_of
from sweep.training.cohort_plan import CohortPlan
from sweep.training.compiled import Shape
from sweep.training.networks.augmentation import Places, drawn_places, places_of
from sweep.training.networks.checkpoints import Figures
from sweep.training.networks.gradients import NetworkGradients
from sweep.training.networks.members import Networks, OneNetwork, StackedNetworks, values_of
from sweep.training.networks.objective import Objective, objective_of
from sweep.training.networks.step import NetworkEvaluation, NetworkStep, OnDevice
from sweep.training.networks.together import alone_because

Values = list[NDArray[Any]]


@dataclass(frozen=True)
class Evaluated:
    """Networks of a size, what evaluates them, and what reads their gradients, as ``State``."""

    networks: Networks
    objective: Objective
    evaluation: NetworkEvaluation
    gradients: dict[tuple[int, int], NetworkGradients] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """What is compiled for cohorts of one shape.

    Attributes:
        networks: what is trained.
        objective: by what.
        evaluation: of the networks.
        optimizer: of the networks.
        gradients: what reads them, by batch size and micro-batches; shared by all of a size.
        steps: by batch size and micro-batches.
    """

    networks: Networks
    objective: Objective
    evaluation: NetworkEvaluation
    optimizer: CohortOptimizer
    gradients: dict[tuple[int, int], NetworkGradients]
    steps: dict[tuple[int, int], NetworkStep] = field(default_factory=dict)

    @property
    def memory_bytes(self) -> int:
        """Of weights, gradients and optimizer state."""
        weights = sum(bytes_of(variable) for variable in self.networks.variables)
        return 2 * weights + self.optimizer.memory_bytes

    @property
    def variables(self) -> list[keras.Variable]:
        """All that a step changes."""
        return [*self.networks.variables, *self.networks.state, *self.optimizer.variables]


class CompiledNetworks:
    """Compiles what cohorts need, and keeps it within bounds.

    Args:
        data: what all train on; its examples are copied to the device here.
        kept: so many states, with their moments, are kept.

    Attributes:
        alone_because: why networks of this kind train one by one; None where they need not.
        has_state: whether a step changes more than weights: means, or seeds.

    Raises:
        StudyError: the model, its loss and its data do not fit each other.
    """

    def __init__(self, data: NetworkData, kept: int) -> None:
        self._data = data
        self._kept = kept
        examples = data.examples
        self._on_device = OnDevice(
            ops.convert_to_tensor(examples.inputs_N), ops.convert_to_tensor(examples.targets_N)
        )
        model = self._new_model(0)
        self._objective(model)
        self.alone_because = alone_because(model)
        self.has_state = bool(model.non_trainable_variables)
        self._states: dict[Shape, State] = {}
        self._of_size: dict[tuple[bool, int], Evaluated] = {}
        self._initial: dict[int, tuple[Values, Values]] = {}
        self._untrained: dict[tuple, Figures] = {}

    def take(self, plan: CohortPlan) -> State:
        """What trains a cohort; it is kept no more until it is given back."""
        return self._states.pop(plan.shape, None) or self._new_state(plan)

    def give_back(self, plan: CohortPlan, state: State) -> None:
        """Keep it for the next cohort of its shape."""
        self._states[plan.shape] = state
        return_freed_memory()

    def free(self) -> bool:
        """Let go of everything, and from now on keep no more than one cohort's.

        Returns:
            Whether there was anything.
        """
        had_any, self._kept = bool(self._states), 1
        self._states.clear()
        self._of_size.clear()
        return_freed_memory()
        return had_any

    def initial(self, seed: int) -> tuple[Values, Values]:
        """A seed's initial weights, and the state beside them."""
        if seed not in self._initial:
            model = self._new_model(seed)
            weights, others = model.trainable_variables, model.non_trainable_variables
            self._initial = {seed: (values_of(weights), values_of(others))}
        return self._initial[seed]

    def step(self, state: State, batch_size: int, micro_batches: int) -> NetworkStep:
        """The compiled step of a state; what it has trained by then is to be started anew."""
        key = batch_size, micro_batches
        if key not in state.steps:
            state.steps[key] = NetworkStep(
                state.networks,
                state.objective,
                state.optimizer,
                self._data.network.inputs,
                self._on_device,
                micro_batches,
            )
            self._compile(state, state.steps[key], batch_size)
        return state.steps[key]

    def gradients(
        self, state: State, batch_size: int, micro_batches: int, *, is_alone: bool
    ) -> NetworkGradients:
        """What reads the gradients of a state's networks."""
        key, inputs = (batch_size, micro_batches), self._data.network.inputs
        if key not in state.gradients:
            reader = NetworkGradients(
                state.networks, inputs, self._on_device, micro_batches, is_alone=is_alone
            )
            rows, places = self._first_batch(batch_size)
            reader.read(rows, places)  # compiles, so that no trial's time has it in it
            state.gradients[key] = reader
        return state.gradients[key]

    def _first_batch(self, batch_size: int) -> tuple[NDArray[np.int64], Places | None]:
        inputs, count = self._data.network.inputs, self._data.examples.train_count
        rows = np.arange(count)[:batch_size]
        drawn = drawn_places(inputs, 0, 1, count) if inputs.are_augmented else None
        return rows, None if drawn is None else places_of(drawn, rows)

    def _compile(self, state: State, step: NetworkStep, batch_size: int) -> None:
        """Compile all that an epoch takes, so that no trial's time has it in it."""
        inputs, count = self._data.network.inputs, self._data.examples.train_count
        rows_N = np.arange(count)
        drawn = drawn_places(inputs, 0, 1, count) if inputs.are_augmented else None
        for rows in (rows_N[:batch_size], rows_N[: count % batch_size]):
            if len(rows):
                step.train(rows, None if drawn is None else places_of(drawn, rows))
        state.evaluation.evaluate(rows_N[:1], self._data.examples.targets_N)

    def untrained(self, key: tuple) -> Figures | None:
        """What networks come to before training, where it is known.

        Args:
            key: their seed, how many trials they are, and whether last bits were changed.
        """
        return self._untrained.get(key)

    def keep_untrained(self, key: tuple, figures: Figures) -> None:
        """Keep it for the seed's other optimizers, whose cohorts start the same."""
        self._untrained = {key: figures}

    def _new_state(self, plan: CohortPlan) -> State:
        while len(self._states) >= self._kept:
            del self._states[next(iter(self._states))]
        shape = plan.shape
        size = shape.is_alone, shape.trial_count
        if size not in self._of_size:
            self._of_size[size] = self._new_networks(*size)
        shared = self._of_size[size]
        optimizer = CohortOptimizer(
            plan.cohort.config, shape.differing, shared.networks, is_alone=shape.is_alone
        )
        return State(
            shared.networks, shared.objective, shared.evaluation, optimizer, shared.gradients
        )

    def _new_networks(self, is_alone: bool, trial_count: int) -> Evaluated:
        model = self._new_model(0)
        objective = self._objective(model)
        networks: Networks
        if is_alone:
            networks = OneNetwork(model, objective.losses)
        else:
            networks = StackedNetworks(model, objective.losses, trial_count)
        inputs = self._data.network.inputs
        evaluation = NetworkEvaluation(networks, objective, inputs, self._on_device)
        return Evaluated(networks, objective, evaluation)

    def _new_model(self, seed: int) -> keras.Model:
        examples = self._data.examples
        return models.build(
            self._data.network,
            examples.inputs_N.shape[1:],
            examples.class_count,
            seed,
            self._data.weights_file,
        )

    def _objective(self, model: keras.Model) -> Objective:
        examples = self._data.examples
        return objective_of(
            self._data.network, model, examples.targets_N.shape[1:], examples.class_count
        )
