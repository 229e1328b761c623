"""Optimizers that look at whole variables train one by one, in variables of their own shapes."""

import numpy as np
import pytest
from training.made_cohorts import (
    RATES,
    TOLERANCE,
    assert_close,
    cohort_of,
    made_classes,
    made_data,
    train,
)
from training.test_cohort import keras_model

from sweep.executors.local import train_cohorts
from sweep.planning.events import CohortFailed, CohortResult, CohortStarted
from sweep.study.optimizer import WHOLE_VARIABLE_ALGORITHMS, Optimizer
from sweep.training.loop import CohortTraining, example_order

OWN = """
import keras
from keras import ops

class Normed(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        length = ops.maximum(1e-3, ops.norm(ops.reshape(gradient, (-1,))))
        super().update_step(gradient / length, variable, learning_rate)

class FromWeights(keras.optimizers.SGD):
    '''Pulls the weights back to where they began.'''

    def build(self, variables):
        super().build(variables)
        self.starts = self.add_optimizer_variables(variables, "start")
        for start, variable in zip(self.starts, variables):
            start.assign(variable)

    def update_step(self, gradient, variable, learning_rate):
        start = self.starts[self._get_variable_index(variable)]
        super().update_step(gradient + 0.5 * (variable - start), variable, learning_rate)
"""


@pytest.fixture
def own_folder(own_module):
    own_module("lonely_optimizers", OWN)


def named(algorithm):
    return Optimizer(label="o", algorithm=algorithm)


def assert_is_keras_fit(optimizer, rate, data):
    trained = train(cohort_of(optimizer, (rate,)), data)
    model = keras_model(optimizer, rate, 10)
    order = example_order(0, 1, data.train_count)
    inputs = data.features_NF.astype(np.float32)
    labels = data.labels_N.astype(np.float32)
    model.fit(inputs[order], labels[order], batch_size=8, shuffle=False, verbose=0)
    logits_V = model.predict(inputs[data.train_count :], verbose=0)
    assert_close(trained.logits_PV[0], logits_V[:, 0], TOLERANCE)
    return trained


@pytest.mark.parametrize("algorithm", [*WHOLE_VARIABLE_ALGORITHMS, "keras.optimizers:Adafactor"])
def test_a_trial_alone_is_keras_fit(algorithm):
    trained = assert_is_keras_fit(named(algorithm), 0.03, made_data())
    because = named(algorithm).alone_because
    assert trained.result.provenance.get("trained_alone") == because


def test_of_more_classes_than_two():
    trained = train(cohort_of(named("muon"), (0.03,)), made_classes(3))
    assert np.isfinite(trained.logits_PV).all()
    assert trained.logits_PV.shape[-1] == 3


def test_trials_that_cannot_train_together_are_refused_a_cohort():
    with pytest.raises(ValueError, match="one by one: it makes whole matrices orthogonal"):
        next(CohortTraining(made_data()).train(cohort_of(named("muon"), (0.01, 0.1))))


@pytest.mark.usefixtures("own_folder")
def test_an_optimizer_that_takes_norms_is_found_and_trained_one_by_one():
    data, optimizer = made_data(), named("lonely_optimizers:Normed")
    rates = (RATES[0], RATES[3], RATES[6])
    events = [*train_cohorts([cohort_of(optimizer, rates)], data)]
    assert not any(isinstance(event, CohortFailed) for event in events)
    assert sum(isinstance(event, CohortStarted) for event in events) == 3
    results = [event for event in events if isinstance(event, CohortResult)]
    trained = [event.cohort.trials[0].config.learning_rate for event in results]
    assert trained == list(rates)
    for result in results:
        assert "whole variables" in result.provenance["trained_alone"]
        assert result.provenance["planned_trials"] == 3
    assert_is_keras_fit(optimizer, rates[-1], data)


@pytest.mark.usefixtures("own_folder")
@pytest.mark.parametrize("algorithm", ["schedule-free-adamw", "lonely_optimizers:FromWeights"])
def test_state_that_begins_at_the_weights_does_so_in_every_cohort(algorithm):
    data, optimizer = made_data(), named(algorithm)
    shared = CohortTraining(data)
    train(cohort_of(optimizer, RATES[:2], seed=1), data, shared)
    again = train(cohort_of(optimizer, RATES[:2]), data, shared)
    fresh = train(cohort_of(optimizer, RATES[:2]), data)
    assert np.array_equal(again.logits_PV, fresh.logits_PV)
    assert "trained_alone" not in fresh.result.provenance
    assert_is_keras_fit(optimizer, RATES[0], data)
