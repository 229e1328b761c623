"""How sentences, tables, figures and pages say things: names, numbers, lists. One set for all."""

import math
from collections.abc import Iterable, Mapping, Sequence

NAMES = {
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "adagrad": "Adagrad",
    "adam": "Adam",
    "adam-2k": "Adam-2k",
    "adam-eps": "Adam-eps",
    "adam-untuned-exponential": "Adam with untuned exponential warm-up",
    "adam-untuned-linear": "Adam with untuned linear warm-up",
    "adam-warmup": "Adam with warm-up",
    "adamax": "Adamax",
    "adamw": "AdamW",
    "ftrl": "FTRL",
    "lamb": "LAMB",
    "lion": "Lion",
    "lookahead-adam": "Lookahead (Adam)",
    "muon": "Muon",
    "nadam": "Nadam",
    "radam": "RAdam",
    "radam-keras-2019": "RAdam (Keras package of 2019)",
    "radam-paper": "RAdam (threshold 4)",
    "radam-skip": "RAdam (skip)",
    "ranger": "Ranger",
    "rmsprop": "RMSprop",
    "schedule-free-adamw": "schedule-free AdamW",
    "sgd": "SGD",
    "sgd-l2": "SGD with L2",
}
"""By label; any other optimizer is called by its label."""

_COUNTED = {
    "learning rate": ("learning rate", "learning rates"),
    "batch size": ("batch size", "batch sizes"),
    "warm-up length": ("warm-up length", "warm-up lengths"),
    "epochs": ("number of epochs", "numbers of epochs"),
    "hidden units": ("number of hidden units", "numbers of hidden units"),
}
"""What one value and several values are called; others are values of their hyperparameter."""
_AN = ("a", "e", "i", "o", "ε", "L1", "L2")


def names_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The optimizers' names in the labels' order; their labels where two would have one name.

    Example:
        >>> names_of(("radam", "mine"))
        ('RAdam', 'mine')
    """
    names = tuple(NAMES.get(label, label) for label in labels)
    return names if len({*names}) == len(names) else tuple(labels)


def one_value(words: str) -> str:
    """What one value of a hyperparameter is called.

    Example:
        >>> one_value("epochs"), one_value("β₂")
        ('number of epochs', 'β₂')
    """
    return _COUNTED.get(words, (words,))[0]


def with_article(words: str) -> str:
    """A hyperparameter with its article.

    Example:
        >>> [with_article(words) for words in ("batch size", "ε", "epochs")]
        ['a batch size', 'an ε', 'a number of epochs']
    """
    one = one_value(words)
    return f"{'an' if one.startswith(_AN) else 'a'} {one}"


def counted_values(count: int, words: str) -> str:
    """So many values of a hyperparameter.

    Example:
        >>> counted_values(6, "batch size"), counted_values(3, "β₂"), counted_values(1, "β₂")
        ('6 batch sizes', '3 values of β₂', '1 value of β₂')
    """
    one, several = _COUNTED.get(words, (f"value of {words}", f"values of {words}"))
    return f"{count:,} {one if count == 1 else several}"


def number(value: float) -> str:
    """A value of a hyperparameter: whole numbers whole, others to four significant digits.

    Between 0.9 and 1 the digits are those of what is missing to 1.

    Example:
        >>> number(0.001), number(512), number(16384), number(0.99995)
        ('0.001', '512', '16,384', '0.99995')
    """
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    if 0.9 < value < 1:
        return f"{1 - float(f'{1 - value:.4g}'):.12g}"
    return f"{value:.4g}"


def percent(value: float, digits: int = 1) -> str:
    """A share in percent.

    Example:
        >>> percent(0.9312), percent(float("nan"))
        ('93.1 %', '–')
    """
    return "–" if math.isnan(value) else f"{100 * value:.{digits}f} %"


def decimal(value: float, digits: int = 3) -> str:
    """A plain number, an en dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def has_width(low: float, high: float) -> bool:
    """Whether an interval is worth telling: it is known, and its ends differ.

    An interval without width is left out: seeds that agree exactly are no proof of certainty.

    Example:
        >>> has_width(0.9, 1.0), has_width(1.0, 1.0), has_width(float("nan"), float("nan"))
        (True, False, False)
    """
    return bool(low < high)


NO_WIDTH = (
    "No interval is given where all seeds agree exactly, as with perfect accuracies: that they "
    "agree is no certainty."
)
"""Why an interval is left out although there are enough seeds."""
LEARNED_NOTHING = "learned nothing"
"""What stands in place of a measure that says something only of what learned something."""


def signed(value: float, digits: int) -> str:
    """With a proper minus sign, and none before zero.

    Example:
        >>> signed(-0.25, 1), signed(-0.01, 1)
        ('−0.2', '0.0')
    """
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def points(share: float) -> str:
    """A measured difference of shares, in points.

    Example:
        >>> points(0.01), points(0.005), points(0.0321)
        ('1 point', '0.5 points', '3.2 points')
    """
    text = f"{100 * share:.{1 if abs(share) >= 0.001 else 2}f}".removesuffix(".0")
    return f"{text} point{'' if text == '1' else 's'}"


def margin_points(share: float) -> str:
    """A margin in points, with all its digits.

    Example:
        >>> margin_points(0.01), margin_points(0.0025)
        ('1 point', '0.25 points')
    """
    text = f"{100 * share:g}"
    return f"{text} point{'' if text == '1' else 's'}"


def duration(seconds: float) -> str:
    """About how long, in one unit.

    Example:
        >>> [duration(seconds) for seconds in (40, 150, 2100, 9000, 300000)]
        ['40 seconds', '2.5 minutes', '35 minutes', '2.5 hours', '3.5 days']
    """
    units = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((it for it in units if seconds >= 2 * it[0]), units[-1])
    count = seconds / size
    text = f"{count:.{1 if count < 10 and size > 1 else 0}f}".removesuffix(".0")
    return f"{text} {unit}{'' if text == '1' else 's'}"


def memory_unit(bytes_O: Iterable[float]) -> tuple[str, float]:
    """The unit that amounts of memory are shown in, and how much of it a byte is.

    Example:
        >>> memory_unit([5.0e6, 7.0e4]), memory_unit([140_000.0])
        (('MiB', 9.5367431640625e-07), ('KiB', 0.0009765625))
    """
    most = max((value for value in bytes_O if value == value), default=0.0)
    return ("MiB", 2.0**-20) if most >= 2**20 or not most else ("KiB", 2.0**-10)


def digits_to_show(value: float) -> int:
    """Decimals with which a number above zero is not rounded to zero, at most 6."""
    return next((digits for digits in range(6) if round(value, digits) > 0), 6)


def counted(count: int, thing: str) -> str:
    """``1 seed``, ``5 seeds``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def listed(words: Sequence[str], word: str = "and") -> str:
    """``a, b and c``; nothing of nothing."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {word} {words[-1]}"


def ranked(shares: Mapping[str, float]) -> str:
    """Labels with their shares in percent, the highest first; of many the first and the last.

    Example:
        >>> ranked({"adam": 0.9, "radam": 0.95})
        'radam 95.0 % and adam 90.0 %'
    """
    ordered = sorted(shares, key=lambda label: -shares[label])
    told = ordered if len(ordered) <= 3 else [ordered[0], ordered[-1]]
    return listed([f"{label} {percent(shares[label])}" for label in told])


def capitalised(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
