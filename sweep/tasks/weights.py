"""The convolutional weights in a file that Keras has written, told by its content.

Keras chooses its reader by the file's name, and meets a name that does not fit with warnings and an
error about layers. Here the content decides: weights of Keras 3 (``.weights.h5``), whole models of
Keras 3 (``.keras``), and older HDF5 files, of weights or of whole models. They hold the same
numbers. A top on the network, and an optimizer beside it, are passed over.

In the flow: ``backbones`` has a file checked before anything is computed, which reads the shapes in
it, and takes its weights when the network is built. ``other_files`` says what else a file may be.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from sweep.errors import WeightsError
from sweep.tasks.other_files import FETCH_AGAIN, MODEL_WEIGHTS, UnreadableError, what_it_is
from sweep.tasks.widths import WIDTHS
from sweep.util.paths import as_typed

_NO_LAYERS = ("optimizer", "seed_generator")
"""Groups of a Keras 3 file that hold other numbers than the weights of layers."""
_OTHER = "Pass --weights imagenet, random, or a file of these weights that Keras has written."


def check_weights(path: Path, backbone: str) -> None:
    """Look whether a file has the weights of a backbone, by the shapes in it.

    Raises:
        WeightsError: it has not; with what it is instead.
    """
    with _told(path, backbone), _tensors(path) as tensors:
        _convolutions(tensors, backbone)


def read_weights(path: Path, backbone: str) -> list[NDArray[np.float32]]:
    """Kernel and bias of every convolution of a backbone, in the order that they run.

    Raises:
        WeightsError: the file does not have them, or has numbers that are not finite.
    """
    with _told(path, backbone), _tensors(path) as tensors:
        weights = [_numbers(tensor) for tensor in _convolutions(tensors, backbone)]
    if not all(np.isfinite(weight).all() for weight in weights):
        # A network passes them on as zeros, or as anything else.
        raise _no_weights(path, backbone, "weights that are not finite")
    return weights


def content_hash(path: Path, backbone: str) -> str:
    """SHA-256 of a file of weights.

    Raises:
        WeightsError: it cannot be read.
    """
    with _told(path, backbone), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kernel_shapes(backbone: str) -> list[tuple[int, ...]]:
    """(3, 3, input channels, output channels) of every convolution of a backbone."""
    widths = WIDTHS[backbone]
    return [(3, 3, *pair) for pair in zip((3, *widths), widths, strict=False)]


@contextmanager
def _told(path: Path, backbone: str) -> Iterator[None]:
    """Say why a file cannot be taken."""
    try:
        yield
    except UnreadableError as error:
        raise _no_weights(path, backbone, error.found, error.remedy) from None
    except Exception as error:  # h5py, zipfile and zlib raise many kinds for a damaged file
        found = _unreadable(error)
        raise _no_weights(path, backbone, found.found, found.remedy) from error


def _unreadable(error: Exception) -> UnreadableError:
    if isinstance(error, OSError) and error.strerror:
        return UnreadableError(error.strerror)
    sizes = re.search(r"eof = (\d+),.* stored_eof = (\d+)", str(error))
    if sizes:
        there, whole = map(int, sizes.groups())
        return UnreadableError(f"cut off, {there:,} of {whole:,} bytes", FETCH_AGAIN)
    said = (str(error) or repr(error)).splitlines()[0]
    return UnreadableError(f"a damaged file of weights ({said})", FETCH_AGAIN)


def _no_weights(path: Path, backbone: str, found: str, remedy: str | None = None) -> WeightsError:
    return WeightsError(
        f"{as_typed(path)} has no weights of {_shown(backbone)}: {found}",
        rule=f"A file has the weights of {_shown(backbone)}, with or without its top.",
        remedy=remedy or _OTHER,
    )


def _shown(backbone: str) -> str:
    return "the small network" if backbone == "small" else backbone.upper()


@contextmanager
def _tensors(path: Path) -> Iterator[list[h5py.Dataset]]:
    """All weights of the layers in a file, in the order of the layers, while it is open."""
    if not path.is_file() or not (h5py.is_hdf5(path) or zipfile.is_zipfile(path)):
        raise what_it_is(path)
    if h5py.is_hdf5(path):
        with h5py.File(path, locking=False) as file:
            yield _in_order(file)
        return
    with zipfile.ZipFile(path) as archive:
        if MODEL_WEIGHTS not in archive.namelist():
            raise what_it_is(path)
        with archive.open(MODEL_WEIGHTS) as inside, h5py.File(inside) as file:
            yield _in_order(file)


def _in_order(file: h5py.File) -> list[h5py.Dataset]:
    legacy: Any = file.get("model_weights", file)
    if "layer_names" in legacy.attrs or "layer_names0" in legacy.attrs:
        return [*_of_legacy_layers(legacy)]
    found = [*_of_keras_3_layers(file)]
    if not found:
        names = ", ".join(str(name) for name in [*file][:5]) or "nothing"
        raise UnreadableError(f"an HDF5 file without weights of Keras layers; in it: {names}")
    return found


def _of_keras_3_layers(group: h5py.Group) -> Iterator[h5py.Dataset]:
    """Layers are numbered by kind: conv2d, conv2d_1, …, conv2d_10."""
    for name in sorted(group, key=_natural):
        item = group[name]
        if isinstance(item, h5py.Group) and name not in _NO_LAYERS:
            yield from _of_keras_3_layers(item)
        elif isinstance(item, h5py.Dataset) and str(group.name).endswith("/vars"):
            yield item


def _of_legacy_layers(group: Any) -> Iterator[h5py.Dataset]:
    for layer in _listed(group, "layer_names"):
        names = _listed(group[layer], "weight_names")
        layers_inside = [*dict.fromkeys(name.rpartition("/")[0] for name in names)]
        if layers_inside != sorted(layers_inside, key=_natural):
            # A model in a model: the layers that were not trained stand last in it.
            raise UnreadableError(
                "a model whose layers are stored in another order than they run in"
            )
        yield from (group[layer][name] for name in names)


def _listed(group: Any, attribute: str) -> list[str]:
    """An attribute's texts; long lists are split over attributes with numbers."""
    parts = [attribute] if attribute in group.attrs else []
    while f"{attribute}{len(parts)}" in group.attrs:
        parts.append(f"{attribute}{len(parts)}")
    texts = [text for part in parts for text in group.attrs[part]]
    return [text.decode() if isinstance(text, bytes) else str(text) for text in texts]


def _natural(name: str) -> list[Any]:
    """Sorts conv2d_2 before conv2d_10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name)]


def _convolutions(tensors: list[h5py.Dataset], backbone: str) -> list[h5py.Dataset]:
    """Kernels and biases of all convolutions, if they are the backbone's."""
    convolutions: list[h5py.Dataset] = []
    remaining = iter(tensors)
    for kernel in remaining:
        bias = next(remaining, None)
        if kernel.ndim not in (2, 4) or bias is None or bias.shape != kernel.shape[-1:]:
            _refuse_theano([each.shape for each in tensors if each.ndim == 4], backbone)
            raise UnreadableError("a network with layers other than convolutions and dense ones")
        if kernel.ndim == 4:
            convolutions += [kernel, bias]
    _compare([each.shape for each in convolutions[::2]], backbone)
    return convolutions


def _compare(shapes: list[tuple[int, ...]], backbone: str) -> None:
    wanted = kernel_shapes(backbone)
    if shapes == wanted:
        return
    for other in WIDTHS:
        if shapes == kernel_shapes(other):
            raise UnreadableError(f"the weights of {_shown(other)}")
    if len(shapes) != len(wanted):
        raise UnreadableError(f"a network of {len(shapes)} convolutions, not {len(wanted)}")
    first = next(index for index, shape in enumerate(shapes) if shape != wanted[index])
    raise UnreadableError(
        f"a network whose convolution {first + 1} has a kernel of {shapes[first]}, "
        f"not {wanted[first]}"
    )


def _refuse_theano(shapes: list[tuple[int, ...]], backbone: str) -> None:
    if shapes == [shape[::-1] for shape in kernel_shapes(backbone)]:
        raise UnreadableError(
            "kernels in the order of Theano, output channels first",
            "Pass the file for TensorFlow: its name has tf_kernels where this one has th_kernels.",
        )


def _numbers(tensor: h5py.Dataset) -> NDArray[np.float32]:
    values = tensor[()]
    if values.dtype.kind == "V" and tensor.attrs.get("dtype") == "bfloat16":
        # The upper halves of numbers in float32.
        return (values.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    if values.dtype.kind != "f":
        raise UnreadableError(f"weights of type {values.dtype}, not floating-point numbers")
    return values.astype(np.float32)
