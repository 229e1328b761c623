"""The heads of P trials on features that are mostly zeros.

The first layer's weights and moments are NumPy arrays, which ``sparse_kernel`` reads and updates
in place; all that follows is Keras', as in ``stacked_heads``. The numbers are those of the stock
path but for the order of sums.

In the flow: ``compiled`` takes them where ``sparse`` says so; ``sparse_step`` trains them.

Legend: P trials, F features, H hidden units.
"""

import numpy as np

from sweep.training.stacked_heads import OutputLayer, initial_weights


class SparseHeads:
    """The heads of P trials, the first layer's weights apart.

    Attributes:
        kernel_FPH: the weights of the first layer.
        variables: those of what follows it.
    """

    def __init__(
        self, trial_count: int, feature_count: int, hidden_units: int, class_count: int
    ) -> None:
        self.trial_count = trial_count
        self.output = OutputLayer(trial_count, hidden_units, class_count)
        self.variables = self.output.variables
        self.kernel_FPH = np.zeros((feature_count, trial_count, hidden_units), np.float32)
        self._class_count = class_count

    def reset(self, seed: int) -> None:
        """Give every trial the seed's initial weights."""
        F, _, H = self.kernel_FPH.shape
        weights = initial_weights(seed, F, H, self._class_count)
        self.kernel_FPH[:] = weights.kernel_FH[:, None, :]
        self.output.reset(weights)
