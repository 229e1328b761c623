"""From a study's optimizer to Keras'."""

import sys

import keras
import pytest

from sweep.errors import StudyError
from sweep.optimizers import RAdam
from sweep.optimizers.build import CLASSES, build
from sweep.study.optimizer import ALGORITHMS, COMMON_SETTINGS, Optimizer

OWN = """
import keras

class Mine(keras.optimizers.SGD):
    pass

class Lookahead(keras.optimizers.SGD):
    def __init__(self, learning_rate):
        super().__init__(learning_rate)
        self.inner = keras.optimizers.SGD(learning_rate)

class NotOne:
    pass
"""


def optimizer(algorithm: str, **settings) -> Optimizer:
    return Optimizer(label="mine", algorithm=algorithm, settings=settings)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The current folder, with a module of the user's; what importing changes is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "own_optimizers.py").write_text(OWN)
    yield tmp_path
    sys.modules.pop("own_optimizers", None)


def test_every_known_algorithm_has_its_class():
    assert set(CLASSES) == set(ALGORITHMS)
    for name in ALGORITHMS:
        assert type(build(optimizer(name), 0.1)).__name__.lower() == name.replace("-", "")


def test_every_optimizer_of_the_installed_keras_is_known_or_wraps_another():
    """One that a newer Keras brings is to be entered in the table."""
    classes = {
        name: kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    }
    unknown = {
        name
        for name, kind in classes.items()
        if kind is not keras.optimizers.Optimizer
        and optimizer(f"keras.optimizers:{name}").known_algorithm is None
    }
    assert unknown <= {"LossScaleOptimizer", "MultiOptimizer"}
    by_path = optimizer("keras.src.optimizers.adafactor:Adafactor")
    assert by_path.known_algorithm == "adafactor"
    assert optimizer("my_keras.optimizers:Adam").known_algorithm is None
    assert optimizer("keras.optimizers:RAdam").known_algorithm is None  # Keras has none


def test_what_wraps_another_optimizer_or_scales_the_loss_is_refused():
    with pytest.raises(StudyError, match="wraps another optimizer"):
        build(optimizer("keras.optimizers:LossScaleOptimizer"), 0.1)
    with pytest.raises(StudyError, match="the loss is not scaled here"):
        build(optimizer("keras.optimizers:SGD", loss_scale_factor=1024.0), 0.1)


@pytest.mark.usefixtures("own_folder")
def test_an_optimizer_that_holds_another_is_refused():
    with pytest.raises(StudyError, match="wraps another optimizer") as refused:
        build(optimizer("own_optimizers:Lookahead"), 0.1)
    assert "wraps another optimizer" in refused.value.wrong


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_studys_defaults_are_those_of_the_installed_class(name):
    """They decide which settings say nothing, and with that which trials are the same."""
    by_class = CLASSES[name](0.1).get_config()
    by_study = COMMON_SETTINGS | ALGORITHMS[name]
    assert by_study == {setting: by_class.get(setting, "absent") for setting in by_study}
    said = build(optimizer(name, **by_study), 0.1).get_config()
    assert said | {"name": ""} == by_class | {"name": ""}


def test_settings_reach_the_optimizer():
    radam = build(optimizer("radam", beta_2=0.9, threshold=4.0, weight_decay=0.1), 0.5)
    assert isinstance(radam, RAdam)
    assert (radam.beta_2, radam.threshold, radam.weight_decay) == (0.9, 4.0, 0.1)
    assert float(radam.learning_rate) == 0.5


@pytest.mark.usefixtures("own_folder")
def test_an_optimizer_of_your_own_in_the_current_folder():
    own = build(optimizer("own_optimizers:Mine", momentum=0.5), 0.1)
    assert type(own).__name__ == "Mine"
    assert own.momentum == 0.5


def test_an_optimizer_of_your_own_from_what_is_installed():
    assert isinstance(build(optimizer("sweep.optimizers:RAdam"), 0.1), RAdam)


@pytest.mark.parametrize(
    ("algorithm", "got"),
    [
        ("no_such_module_here:Mine", "No module named 'no_such_module_here'"),
        ("own_optimizers:Absent", "no attribute 'Absent'"),
        ("own_optimizers:NotOne", "own_optimizers.NotOne"),
        ("own_optimizers:keras", "<module 'keras'"),
        ("broken:Mine", "ZeroDivisionError"),
    ],
)
def test_what_is_no_optimizer_is_refused(own_folder, algorithm, got):
    (own_folder / "broken.py").write_text("1 / 0")
    with pytest.raises(StudyError, match=algorithm) as refused:
        build(optimizer(algorithm), 0.1)
    assert got in refused.value.wrong
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("algorithm", "settings", "got"),
    [
        ("radam", {"below_threshold": "never"}, "below_threshold='never'"),
        ("adam", {"clipnorm": 1.0, "clipvalue": 1.0}, "clipvalue=1.0"),
        ("keras.optimizers:SGD", {"no_such": 1}, "no_such"),
    ],
)
def test_refused_settings_name_the_label_and_the_value(algorithm, settings, got):
    with pytest.raises(StudyError, match="'mine'") as refused:
        build(optimizer(algorithm, **settings), 0.1)
    assert got in refused.value.wrong
