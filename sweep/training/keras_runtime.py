"""Loads Keras on the chosen backend. Everything that computes goes through here first.

In the flow: ``runner`` calls it when there is something to train, and not before.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from sweep.util.distribution import PACKAGE, __version__


def load_keras(backend: str) -> None:
    """Import Keras on ``backend``, without the notes that TensorFlow writes on being loaded.

    They come from C++ before its log level is read, so the error stream itself is put aside for
    the time of the import; an import that fails still raises.
    """
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # An accelerator's memory as it is needed, not all at once, so that processes can share one.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    with _without_stderr():
        import keras  # noqa: F401
    logging.getLogger("tensorflow").addFilter(_is_no_note_on_retracing)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of those that are installed; ``sweep`` is this program."""
    found = {}
    for package in packages:
        with suppress(PackageNotFoundError):
            found[package] = __version__ if package == PACKAGE else version(package)
    return found


def _is_no_note_on_retracing(record: logging.LogRecord) -> bool:
    """TensorFlow warns of functions compiled anew, as the step of every cohort's shape is."""
    return "tf.function retracing" not in record.getMessage()


@contextmanager
def _without_stderr() -> Iterator[None]:
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
