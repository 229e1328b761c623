"""What a process pays for arrays that it makes and frees again, in pages that the kernel clears."""

import os
import platform
import subprocess
import sys

import pytest

MEGABYTES, ROUNDS = 128, 5
SCRIPT = f"""
import ctypes, resource, threading
from sweep.training.allocation import keep_freed_memory, return_freed_memory

print(keep_freed_memory())

libc = ctypes.CDLL(None)  # NumPy asks for huge pages, and the backends do not
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def make_and_free():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    array = libc.malloc({MEGABYTES * 2**20})
    ctypes.memset(array, 1, {MEGABYTES * 2**20})
    libc.free(array)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

faults = []
for _ in range({ROUNDS}):  # threads, as the backends' are, have heaps of their own by default
    thread = threading.Thread(target=make_and_free)
    thread.start()
    thread.join()
print(min(faults[1:]), max(faults[1:]))
return_freed_memory()
make_and_free()
print(faults[-1])
"""
PAGES = MEGABYTES * 2**20 // os.sysconf("SC_PAGE_SIZE")

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="needs glibc, whose allocator this is about"
)


def pages_cleared(**variables: str) -> tuple[bool, int, int, int]:
    """Whether the allocator was changed, the fewest and most pages of a round, and those after all
    was returned."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=kept | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    changed, fewest, most, last = done.stdout.split()
    return changed == "True", int(fewest), int(most), int(last)


def test_freed_memory_is_used_again_until_it_is_returned():
    changed, _, most, after_return = pages_cleared()
    assert changed
    assert most < PAGES / 10
    assert after_return > 0.9 * PAGES


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_a_user_has_set_up_stays(name):
    value = "4" if name.startswith("MALLOC") else "glibc.malloc.arena_max=4"
    changed, fewest, *_ = pages_cleared(**{name: value})
    assert not changed
    assert fewest > 0.9 * PAGES
