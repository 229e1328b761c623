"""Whether trials can train together: the table against the probe, and optimizers of one's own."""

import pytest

from sweep.optimizers import probe
from sweep.study.optimizer import Optimizer

OWN = """
import keras
from keras import ops

class ElementWise(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(ops.tanh(gradient), variable, learning_rate)

class Normed(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        length = ops.maximum(1.0, ops.norm(ops.reshape(gradient, (-1,))))
        super().update_step(gradient / length, variable, learning_rate)

class NormInState(keras.optimizers.SGD):
    '''Its steps are element-wise, and what it keeps is not.'''

    def build(self, variables):
        super().build(variables)
        self.norms = [self.add_variable((), name="norm") for _ in variables]

    def update_step(self, gradient, variable, learning_rate):
        norm = self.norms[self._get_variable_index(variable)]
        self.assign(norm, ops.norm(ops.reshape(gradient, (-1,))))
        super().update_step(gradient, variable, learning_rate)

class OneRate(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, ops.reshape(learning_rate, ()))

class Broken(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        raise RuntimeError("no steps")
"""


@pytest.fixture
def own_folder(own_module):
    own_module("probed_optimizers", OWN)


def own(name, **settings):
    return Optimizer(label="o", algorithm=f"probed_optimizers:{name}", settings=settings)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ElementWise", None),
        ("Normed", "other steps together than alone"),
        ("NormInState", "other steps together than alone"),
        ("OneRate", "cannot take a learning rate for each trial"),
        ("Broken", None),  # training it says what is wrong
        ("Absent", None),
    ],
)
@pytest.mark.usefixtures("own_folder")
def test_an_optimizer_of_your_own_is_probed(name, why):
    found = probe.alone_because(own(name))
    assert found is None if why is None else found is not None and why in found


@pytest.mark.parametrize("algorithm", ["Muon", "ScheduleFreeAdamW"])
def test_the_probe_agrees_with_the_table(algorithm):
    """Asked of Keras' classes as if they were not known."""
    path = f"keras.optimizers:{algorithm}"
    is_alone = probe._probed(path, "{}") is not None
    assert is_alone == (Optimizer(label="o", algorithm=path).alone_because is not None)


def test_settings_are_probed_too():
    """As of a class that is not known, one setting decides."""
    assert probe._probed("keras.optimizers:SGD", '{"clipnorm": 1.0}')
    assert probe._probed("keras.optimizers:SGD", '{"clipvalue": 1.0}') is None


def test_what_is_known_takes_no_step(monkeypatch):
    monkeypatch.setattr(probe, "_probed", None)
    assert probe.alone_because(Optimizer(label="o", algorithm="adam")) is None
    assert "means" in (probe.alone_because(Optimizer(label="o", algorithm="adafactor")) or "")
    muon = Optimizer(label="o", algorithm="keras.optimizers:Muon")
    assert "matrices" in (probe.alone_because(muon) or "")
