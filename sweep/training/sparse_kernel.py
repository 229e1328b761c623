"""The wide first layer on features that are mostly zeros: one pass over its weights a step.

What stock kernels do in a step with the largest array, of the weights, is four passes: they write
its gradient, read it, and update two moments and the weights. Here a few rows of features are taken
at a time: their gradient is made in cache, and the update is applied at once. And a feature that is
0 adds nothing to a product, so zeros are left out: of VGG16's features, which end in a rectifier
and a maximum over 2 × 2 pixels, 86 % are.

The weights are an array (P, S, F, W): hidden units are cut into slices of ``WIDTH``, whose sums
fit into a processor's registers, and each slice lies in memory in the order that it is passed over.
Where ``WIDTH`` does not divide H there is one slice.

Compiled by numba for the processor that it runs on, and kept for the next process. The sums do not
depend on the number of threads. In the flow: ``sparse_heads`` and ``sparse_optimizer`` call it.

Legend: P trials, B batch, N examples, F features, H hidden units, S slices of W hidden units.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange

from sweep.training.processor import add_products_in_registers, flush_denormals
from sweep.training.sparse import WIDTH

ROWS = 128
"""Of so many features lists are made at a time, which stay in cache."""
BLOCK = 64
"""So many features are multiplied at a time, by each example's that are not 0."""
PARTS = 8
"""Into so many sums a product is cut, whatever the number of threads."""
FLOAT16 = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
"""The value of every float16, by its bits."""


def _compiled(function: Callable[..., Any]) -> Any:
    """By numba, products and sums fused; NaN and infinity mean what they say."""
    options: Any = {"parallel": True, "fastmath": {"contract"}}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder that it could be kept in
        return njit(**options)(function)


@njit(inline="always")
def _example_lists(bits_NF, values, rows_B, first, count, places, factors, counts):
    """Of each example's features from ``first`` on those that are not 0: place and value.

    Places count from ``first``. Each list ends with three zeros, so that it can be read four at a
    time.
    """
    for b in range(len(rows_B)):
        row, found = np.uint64(rows_B[b]), np.uint64(0)
        for i in range(count):
            bits = bits_NF[row, np.uint64(first + i)]
            places[b, found] = i
            factors[b, found] = values[bits]
            found += np.uint64((bits & 0x7FFF) != 0)
        counts[b] = found
        places[b, found : found + 3] = 0
        factors[b, found : found + 3] = 0


@njit(inline="always")
def _feature_lists(bits_NF, values, rows_B, first, count):
    """The same by feature: of the examples in which it is not 0. New lists, and their lengths."""
    places = np.empty((ROWS, len(rows_B) + 3), np.uint32)
    factors = np.empty((ROWS, len(rows_B) + 3), np.float32)
    counts = np.zeros(ROWS, np.uint64)
    for b in range(len(rows_B)):
        row = np.uint64(rows_B[b])
        for i in range(count):
            bits, found = bits_NF[row, np.uint64(first + i)], counts[i]
            places[i, found] = b
            factors[i, found] = values[bits]
            counts[i] = found + np.uint64((bits & 0x7FFF) != 0)
    for i in range(count):
        places[i, counts[i] : counts[i] + 3] = 0
        factors[i, counts[i] : counts[i] + 3] = 0
    return places, factors, counts


@njit(inline="always")
def _add_products(sums, matrix, places, factors, count):
    """Add factor × row of a matrix for each listed row, four at a time."""
    if len(sums) == WIDTH:
        add_products_in_registers(sums, matrix, places, factors, count)
        return
    for n in range(0, count, 4):
        x0, x1, x2, x3 = factors[n], factors[n + 1], factors[n + 2], factors[n + 3]
        row0, row1 = matrix[places[n]], matrix[places[n + 1]]
        row2, row3 = matrix[places[n + 2]], matrix[places[n + 3]]
        for j in range(len(sums)):
            sums[j] += x0 * row0[j] + x1 * row1[j] + x2 * row2[j] + x3 * row3[j]


@_compiled
def hidden_sums(bits_NF, values, rows_B, kernel_PSFW):
    """Features × weights of every trial, (P, S, B, W).

    Args:
        bits_NF: features in float16, as whole numbers (``view(np.uint16)``).
        values: ``FLOAT16``.
        rows_B: which examples.
        kernel_PSFW: the weights, float32.
    """
    P, S, F, W = kernel_PSFW.shape
    B = len(rows_B)
    parts = np.zeros((PARTS, P, S, B, W), np.float32)
    for part in prange(PARTS):
        before = flush_denormals(np.uint32(0))
        places = np.empty((B, BLOCK + 3), np.uint32)
        factors = np.empty((B, BLOCK + 3), np.float32)
        counts = np.empty(B, np.uint64)
        weights = np.zeros((BLOCK, W), np.float32)
        end = F * (part + 1) // PARTS
        for first in range(F * part // PARTS, end, BLOCK):
            count = min(BLOCK, end - first)
            _example_lists(bits_NF, values, rows_B, first, count, places, factors, counts)
            for p in range(P):
                for s in range(S):
                    for i in range(count):  # in order, as memory is read fastest
                        for j in range(W):
                            weights[i, j] = kernel_PSFW[p, s, first + i, j]
                    for b in range(B):
                        sums = parts[part, p, s, b]
                        _add_products(sums, weights, places[b], factors[b], counts[b])
        flush_denormals(before)
    return parts.sum(axis=0)


@_compiled
def adam_step(bits_NF, values, rows_B, gradient_PSBW, kernel_PSFW, m_PSFW, v_PSFW, numbers_6P):
    """A step of Adam or one of its kin, from the gradient by the hidden sums.

        m ← m + (g − m) c₁,  v ← v + (g² − v) c₂,  θ ← θ k − m a / (√v s + e)

    Args:
        bits_NF, values, rows_B, kernel_PSFW: as ``hidden_sums`` has them.
        gradient_PSBW: of the loss by the hidden sums; g is features times this.
        m_PSFW, v_PSFW: the moments.
        numbers_6P: k, c₁, c₂, a, s and e of each trial.
    """
    P, S, F, W = kernel_PSFW.shape
    for tile in prange((F + ROWS - 1) // ROWS):
        before = flush_denormals(np.uint32(0))
        first, count = tile * ROWS, min(ROWS, F - tile * ROWS)
        places, factors, counts = _feature_lists(bits_NF, values, rows_B, first, count)
        g = np.empty(W, np.float32)
        for part in range(P * S):
            p, slice_ = part // S, part % S
            keep, c1, c2, a, s, e = numbers_6P[:, p]
            gradient, weights = gradient_PSBW[p, slice_], kernel_PSFW[p, slice_]
            moments, squares = m_PSFW[p, slice_], v_PSFW[p, slice_]
            for i in range(count):
                g[:] = 0
                _add_products(g, gradient, places[i], factors[i], counts[i])
                weight, m, v = weights[first + i], moments[first + i], squares[first + i]
                for j in range(W):
                    m_j = m[j] + (g[j] - m[j]) * c1
                    v_j = v[j] + (g[j] * g[j] - v[j]) * c2
                    m[j], v[j] = m_j, v_j
                    weight[j] = weight[j] * keep - m_j * a / (np.sqrt(v_j) * s + e)
        flush_denormals(before)


@_compiled
def momentum_step(bits_NF, values, rows_B, gradient_PSBW, kernel_PSFW, m_PSFW, numbers_5P):
    """A step of SGD with momentum, from the gradient by the hidden sums.

        m ← m μ − g η,  θ ← θ k + m a − g b

    Args:
        bits_NF, values, rows_B, gradient_PSBW, kernel_PSFW: as ``adam_step`` has them.
        m_PSFW: the momentum.
        numbers_5P: k, μ, η, a and b of each trial.
    """
    P, S, F, W = kernel_PSFW.shape
    for tile in prange((F + ROWS - 1) // ROWS):
        before = flush_denormals(np.uint32(0))
        first, count = tile * ROWS, min(ROWS, F - tile * ROWS)
        places, factors, counts = _feature_lists(bits_NF, values, rows_B, first, count)
        g = np.empty(W, np.float32)
        for part in range(P * S):
            p, slice_ = part // S, part % S
            keep, momentum, rate, a, b = numbers_5P[:, p]
            gradient, weights = gradient_PSBW[p, slice_], kernel_PSFW[p, slice_]
            moments = m_PSFW[p, slice_]
            for i in range(count):
                g[:] = 0
                _add_products(g, gradient, places[i], factors[i], counts[i])
                weight, m = weights[first + i], moments[first + i]
                for j in range(W):
                    m_j = m[j] * momentum - g[j] * rate
                    m[j] = m_j
                    weight[j] = weight[j] * keep + m_j * a - g[j] * b
        flush_denormals(before)
