"""Python's search for reference cycles, put off while very many objects are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """Do not look for reference cycles meanwhile; a decorator, too.

    For work that makes hundreds of thousands of objects that stay, none of them in a cycle: the
    search would go through all of them, again and again, for a third of the whole time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
