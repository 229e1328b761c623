"""Values of a swept hyperparameter."""

import math

MAX_LEARNING_RATES = 10_000


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` values from ``low`` to ``high``, both included, at equal ratios.

    Rounded to four significant digits, so that they can be typed again.

    Example:
        >>> log_spaced(0.003, 0.1, 3)
        (0.003, 0.01732, 0.1)
    """
    if count > MAX_LEARNING_RATES:
        raise ValueError(f"at most {MAX_LEARNING_RATES:,} values, not {count:,}")
    if count == 1:
        return (low,)
    ratio = math.log(high / low) / (count - 1)
    return tuple(float(f"{low * math.exp(ratio * index):.4g}") for index in range(count))
