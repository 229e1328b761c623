"""What a misspelt name most likely means."""

import pytest

from sweep.study.hyperparameters import HYPERPARAMETERS
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
from sweep.util.nearest import nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("adma", "adam"), ("daam", "adam"), ("adm", "adam"), ("adem", "adam"), ("Adam", "adam")),
        *(("adamm", "adam"), ("admax", "adamax"), ("adamaw", "adamw"), ("radma", "radam")),
        *(("rmsporp", "rmsprop"), ("sdg", "sgd"), ("SGD ", "sgd"), ("adam_warmup", "adam-warmup")),
        *(("loin", "lion"), ("adagrda", "adagrad"), ("nadma", "nadam"), ("labm", "lamb")),
    ],
)
def test_optimizers(typed, meant):
    assert nearest(typed, BUILT_IN_OPTIMIZERS) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("bach_size", "batch_size"), ("learning-rate", "learning_rate"), ("epoch", "epochs")),
        *(("lerning_rate", "learning_rate"), ("optimizer.bata_2", "optimizer.beta_2")),
    ],
)
def test_hyperparameters(typed, meant):
    assert nearest(typed, HYPERPARAMETERS) == meant


def test_what_is_near_to_nothing_has_no_guess():
    assert nearest("xyzzy", BUILT_IN_OPTIMIZERS) is None
    assert nearest("", BUILT_IN_OPTIMIZERS) is None
    assert nearest("adam", []) is None
