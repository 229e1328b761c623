"""How sentences, figures and pages call optimizers; commands and files go by their labels."""

from collections.abc import Sequence

NAMES = {
    "adadelta": "Adadelta",
    "adagrad": "Adagrad",
    "adam": "Adam",
    "adam-warmup": "Adam with warm-up",
    "adamax": "Adamax",
    "adamw": "AdamW",
    "ftrl": "FTRL",
    "lamb": "LAMB",
    "lion": "Lion",
    "nadam": "Nadam",
    "radam": "RAdam",
    "radam-skip": "RAdam (skip)",
    "rmsprop": "RMSprop",
    "sgd": "SGD",
}
"""By label; any other optimizer is called by its label."""


def names_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The optimizers' names in the labels' order; their labels where two would have one name.

    Example:
        >>> names_of(("radam", "mine"))
        ('RAdam', 'mine')
    """
    names = tuple(NAMES.get(label, label) for label in labels)
    return names if len({*names}) == len(names) else tuple(labels)
