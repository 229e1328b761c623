"""What computes on this machine, as far as that is known without TensorFlow or JAX.

In the flow: ``tasks`` ask it when a study leaves the precision of its features to the machine. A
plan and a second run ask too, and load neither library.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16", "bf16"})
"""The kernel's names of instructions that multiply in bfloat16: two of x86, one of Arm."""
BFLOAT16_CAPABILITY = 8.0
"""NVIDIA's compute capability from which on a GPU multiplies in bfloat16 (Ampere)."""
CUDA_PACKAGES = {
    "tensorflow": ("nvidia-cudnn-cu12",),
    "jax": ("jax-cuda12-plugin", "jax-cuda13-plugin"),
}
"""By backend the packages of which it needs one to compute on a GPU."""


@dataclass(frozen=True)
class Machine:
    """This machine as a backend of Keras uses it.

    Attributes:
        backend: ``tensorflow`` or ``jax``.
        cpuinfo: the kernel's description of the processors.
    """

    backend: str = "tensorflow"
    cpuinfo: Path = Path("/proc/cpuinfo")

    @cached_property
    def computes_bfloat16(self) -> bool:
        """Whether a frozen network runs faster in bfloat16 here, since the hardware has it.

        Where the backend finds GPUs, all of them must have it. On a processor this is so with
        TensorFlow alone: JAX's convolutions there convert to float32 and back.
        """
        gpus = self._compute_capabilities()
        if gpus:
            return min(gpus) >= BFLOAT16_CAPABILITY
        return self.backend == "tensorflow" and bool(BFLOAT16_FLAGS & self._processor_flags())

    def _processor_flags(self) -> frozenset[str]:
        """Of the first processor; none where the kernel tells nothing."""
        try:
            lines = self.cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return frozenset()
        for line in lines:
            name, _, flags = line.partition(":")
            if name.strip() in ("flags", "Features"):  # of x86, of Arm
                return frozenset(flags.split())
        return frozenset()

    def _compute_capabilities(self) -> list[float]:
        """Of the GPUs that the backend can use, as their driver tells; none where it does not."""
        driver = shutil.which("nvidia-smi")
        is_hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
        if driver is None or is_hidden or not any(map(_is_installed, CUDA_PACKAGES[self.backend])):
            return []
        asked = [driver, "--query-gpu=compute_cap", "--format=csv,noheader"]
        try:
            told = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True)
            return [float(line) for line in told.stdout.split()]
        except (OSError, subprocess.SubprocessError, ValueError):
            return []


def processors() -> int:
    """How many this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
