"""The loss of P trials, inside the compiled step and outside of it.

Legend: P trials, B batch, N pictures.
"""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.planning.events import Floats


def losses_from_logits(logits_BP: Any, labels_B: Any) -> Any:
    """Binary cross-entropy of every picture and trial, shape (B, P).

    max(z, 0) − z·y + log(1 + exp(−|z|)), as TensorFlow's
    ``sigmoid_cross_entropy_with_logits``: exact at any logit.
    """
    labels = labels_B[:, None]
    magnitude: Any = ops.abs(logits_BP)
    softplus = ops.log1p(ops.exp(-magnitude))
    return ops.maximum(logits_BP, 0) - logits_BP * labels + softplus


def evaluate(
    logits_NP: NDArray[np.float32], labels_N: NDArray[np.integer]
) -> tuple[Floats, Floats]:
    """Mean binary cross-entropy and accuracy of every trial, each (P,), in float64."""
    logits = logits_NP.astype(np.float64)
    labels = labels_N[:, None].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        losses = np.maximum(logits, 0) - logits * labels + np.log1p(np.exp(-np.abs(logits)))
    return losses.mean(axis=0), ((logits > 0) == (labels > 0.5)).mean(axis=0)
