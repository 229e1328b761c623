"""In which type an optimizer computes, whatever the type of the weights.

Below ``radam`` and ``schedules``. Half precision is enough for a weight, and too little for sums
over steps, squares, and counts of steps: float16 counts to 2,048 and bfloat16 to 256.
"""


def at_least_float32(dtype: str) -> str:
    """The type itself if it has at least 32 bits, else float32.

    Args:
        dtype: a floating-point type, as Keras names it.

    Example:
        >>> [at_least_float32(dtype) for dtype in ("bfloat16", "float32", "float64")]
        ['float32', 'float32', 'float64']
    """
    return dtype if dtype in ("float32", "float64") else "float32"
