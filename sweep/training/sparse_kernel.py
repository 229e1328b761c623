"""The wide first layer on features that are mostly zeros: one pass over its weights a step.

What stock kernels do in a step with the largest array, (F, P, H), is four passes: they write its
gradient, read it, and update two moments and the weights. Here a few rows of features are taken at
a time: their gradient is made in cache, and the update is applied at once. And a feature that is 0
adds nothing to a product, so zeros are left out: of VGG16's features, which end in a rectifier and
a maximum over 2 × 2 pixels, 86 % are.

Compiled by numba for the processor that it runs on, and kept for the next process. The sums do not
depend on the number of threads. In the flow: ``sparse_heads`` and ``sparse_optimizer`` call it.

Legend: P trials, B batch, N examples, F features, H hidden units.
"""

import platform
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

ROWS = 32
"""So many features are updated at a time; their gradient and the lists stay in cache."""
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


_IS_X86 = platform.machine().lower() in ("x86_64", "amd64")
_FLUSH = 0x8040
"""Bits of x86's MXCSR: results that are denormal are 0, and so are operands."""


def _flushing(typing_context: Any, state: Any) -> Any:  # noqa: ARG001 (numba's signature)
    """Take denormal numbers for 0 in this thread from now on, or (given a state) as before.

    TensorFlow does so in its kernels too. Moments of units that are dead, and gradients where all
    is right, become denormal, and many processors take a hundred times as long for those. Others
    than x86 do not, so they are left as they are.

    Returns:
        The state before.
    """

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        if not _IS_X86:
            return word(0)
        kind = ir.FunctionType(ir.VoidType(), [pointer])
        place = builder.alloca(word)
        where = builder.bitcast(place, pointer)
        read, write = (
            builder.module.declare_intrinsic(f"llvm.x86.sse.{name}", (), kind)
            for name in ("stmxcsr", "ldmxcsr")
        )
        builder.call(read, [where])
        before, given = builder.load(place), arguments[0]
        flushing = builder.or_(before, word(_FLUSH))
        is_given = builder.icmp_unsigned("!=", given, word(0))
        builder.store(builder.select(is_given, given, flushing), place)
        builder.call(write, [where])
        return before

    return types.uint32(types.uint32), generate


_flush_denormals: Any = intrinsic(_flushing)


@njit(inline="always")
def _example_lists(bits_NF, values, rows_B, first, count, stride, places, factors, counts):
    """Of each example's features from ``first`` on those that are not 0: place and value.

    The place of feature f is f × stride. Each list ends with three zeros, so that it can be read
    four at a time.
    """
    for b in range(len(rows_B)):
        found = 0
        for f in range(first, first + count):
            bits = bits_NF[rows_B[b], f]
            places[b, found] = f * stride
            factors[b, found] = values[bits]
            found += (bits & 0x7FFF) != 0
        counts[b] = found
        places[b, found : found + 3] = first * stride
        factors[b, found : found + 3] = 0


@njit(inline="always")
def _feature_lists(bits_NF, values, rows_B, first, count):
    """The same by feature: of the examples in which it is not 0. New lists, and their lengths."""
    places = np.empty((ROWS, len(rows_B) + 3), np.int64)
    factors = np.empty((ROWS, len(rows_B) + 3), np.float32)
    counts = np.zeros(ROWS, np.int64)
    for b in range(len(rows_B)):
        for i in range(count):
            bits = bits_NF[rows_B[b], first + i]
            places[i, counts[i]] = b
            factors[i, counts[i]] = values[bits]
            counts[i] += (bits & 0x7FFF) != 0
    for i in range(count):
        places[i, counts[i] : counts[i] + 3] = 0
        factors[i, counts[i] : counts[i] + 3] = 0
    return places, factors, counts


@njit(inline="always")
def _add_products(sums, matrix, offset, places, factors, count):
    """Add factor × row of a matrix for each listed row (and an offset), four at a time."""
    for n in range(0, count, 4):
        x0, x1, x2, x3 = factors[n], factors[n + 1], factors[n + 2], factors[n + 3]
        row0, row1 = matrix[offset + places[n]], matrix[offset + places[n + 1]]
        row2, row3 = matrix[offset + places[n + 2]], matrix[offset + places[n + 3]]
        for j in range(len(sums)):
            sums[j] += x0 * row0[j] + x1 * row1[j] + x2 * row2[j] + x3 * row3[j]


@_compiled
def hidden_sums(bits_NF, values, rows_B, kernel_FPH):
    """Features × weights of every trial, (P, B, H).

    Args:
        bits_NF: features in float16, as whole numbers (``view(np.uint16)``).
        values: ``FLOAT16``.
        rows_B: which examples.
        kernel_FPH: the weights, float32.
    """
    F, P, H = kernel_FPH.shape
    B = len(rows_B)
    weights = kernel_FPH.reshape(F * P, H)
    parts = np.zeros((PARTS, P, B, H), np.float32)
    for part in prange(PARTS):
        before = _flush_denormals(np.uint32(0))
        places = np.empty((B, BLOCK + 3), np.int64)
        factors = np.empty((B, BLOCK + 3), np.float32)
        counts = np.empty(B, np.int64)
        end = F * (part + 1) // PARTS
        for first in range(F * part // PARTS, end, BLOCK):
            count = min(BLOCK, end - first)
            _example_lists(bits_NF, values, rows_B, first, count, P, places, factors, counts)
            for p in range(P):
                for b in range(B):
                    sums = parts[part, p, b]
                    _add_products(sums, weights, p, places[b], factors[b], counts[b])
        _flush_denormals(before)
    return parts.sum(axis=0)


@_compiled
def adam_step(bits_NF, values, rows_B, gradient_PBH, kernel_FPH, m_FPH, v_FPH, numbers_6P):
    """A step of Adam or one of its kin, from the gradient by the hidden sums.

        m ← m + (g − m) c₁,  v ← v + (g² − v) c₂,  θ ← θ k − m a / (√v s + e)

    Args:
        bits_NF, values, rows_B, kernel_FPH: as ``hidden_sums`` has them.
        gradient_PBH: of the loss by the hidden sums; g is features times this.
        m_FPH, v_FPH: the moments.
        numbers_6P: k, c₁, c₂, a, s and e of each trial.
    """
    F, P, H = kernel_FPH.shape
    for tile in prange((F + ROWS - 1) // ROWS):
        before = _flush_denormals(np.uint32(0))
        first, count = tile * ROWS, min(ROWS, F - tile * ROWS)
        places, factors, counts = _feature_lists(bits_NF, values, rows_B, first, count)
        g = np.empty(H, np.float32)
        for p in range(P):
            keep, c1, c2, a, s, e = numbers_6P[:, p]
            gradient = gradient_PBH[p]
            for i in range(count):
                g[:] = 0
                _add_products(g, gradient, 0, places[i], factors[i], counts[i])
                weight, m, v = kernel_FPH[first + i, p], m_FPH[first + i, p], v_FPH[first + i, p]
                for j in range(H):
                    m_j = m[j] + (g[j] - m[j]) * c1
                    v_j = v[j] + (g[j] * g[j] - v[j]) * c2
                    m[j], v[j] = m_j, v_j
                    weight[j] = weight[j] * keep - m_j * a / (np.sqrt(v_j) * s + e)
        _flush_denormals(before)


@_compiled
def momentum_step(bits_NF, values, rows_B, gradient_PBH, kernel_FPH, m_FPH, numbers_5P):
    """A step of SGD with momentum, from the gradient by the hidden sums.

        m ← m μ − g η,  θ ← θ k + m a − g b

    Args:
        bits_NF, values, rows_B, gradient_PBH, kernel_FPH: as ``adam_step`` has them.
        m_FPH: the momentum.
        numbers_5P: k, μ, η, a and b of each trial.
    """
    F, P, H = kernel_FPH.shape
    for tile in prange((F + ROWS - 1) // ROWS):
        before = _flush_denormals(np.uint32(0))
        first, count = tile * ROWS, min(ROWS, F - tile * ROWS)
        places, factors, counts = _feature_lists(bits_NF, values, rows_B, first, count)
        g = np.empty(H, np.float32)
        for p in range(P):
            keep, momentum, rate, a, b = numbers_5P[:, p]
            gradient = gradient_PBH[p]
            for i in range(count):
                g[:] = 0
                _add_products(g, gradient, 0, places[i], factors[i], counts[i])
                weight, m = kernel_FPH[first + i, p], m_FPH[first + i, p]
                for j in range(H):
                    m_j = m[j] * momentum - g[j] * rate
                    m[j] = m_j
                    weight[j] = weight[j] * keep + m_j * a - g[j] * b
        _flush_denormals(before)
