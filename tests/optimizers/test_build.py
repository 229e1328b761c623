"""From a study's optimizer to Keras'."""

import sys

import pytest

from sweep.errors import StudyError
from sweep.optimizers import RAdam
from sweep.optimizers.build import CLASSES, build
from sweep.study.optimizer import ALGORITHMS, COMMON_SETTINGS, Optimizer

OWN = """
import keras

class Mine(keras.optimizers.SGD):
    pass

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
        assert type(build(optimizer(name), 0.1)).__name__.lower() == name


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
        ("radam", {"beta_2": 1.5}, "beta_2=1.5"),
        ("adam", {"clipnorm": 1.0, "clipvalue": 1.0}, "clipvalue=1.0"),
        ("keras.optimizers:SGD", {"no_such": 1}, "no_such"),
    ],
)
def test_refused_settings_name_the_label_and_the_value(algorithm, settings, got):
    with pytest.raises(StudyError, match="'mine'") as refused:
        build(optimizer(algorithm, **settings), 0.1)
    assert got in refused.value.wrong
