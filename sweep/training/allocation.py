"""Memory that a training step frees is kept for the next step, as long as a cohort trains.

A step on a processor makes and frees the gradient of the wide first layer, 180 MB for seven trials.
By default glibc returns whatever is larger than 32 MB to the kernel, and takes it anew, page by
page, each of which the kernel must clear first: a third of a step's time (``python -m
tests.benchmarks`` shows it, run with ``GLIBC_TUNABLES`` set to anything and without). The numbers
are the same either way.

The price is memory: arrays of different sizes leave holes. They are returned to the kernel after
each cohort. 24 cohorts of seven trials came to 3.5 GB at most so, to 4.5 GB and more without that,
and to 2.5 GB with glibc's defaults.

In the flow: ``keras_runtime`` asks for it before the backend begins its threads, and ``compiled``
gives back what is free when a cohort has ended.
"""

import ctypes
import os
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8
"""Parameters of ``mallopt(3)``; the last is in ``malloc.h`` alone."""
_SETTINGS = (
    (_ARENA_MAX, 1),  # the others' heaps are small, so that large arrays never fit into them
    (_MMAP_MAX, 0),
    (_TRIM_THRESHOLD, 2**31 - 1),
    (_TOP_PAD, 64 * 2**20),
)


def keep_freed_memory() -> bool:
    """Let this process's allocator keep what is freed, until ``return_freed_memory``.

    Nothing is changed where the allocator is not glibc's, or a user has set it up already, by
    ``GLIBC_TUNABLES`` or a variable that begins with ``MALLOC_``.

    Returns:
        Whether it was changed.
    """
    is_set_up = any(name == "GLIBC_TUNABLES" or name.startswith("MALLOC_") for name in os.environ)
    if is_set_up or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(parameter, value) == 1 for parameter, value in _SETTINGS)


def return_freed_memory() -> None:
    """Return what is free to the kernel, holes between what is in use included."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
