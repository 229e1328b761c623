"""Examples that a function of the user's own returns.

``function()`` returns ``(x_train, y_train), (x_valid, y_valid)``: arrays, or anything that NumPy
makes one of, such as a tensor; or in place of a pair a ``tf.data.Dataset`` or a
``keras.utils.PyDataset`` of batches ``(x, y)``, which is read once, from its beginning to its end,
into memory: more than fits is refused while it is read, and so is what never ends.

Targets that are whole numbers 0 … K − 1, all of them there, are classes; all else is not.

Legend: N examples (training first), K classes.
"""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from sweep.data.examples import Examples, examples_of
from sweep.errors import MemoryShortError, StudyError
from sweep.tasks.own import imported, told_of
from sweep.util.progress import Progress, silent

Batches = list[NDArray[Any]]

_RULE = (
    "It returns (x_train, y_train), (x_valid, y_valid): arrays of numbers, or in place of a pair a "
    "tf.data.Dataset or keras.utils.PyDataset of batches (x, y)."
)
_PARTS = ("training", "validation")
_CHUNK = 1024
_MEMORY_SHARE = 0.8
"""Of the memory that is available, for examples: the rest is for their training."""


def own_examples(
    path: str, progress: Progress = silent, memory_bytes: int | None = None
) -> Examples:
    """The examples of ``module:function``.

    Args:
        path: the module may lie in the current folder; what is installed comes first.
        progress: told of batches that are read.
        memory_bytes: for all that is read in batches; None for most of what is available.

    Raises:
        MemoryShortError: they do not fit into it.
        StudyError: it cannot be imported, fails, or does not return what it should.
    """
    function = imported(path, "data")
    with told_of(path):
        returned = function()
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise _wrong(path, f"returned {_kind(returned)}, and not training and validation examples")
    left = memory_bytes or int(_MEMORY_SHARE * psutil.virtual_memory().available)
    parts: list[tuple[Batches, Batches]] = []
    for what, part in zip(_PARTS, returned, strict=True):
        parts.append(_batches(path, what, part, progress, left))
        left -= sum(map(_bytes, parts[-1]))
    del returned
    train_count = sum(map(len, parts[0][1]))
    inputs_N = _joined(path, "inputs", [*parts[0][0], *parts[1][0]])
    targets_N = _joined(path, "targets", [*parts[0][1], *parts[1][1]])
    targets_N, class_count = _classes(targets_N)
    return examples_of(
        inputs_N,
        targets_N,
        train_count,
        name=path,
        source=f"{path}, a function of your own",
        class_names=tuple(map(str, range(class_count))),
    )


def _batches(
    path: str, what: str, part: Any, progress: Progress, memory_bytes: int
) -> tuple[Batches, Batches]:
    """Inputs and targets of one part, as the arrays that they come in."""
    inputs: Batches = []
    targets: Batches = []
    read_bytes = 0
    with told_of(path):
        for number, pair in enumerate(_pairs(path, what, part), start=1):
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise _wrong(path, f"returned {_kind(pair)} for {what}, and not inputs and targets")
            x, y = (
                _array(path, f"{what} {name}", values)
                for name, values in zip(("inputs", "targets"), pair, strict=True)
            )
            if len(x) != len(y):
                raise _wrong(path, f"returned {len(x):,} {what} inputs and {len(y):,} targets")
            inputs.append(x)
            targets.append(y)
            read_bytes += x.nbytes + y.nbytes
            if read_bytes > memory_bytes and number > 1:
                raise _too_much(path, what, sum(map(len, inputs)), read_bytes)
            progress(f"reading {what} examples", number, None, "batches")
    if not sum(map(len, inputs)):
        raise _wrong(path, f"returned no {what} examples")
    return inputs, targets


def _pairs(path: str, what: str, part: Any) -> Iterator[Any]:
    """The pairs of inputs and targets that a part consists of: itself, or batches.

    Whether it is one of TensorFlow's or Keras' can only be where they have been imported.
    """
    tensorflow, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    if tensorflow is not None and isinstance(part, tensorflow.data.Dataset):
        if int(part.cardinality()) == tensorflow.data.INFINITE_CARDINALITY:
            raise _wrong(path, f"returned a dataset of {what} examples that never ends")
        yield from part
    elif keras is not None and isinstance(part, keras.utils.PyDataset):
        count = part.num_batches
        if count is None:
            raise _wrong(path, f"returned a dataset of {what} examples that never ends")
        yield from (part[index] for index in range(count))
    else:
        yield part


def _array(path: str, what: str, values: Any) -> NDArray[Any]:
    """As numbers, the first dimension the examples."""
    try:
        array = np.asarray(values)
    except Exception as error:  # whatever the object that is asked for an array
        raise _wrong(path, f"returned {what} that are no array: {error}") from error
    if array.dtype.kind not in "buif":
        raise _wrong(path, f"returned {what} of the type {array.dtype}, which are no numbers")
    if array.ndim == 0:
        raise _wrong(path, f"returned {what} that are a single number")
    bad = sum(
        int(np.count_nonzero(~np.isfinite(array[start : start + _CHUNK])))
        for start in range(0, len(array) if array.dtype.kind == "f" else 0, _CHUNK)
    )
    if bad:
        raise _wrong(path, f"returned {what} of which {bad:,} numbers are infinite or NaN")
    return array


def _joined(path: str, what: str, batches: Batches) -> NDArray[Any]:
    """All examples as one array; each batch is let go as soon as it is copied."""
    shapes = {batch.shape[1:] for batch in batches}
    if len(shapes) > 1:
        shown = " and ".join(map(str, sorted(shapes)))
        raise _wrong(path, f"returned {what} of several shapes: {shown}")
    kind = np.result_type(*{batch.dtype for batch in batches})
    kind = np.dtype(np.float32) if kind == np.float64 else kind
    joined = np.empty((sum(map(len, batches)), *shapes.pop()), kind)
    start = 0
    while batches:
        batch = batches.pop(0)
        joined[start : start + len(batch)] = batch
        start += len(batch)
    return joined


def _classes(targets_N: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Targets with K, or 0 where they are no classes; a last dimension of 1 says nothing of one."""
    flat_N = targets_N.reshape(-1) if targets_N.shape[1:] == (1,) else targets_N
    if flat_N.ndim != 1 or flat_N.dtype.kind not in "bui" or int(flat_N.min()) < 0:
        return targets_N, 0
    class_count = int(flat_N.max()) + 1
    if class_count < 2 or class_count > len(flat_N):
        return targets_N, 0
    if not np.bincount(flat_N.astype(np.intp), minlength=class_count).all():
        return targets_N, 0
    return flat_N.astype(np.int32), class_count


def _bytes(batches: Batches) -> int:
    return sum(batch.nbytes for batch in batches)


def _too_much(path: str, what: str, count: int, read_bytes: int) -> MemoryShortError:
    return MemoryShortError(
        f"{path} returned more {what} examples than fit into memory: {count:,} were read, "
        f"{read_bytes / 1e9:,.3g} GB, and they went on",
        rule="All examples are read into memory before anything is trained.",
        remedy="Return fewer, or in a smaller type such as uint8. If the data set never ends, end "
        "it: dataset.take(1000).",
    )


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def _wrong(path: str, what: str) -> StudyError:
    return StudyError(f"{path} {what}", rule=_RULE, remedy="Mend the function.")
