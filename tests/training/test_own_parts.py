"""What is wrong with the user's own optimizers, schedules and callbacks is told before a run."""

import pytest

from sweep.errors import StudyError
from sweep.study.networks import Network
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import OwnSchedule
from sweep.study.training_config import TrainingConfig
from sweep.training.own_parts import try_own

OWN = """
import keras

class Good(keras.optimizers.SGD):
    def __init__(self, learning_rate, power=1.0, **settings):
        if power > 2:
            raise ValueError("power is at most 2")
        super().__init__(learning_rate, **settings)

class Unbuilt(keras.optimizers.SGD):
    def __init__(self, learning_rate):
        self.power = powr

class Stepless(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        variable.assign_sub(gradient * missing)

class Greedy(keras.optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        import tensorflow as tf
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

def falls(step, steps):
    return 1 - step / (steps - 1)

def fails(step, steps):
    return steps / step

class Callback(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        if logs["val_accuracy"] < 0.1:
            self.model.optimizer.learning_rate *= 0.5

class Misspelt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        logs["val_acc"]
"""


@pytest.fixture(autouse=True)
def own_folder(own_module):
    own_module("tried_parts", OWN)
    own_module("no_python", "def f(:\n")
    own_module("needs_more", "import a_package_that_is_not_there\n")


def tried(algorithm="adam", settings=({},), schedule=None, callback=None):
    if schedule is not None:
        schedule = OwnSchedule(path=schedule)
    configs = [
        TrainingConfig(
            Optimizer(label="mine", algorithm=algorithm, settings=each, schedule=schedule),
            *(0.01, 3, 8, None),
        )
        for each in settings
    ]
    network = callback and Network(model="mlp", data="digits", callback=callback)
    try_own(configs, network)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"algorithm": "tried_parts:Good"},
        {"algorithm": "tried_parts:Good", "settings": ({"power": 3.0}, {"power": 1.0})},
        {"algorithm": "tried_parts:Greedy"},
        {"schedule": "tried_parts:falls"},
        {"callback": "tried_parts:Callback"},
    ],
)
def test_what_can_take_a_step_is_taken(parts):
    """So is what some settings alone make fail, and what has no memory: that fails alone."""
    tried(**parts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"algorithm": "tried_parts:Goood"},
            "the optimizer 'tried_parts:Goood' cannot be imported: AttributeError: module "
            "'tried_parts' has no attribute 'Goood'; did you mean Good?\n"
            "  remedy: Name what tried_parts defines.",
        ),
        (
            {"algorithm": "tried_parts:Good", "settings": ({"power": 3.0}, {"power": 4.0})},
            "optimizer 'mine' cannot be built: Good does not take {'power': 3.0}: power is at "
            "most 2\n  remedy: Correct the optimizer's settings in the study.",
        ),
        (
            {"algorithm": "tried_parts:Unbuilt"},
            "optimizer 'mine' (tried_parts:Unbuilt) fails before it has taken a step: NameError: "
            "name 'powr' is not defined (tried_parts.py, line 12)",
        ),
        (
            {"algorithm": "tried_parts:Stepless"},
            "optimizer 'mine' (tried_parts:Stepless) fails before it has taken a step: NameError: "
            "name 'missing' is not defined (tried_parts.py, line 16)",
        ),
        (
            {"algorithm": "no_python:Mine"},
            "the optimizer 'no_python:Mine' cannot be imported: SyntaxError: invalid syntax "
            "(no_python.py, line 1)\n  remedy: Mend no_python; --debug shows the whole traceback.",
        ),
        (
            {"algorithm": "needs_more:Mine"},
            "the optimizer 'needs_more:Mine' cannot be imported: ModuleNotFoundError: No module "
            "named 'a_package_that_is_not_there' (needs_more.py, line 1)\n"
            "  remedy: Install a_package_that_is_not_there, which needs_more imports.",
        ),
        (
            {"schedule": "tried_parts:fails"},
            "the schedule 'tried_parts:fails' fails at step 0: ZeroDivisionError: division by "
            "zero (tried_parts.py, line 27)",
        ),
        (
            {"callback": "tried_parts:Misspelt"},
            "tried_parts:Misspelt fails: KeyError: 'val_acc' (tried_parts.py, line 36)",
        ),
    ],
)
def test_what_cannot_is_told_with_its_line(parts, said):
    with pytest.raises(StudyError) as raised:
        tried(**parts)
    assert str(raised.value).startswith(said)
