"""The loss of P trials, inside the compiled step and outside of it.

Always from logits: one a trial for two classes (sigmoid), one a class for more (softmax).

Legend: P trials, B batch, N examples, C classes.
"""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from sweep.planning.events import Floats


def losses_from_logits(logits: Any, labels_B: Any) -> Any:
    """Cross-entropy of every example and trial, (B, P).

    Of two classes max(z, 0) − z·y + log(1 + exp(−|z|)), as TensorFlow's
    ``sigmoid_cross_entropy_with_logits``: exact at any logit. Of more log Σ exp z − z_y, as its
    ``softmax_cross_entropy_with_logits``.

    Args:
        logits: (B, P), or (B, P, C) for more than two classes.
        labels_B: classes, whole numbers.
    """
    if len(logits.shape) == 3:
        chosen_BC: Any = ops.one_hot(labels_B, logits.shape[-1], dtype=logits.dtype)
        chosen_BP: Any = ops.sum(chosen_BC[:, None, :] * ops.log_softmax(logits, axis=-1), axis=-1)
        return -chosen_BP
    labels: Any = ops.cast(labels_B, logits.dtype)
    labels = labels[:, None]
    magnitude: Any = ops.abs(logits)
    softplus = ops.log1p(ops.exp(-magnitude))
    return ops.maximum(logits, 0) - logits * labels + softplus


def right_from_logits(logits: Any, labels_B: Any) -> Any:
    """1 where the likeliest class is the example's, else 0; (B, P)."""
    likeliest_BP = ops.argmax(logits, axis=-1) if len(logits.shape) == 3 else logits > 0
    labels: Any = ops.cast(labels_B, "int32")
    return ops.cast(ops.cast(likeliest_BP, "int32") == labels[:, None], "float32")


def evaluate(logits: NDArray[np.float32], labels_N: NDArray[np.integer]) -> tuple[Floats, Floats]:
    """Mean cross-entropy and accuracy of every trial, each (P,), in float64.

    Args:
        logits: (N, P), or (N, P, C) for more than two classes.
        labels_N: classes.
    """
    logits_64 = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if logits.ndim == 3:
            losses_NP, likeliest_NP = _softmax_losses(logits_64, labels_N), logits.argmax(axis=-1)
        else:
            losses_NP, likeliest_NP = _sigmoid_losses(logits_64, labels_N), logits > 0
    return losses_NP.mean(axis=0), (likeliest_NP == labels_N[:, None]).mean(axis=0)


def _sigmoid_losses(logits_NP: Floats, labels_N: NDArray[np.integer]) -> Floats:
    labels = labels_N[:, None].astype(np.float64)
    return np.maximum(logits_NP, 0) - logits_NP * labels + np.log1p(np.exp(-np.abs(logits_NP)))


def _softmax_losses(logits_NPC: Floats, labels_N: NDArray[np.integer]) -> Floats:
    shifted_NPC = logits_NPC - logits_NPC.max(axis=-1, keepdims=True)
    chosen_NP1 = np.take_along_axis(shifted_NPC, labels_N[:, None, None].astype(np.intp), axis=-1)
    return np.log(np.exp(shifted_NPC).sum(axis=-1)) - chosen_NP1[..., 0]
