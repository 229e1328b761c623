"""Loads Keras on the chosen backend. Everything that computes goes through here first.

In the flow: ``runner`` calls it when there is something to train, and not before.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sweep.errors import MissingError, UsageError
from sweep.training.allocation import keep_freed_memory
from sweep.util.collecting import no_cycles
from sweep.util.distribution import DISTRIBUTION, PACKAGE, __version__, installing
from sweep.util.interrupts import held_back

FUSED_UPDATES = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion=true"


def load_keras(backend: str) -> None:
    """Import Keras on ``backend``, with Keras' own defaults, and without TensorFlow's first notes.

    What a user has set in ``keras.json`` for other programs (another type, another order of
    channels) would change the numbers, so it does not count here. The notes come from C++ before
    its log level is read, so the error stream itself is put aside for the time of the import; an
    import that fails still raises.

    Raises:
        MissingError: Keras or the backend cannot be imported, or has no device.
        UsageError: this process has loaded Keras on another backend.
    """
    keep_freed_memory()
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # An accelerator's memory as it is needed, not all at once, so that processes can share one.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    _fuse_updates()
    with held_back(), no_cycles(), _without_stderr(), _told(backend):
        import keras
    _settle(keras.config, backend)
    if backend == "jax":
        _settle_jax()
    logging.getLogger("tensorflow").addFilter(_is_no_note_on_retracing)


def _fuse_updates() -> None:
    """Let XLA update both moments of a variable in one pass on a processor, to the same bits.

    The option is undocumented, and off by default; a test sees that it still does what it is for.
    Adam's step of seven trials takes 34 ms with it instead of 41. What a user has set stays, and
    so does a file of flags, which is what ``XLA_FLAGS`` may name.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    is_file = flags and not flags.startswith("-")
    if not is_file and "xla_backend_extra_options" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {FUSED_UPDATES}".strip()


@contextmanager
def _told(backend: str) -> Iterator[None]:
    """Say why Keras cannot be imported."""
    try:
        yield
    except ImportError as error:
        raise MissingError(
            f"Keras cannot train on {backend}: {type(error).__name__}: {error}",
            remedy=f"Install it with `{installing(backend)}`, or unset KERAS_BACKEND."
            if backend == "jax"
            else f"Install {DISTRIBUTION} again; `sweep doctor` says what works.",
        ) from error
    except Exception as error:  # what keras.json says is checked by assertions
        raise MissingError(
            f"Keras cannot be loaded: {type(error).__name__}: {error}",
            remedy="Mend or remove keras.json in ~/.keras (or in KERAS_HOME), and unset "
            "KERAS_MAX_EPOCHS and its like.",
        ) from error


def _settle(config: Any, backend: str) -> None:
    loaded = config.backend()
    if loaded != backend:
        raise UsageError(
            f"Keras is loaded on {loaded} already, to train on {backend}",
            remedy=f"Set KERAS_BACKEND={loaded}, or {backend} before Keras is imported.",
        )
    config.set_floatx("float32")
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")
    config.set_dtype_policy("float32")


def _settle_jax() -> None:
    """A loss that is not finite is a result here, whatever JAX_DEBUG_NANS says elsewhere."""
    import jax

    jax.config.update("jax_debug_nans", False)
    jax.config.update("jax_debug_infs", False)
    try:
        jax.devices()
    except Exception as error:  # each platform has its own kinds
        raise MissingError(
            "JAX finds no device to train on, with "
            f"JAX_PLATFORMS={os.environ.get('JAX_PLATFORMS', '')}: {error!r}",
            remedy="Set JAX_PLATFORMS=cpu, or unset it.",
        ) from error


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
