"""What becomes of inputs before a network sees them; see ``study.networks.Inputs``.

Where a picture is cropped and whether it is mirrored is drawn by NumPy from the seed and the epoch,
the same for every optimizer, point and backend; it is done on the device.

Legend: N training examples, B batch, Y, X, C of a picture.
"""

from typing import Any, NamedTuple

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.study.networks import Inputs


class Places(NamedTuple):
    """Of each picture of a batch.

    Attributes:
        offsets_B2: of the crop in the padded picture, down and to the right, 0 … 2 · crop.
        mirrored_B: 1 where it is mirrored, else 0.
    """

    offsets_B2: Any
    mirrored_B: Any


def drawn_places(inputs: Inputs, seed: int, epoch: int, train_count: int) -> Places:
    """Of every training example in an epoch, (N, …)."""
    random = np.random.default_rng([seed, 2, epoch])
    offsets_N2 = random.integers(0, 2 * inputs.crop + 1, (train_count, 2), dtype=np.int32)
    mirrored_N = random.integers(0, 2, train_count, dtype=np.int32) * np.int32(inputs.flip)
    return Places(offsets_N2, mirrored_N)


def augmented(pictures_BYXC: Any, places: Places, crop: int) -> Any:
    """Pictures padded by zeros, cropped to their size at their places, and mirrored.

    Args:
        pictures_BYXC: (B, Y, X, C).
        places: of each.
        crop: pixels of the padding on each side.
    """
    _, height, width, _ = pictures_BYXC.shape
    padded = ops.pad(pictures_BYXC, ((0, 0), (crop, crop), (crop, crop), (0, 0)))
    y_Y: Any = ops.arange(height, dtype="int32")
    x_X: Any = ops.arange(width, dtype="int32")
    y_BY: Any = places.offsets_B2[:, :1] + y_Y[None]
    mirrored_B1 = places.mirrored_B[:, None]
    x_BX: Any = places.offsets_B2[:, 1:] + x_X[None] + mirrored_B1 * (width - 1 - 2 * x_X[None])
    rows: Any = ops.take_along_axis(padded, y_BY[:, :, None, None], axis=1)
    return ops.take_along_axis(rows, x_BX[:, None, :, None], axis=2)


def prepared(inputs_B: Any, inputs: Inputs) -> Any:
    """Inputs scaled, and normalized by channel; in float32.

    Whole numbers other than those of pictures (uint8) that nothing is done to stay as they are, for
    a model that looks them up (an embedding).
    """
    kind = str(inputs_B.dtype)
    if "int" in kind and "uint8" not in kind and inputs == Inputs():
        return inputs_B
    values: Any = ops.cast(inputs_B, "float32")
    if inputs.scale != 1:
        values = values * inputs.scale
    if inputs.mean:
        values = (values - np.array(inputs.mean, np.float32)) / np.array(
            inputs.deviation, np.float32
        )
    return values


def places_of(places: Places, rows: NDArray[np.int64]) -> Places:
    """Of a batch's training examples, by their number among them."""
    return Places(places.offsets_B2[rows], places.mirrored_B[rows])
