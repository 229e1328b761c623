"""What JAX's device can do, an accelerator above all: ``machine``'s figures, measured by JAX.

    python -m tests.benchmarks.device [--features 25088 --hidden-units 256 --trials 7 …]

As in ``machine``, but the products are JAX's at its default precision (TF32 for float32 on an
accelerator that has it), the triad is one compiled function that overwrites its first argument, and
calls follow each other without waiting, so that the time to start one is hidden.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.benchmarks.machine import TRIAD_ELEMENTS, Machine, Rate, sizes_of

CALLS = 20


def measure(batch_size: int, features: int, columns: int, repeat_seconds: float) -> Machine:
    """The device's figures, at a step's shapes; ``columns`` is P·H."""
    import jax

    shapes = {
        "forward": (batch_size, features, columns),
        "gradient": (features, batch_size, columns),
    }
    rates = {
        name: {kind: product_rate(kind, shape, repeat_seconds) for kind in ("float32", "bfloat16")}
        for name, shape in shapes.items()
    }
    return Machine(
        processors=len(os.sched_getaffinity(0)),
        model=jax.devices()[0].device_kind,
        bytes_per_second=triad_bytes_per_second(repeat_seconds),
        **rates,
    )


def product_rate(kind: str, shape: tuple[int, int, int], repeat_seconds: float) -> Rate:
    """Of the product (rows, inner) × (inner, columns)."""
    import jax
    import jax.numpy as jnp

    rows, inner, columns = shape
    key = jax.random.key(0)
    left = jax.random.normal(key, (rows, inner), jnp.dtype(kind))
    right = jax.random.normal(key, (inner, columns), jnp.dtype(kind))
    product = jax.jit(jnp.matmul)
    seconds = best_seconds(lambda _: product(left, right), None, repeat_seconds)
    return Rate(2 * rows * inner * columns / seconds, "JAX")


def triad_bytes_per_second(repeat_seconds: float) -> float:
    """Of the device's memory, 12 bytes an element."""
    import jax
    import jax.numpy as jnp

    b, c = (jnp.full(TRIAD_ELEMENTS, value, jnp.float32) for value in (1, 2))
    triad = jax.jit(lambda _, b, c: b + 3 * c, donate_argnums=0, keep_unused=True)
    seconds = best_seconds(lambda a: triad(a, b, c), jnp.zeros_like(b), repeat_seconds)
    return 12 * TRIAD_ELEMENTS / seconds


def best_seconds(work: Callable[[Any], Any], first: Any, repeat_seconds: float) -> float:
    """Of one of some calls in a row, each given what the last one returned."""
    import jax

    value = jax.block_until_ready(work(first))
    end, best = time.perf_counter() + repeat_seconds, float("inf")
    while time.perf_counter() < end or best == float("inf"):
        begin = time.perf_counter()
        for _ in range(CALLS):
            value = work(value)
        jax.block_until_ready(value)
        best = min(best, (time.perf_counter() - begin) / CALLS)
    return best


def main() -> None:
    print(json.dumps(asdict(measure(*sizes_of(__doc__)))))


if __name__ == "__main__":
    main()
