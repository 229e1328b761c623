"""What this machine can do, and what a trial's epoch takes at the least from it.

    python -m tests.benchmarks.machine [--features 25088 --hidden-units 256 --trials 7 …]

Every figure is the best of what was repeated for a second, since a limit is asked for:

- **product rate** of the forward product (B, F) × (F, P·H) and of the gradient's (F, B) × (B, P·H),
  in float32 and in bfloat16: 2·B·F·P·H operations over the seconds of one call, by NumPy,
  TensorFlow and, where it is installed, PyTorch; the fastest counts and is named.
- **bandwidth**: the triad a = b + s·c (as in STREAM) over arrays of 256 MB, 12 bytes an element,
  what a cache reads before it writes not counted; by TensorFlow's XLA, which parallelises it, and
  PyTorch where it is installed. Freed memory is kept, as it is in training.

Legend: P trials, F features, H hidden units, B batch.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sweep.training.allocation import keep_freed_memory
from tests.benchmarks.job import Job

TRIAD_ELEMENTS = 64 * 2**20


@dataclass(frozen=True)
class Rate:
    """How fast a product is.

    Attributes:
        flops: operations a second.
        library: by which.
    """

    flops: float
    library: str


@dataclass(frozen=True)
class Machine:
    """A machine's own figures.

    Attributes:
        processors: that this process may use.
        model: of the processor, in words.
        forward, gradient: product rates by type, ``float32`` and ``bfloat16``.
        bytes_per_second: of the triad.
    """

    processors: int
    model: str
    forward: dict[str, Rate]
    gradient: dict[str, Rate]
    bytes_per_second: float

    @classmethod
    def of_json(cls, text: str) -> "Machine":
        """As ``main`` printed it."""
        fields = json.loads(text)
        for name in ("forward", "gradient"):
            fields[name] = {kind: Rate(**rate) for kind, rate in fields[name].items()}
        return cls(**fields)


def limit_seconds(machine: Machine, job: Job) -> float:
    """The least that a trial's epoch takes in float32, if arithmetic and memory do not overlap.

    Arithmetic: of the first layer, 2·F·H operations a picture in the forward product and again in
    the gradient's, and the forward product alone for validation. Bytes: in every step the weights
    and two moments are read and written once, 24·F·H bytes. All else is left out. (The numba
    kernels leave out features that are 0, and with them arithmetic, so their share of this limit
    may be above 1.)
    """
    weights = job.features * job.hidden_units
    forward = 2 * weights * job.pictures / machine.forward["float32"].flops
    gradient = 2 * weights * job.train_count / machine.gradient["float32"].flops
    memory = 24 * weights * job.steps_per_epoch / machine.bytes_per_second
    return forward + gradient + memory


def measure(batch_size: int, features: int, columns: int, repeat_seconds: float) -> Machine:
    """This machine's figures, at a step's shapes; ``columns`` is P·H."""
    keep_freed_memory()
    shapes = {
        "forward": (batch_size, features, columns),
        "gradient": (features, batch_size, columns),
    }
    rates = {
        name: {kind: fastest(kind, shape, repeat_seconds) for kind in ("float32", "bfloat16")}
        for name, shape in shapes.items()
    }
    return Machine(
        processors=len(os.sched_getaffinity(0)),
        model=processor_model(),
        bytes_per_second=triad_bytes_per_second(repeat_seconds),
        **rates,
    )


def fastest(kind: str, shape: tuple[int, int, int], repeat_seconds: float) -> Rate:
    """The fastest library's rate of the product (rows, inner) × (inner, columns)."""
    rows, inner, columns = shape
    random = np.random.default_rng(0)
    left = random.standard_normal((rows, inner), np.float32)
    right = random.standard_normal((inner, columns), np.float32)
    flops = 2 * rows * inner * columns
    rates = (
        Rate(flops / best_seconds(product, repeat_seconds), library)
        for library, product in products(kind, left, right)
    )
    return max(rates, key=lambda rate: rate.flops)


def products(
    kind: str, left: np.ndarray, right: np.ndarray
) -> Iterator[tuple[str, Callable[[], object]]]:
    """By library, the product of two matrices."""
    if kind == "float32":
        yield "NumPy", lambda: left @ right
    import tensorflow as tf

    tf_left, tf_right = (tf.cast(tf.constant(each), kind) for each in (left, right))
    yield "TensorFlow", lambda: tf.matmul(tf_left, tf_right).numpy()
    with suppress(ImportError):
        import torch

        dtype = getattr(torch, kind)
        torch_left, torch_right = (torch.from_numpy(each).to(dtype) for each in (left, right))
        yield "PyTorch", lambda: torch_left @ torch_right


def best_seconds(work: Callable[[], object], repeat_seconds: float) -> float:
    """Of one call: the least of all in so long a time, after one that is thrown away."""
    work()
    end, best, calls = time.perf_counter() + repeat_seconds, float("inf"), 0
    while time.perf_counter() < end or calls < 2:
        begin = time.perf_counter()
        work()
        best, calls = min(best, time.perf_counter() - begin), calls + 1
    return best


def triad_bytes_per_second(repeat_seconds: float) -> float:
    """Of the library that is fastest, on all processors together."""
    seconds = min(best_seconds(triad, repeat_seconds) for triad in triads())
    return 12 * TRIAD_ELEMENTS / seconds


def triads() -> Iterator[Callable[[], object]]:
    """a = b + s·c in one pass: by TensorFlow, compiled by XLA, and by PyTorch."""
    import tensorflow as tf

    b, c = (tf.fill((TRIAD_ELEMENTS,), value) for value in (1.0, 2.0))
    triad = tf.function(lambda b, c: b + 3.0 * c, jit_compile=True)
    yield lambda: triad(b, c)
    with suppress(ImportError):
        import torch

        a, b, c = (torch.full((TRIAD_ELEMENTS,), value) for value in (0.0, 1.0, 2.0))
        yield lambda: torch.add(b, c, alpha=3.0, out=a)


def processor_model() -> str:
    """As the kernel names it; empty where it does not."""
    with suppress(OSError), Path("/proc/cpuinfo").open() as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return ""


def sizes_of(description: str | None) -> tuple[int, int, int, float]:
    """What the command line asks for: batch size, features, P·H, and seconds for each figure."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--features", type=int, default=Job.features)
    parser.add_argument("--hidden-units", type=int, default=Job.hidden_units)
    parser.add_argument("--batch-size", type=int, default=Job.batch_size)
    parser.add_argument("--trials", type=int, default=len(Job.learning_rates))
    parser.add_argument("--repeat-seconds", type=float, default=1.0, help="for each figure")
    asked = parser.parse_args()
    columns = asked.hidden_units * asked.trials
    return asked.batch_size, asked.features, columns, asked.repeat_seconds


def main() -> None:
    print(json.dumps(asdict(measure(*sizes_of(__doc__)))))


if __name__ == "__main__":
    main()
