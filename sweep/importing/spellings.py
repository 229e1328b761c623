"""What programs call the columns of a table of results, and what sweep calls them. Pure.

``columns`` asks; a name is compared without the prefixes that trackers put before it, in small
letters, with underscores for all that is no letter or digit.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sweep.study.hyperparameters import HYPERPARAMETERS

_PREFIX = re.compile(r"^(config|params|param|metrics|metric|summary|hparams|tags|tag)[./]")

ROLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "optimizer": (
        ("optimizer", "optim", "optimizer_name", "optimiser", "opt"),
        ("algorithm", "method"),
    ),
    "seed": (("seed", "random_seed", "rng_seed", "random_state", "seed_everything"),),
    "valid_accuracy": (
        (
            *("valid_accuracy", "val_accuracy", "validation_accuracy", "eval_accuracy"),
            *("valid_acc", "val_acc", "validation_acc", "eval_acc"),
            *("test_accuracy", "test_acc"),
            *("val_binary_accuracy", "val_categorical_accuracy"),
            *("val_sparse_categorical_accuracy", "val_top1", "test_top1", "val_acc1"),
        ),
        ("accuracy", "acc", "top1", "score"),
    ),
    "epoch": (("epoch", "epochs_trained"), ("_step", "step", "trainer_global_step", "global_step")),
    "train_loss": (("train_loss", "training_loss", "loss_train", "train_loss_epoch"), ("loss",)),
    "train_accuracy": (("train_accuracy", "train_acc", "training_accuracy", "train_acc_epoch"),),
    "valid_loss": (
        ("valid_loss", "val_loss", "validation_loss", "eval_loss"),
        ("test_loss",),
    ),
    "guessing": (("guessing", "guessing_level", "chance", "chance_level", "baseline"),),
    "seconds": (("seconds", "train_seconds", "training_seconds"),),
    "state": (("state", "status", "outcome"),),
}
"""By what sweep calls a column: its usual names, those of the second line where none of the first
is there (Keras calls the training's accuracy and loss ``accuracy`` and ``loss``)."""

_HYPERPARAMETERS = {
    "learning_rate": ("learning_rate", "lr", "base_lr", "initial_lr", "eta", "step_size"),
    "batch_size": ("batch_size", "bs", "batch", "train_batch_size"),
    "hidden_units": ("hidden_units", "hidden_size", "hidden_dim", "units"),
    "warmup.steps": ("warmup_steps", "num_warmup_steps"),
    "warmup.share": ("warmup_share", "warmup_ratio", "warmup_fraction"),
    "optimizer.beta_1": ("beta_1", "beta1", "optimizer_beta_1"),
    "optimizer.beta_2": ("beta_2", "beta2", "optimizer_beta_2"),
    "optimizer.momentum": ("momentum", "optimizer_momentum"),
    "optimizer.epsilon": ("epsilon", "eps", "adam_epsilon", "optimizer_epsilon"),
    "optimizer.weight_decay": ("weight_decay", "wd", "optimizer_weight_decay"),
}


@dataclass(frozen=True)
class Guess:
    """What a column seems to be: a role or hyperparameter, and how sure that is (0 is surest)."""

    name: str
    tier: int


def plain_name(column: str) -> str:
    """A column's name without prefix and signs.

    Example:
        >>> plain_name("metrics.val/Acc"), plain_name("config.lr"), plain_name("_step")
        ('val_acc', 'lr', '_step')
    """
    return re.sub(r"[^a-z0-9]+", "_", _PREFIX.sub("", column.strip().lower()))


def guess(column: str) -> Guess | None:
    """What a column of this name is; None where nothing is known of it.

    Example:
        >>> guess("params.lr").name, guess("val_acc").name, guess("notes")
        ('learning_rate', 'valid_accuracy', None)
    """
    return _KNOWN.get(plain_name(column))


def guesses(columns: Iterable[str], metric: str) -> dict[str, Guess]:
    """What columns are of a table that is judged by another metric than accuracy.

    Its validation values stand for the accuracies; columns of accuracies are left out.

    Args:
        columns: their names.
        metric: its name.

    Example:
        >>> found = guesses(["lr", "loss", "val_loss", "val_acc"], "loss")
        >>> {column: it.name for column, it in found.items()}
        {'lr': 'learning_rate', 'loss': 'train_loss', 'val_loss': 'valid_accuracy'}
    """
    name, columns = plain_name(metric), [*columns]
    said = {f"{part}_{name}": Guess("valid_accuracy", 0) for part in _VALID}
    said |= {f"{part}_{name}": Guess("train_accuracy", 0) for part in _TRAIN}
    if not any(f"{part}_{name}" in map(plain_name, columns) for part in _VALID):
        said[name] = Guess("valid_accuracy", 1)
    others = {column: guess(column) for column in columns}
    found = {column: said.get(plain_name(column)) or others[column] for column in columns}
    return {
        column: it
        for column, it in found.items()
        if it is not None and (plain_name(column) in said or it.name not in _OF_ACCURACY)
    }


_VALID = ("valid", "val", "validation", "eval", "test")
_TRAIN = ("train", "training")
_OF_ACCURACY = ("valid_accuracy", "train_accuracy")


_KNOWN: dict[str, Guess] = {
    **{plain_name(name): Guess(name, 0) for name in HYPERPARAMETERS if name != "epochs"},
    **{
        spelling: Guess(name, 0)
        for name, spellings in _HYPERPARAMETERS.items()
        for spelling in spellings
    },
    **{
        spelling: Guess(name, tier)
        for name, tiers in ROLES.items()
        for tier, spellings in enumerate(tiers)
        for spelling in spellings
    },
}
