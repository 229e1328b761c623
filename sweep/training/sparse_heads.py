"""The heads of P trials on features that are mostly zeros.

The first layer's weights and moments are NumPy arrays, which ``sparse_kernel`` reads and updates
in place; all that follows is Keras', as in ``stacked_heads``. The numbers are those of the stock
path but for the order of sums.

In the flow: ``compiled`` takes them where ``sparse`` says so; ``sparse_step`` trains them.

Legend: P trials, B examples, F features, H hidden units, S slices of W hidden units, N weights.
"""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.training.sparse import WIDTH
from sweep.training.stacked_heads import OutputLayer, initial_weights


class SparseHeads:
    """The heads of P trials, the first layer's weights apart.

    Attributes:
        shape: F, P and H.
        kernel_PSFW: the weights of the first layer, as ``sparse_kernel`` passes over them.
        variables: those of what follows it.
    """

    def __init__(
        self, trial_count: int, feature_count: int, hidden_units: int, class_count: int
    ) -> None:
        self.trial_count = trial_count
        self.output = OutputLayer(trial_count, hidden_units, class_count)
        self.variables = self.output.variables
        self.shape = feature_count, trial_count, hidden_units
        width = hidden_units if hidden_units % WIDTH else WIDTH
        slices = trial_count, hidden_units // width, feature_count, width
        self.kernel_PSFW = np.zeros(slices, np.float32)
        self._class_count = class_count

    def reset(self, seed: int) -> None:
        """Give every trial the seed's initial weights."""
        F, _, H = self.shape
        _, S, _, W = self.kernel_PSFW.shape
        weights = initial_weights(seed, F, H, self._class_count)
        self.kernel_PSFW[:] = weights.kernel_FH.reshape(F, S, W).transpose(1, 0, 2)
        self.output.reset(weights)

    def hidden_sums(self, bits_NF: NDArray[np.uint16], rows_B: NDArray[np.int32]) -> Any:
        """The first layer's products for these examples, (P, S, B, W).

        Args:
            bits_NF: features in float16, as whole numbers.
            rows_B: which examples.
        """
        from sweep.training import sparse_kernel as kernel

        return kernel.hidden_sums(bits_NF, kernel.FLOAT16, rows_B, self.kernel_PSFW)

    def joined(self, sums_PSBW: Any) -> Any:
        """Sums of slices as those of whole layers, (B, P, H); to be compiled."""
        P, S, B, W = sums_PSBW.shape
        return ops.reshape(ops.transpose(sums_PSBW, (2, 0, 1, 3)), (B, P, S * W))

    def in_slices(self, sums_BPH: Any) -> Any:
        """The other way; to be compiled."""
        P, S, _, W = self.kernel_PSFW.shape
        return ops.transpose(ops.reshape(sums_BPH, (-1, P, S, W)), (1, 2, 0, 3))

    def places_in_slices(self, places_N: NDArray[np.integer]) -> NDArray[np.int32]:
        """Where weights lie in ``kernel_PSFW``, by where they would in an array (F, P, H)."""
        f, p, h = np.unravel_index(places_N, self.shape)
        W = self.kernel_PSFW.shape[-1]
        places = np.ravel_multi_index((p, h // W, f, h % W), self.kernel_PSFW.shape)
        return places.astype(np.int32)
