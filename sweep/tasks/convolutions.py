"""VGG's frozen convolutions on a processor, by ncnn where it is installed (extra ``ncnn``).

By Winograd's F(4 × 4, 3 × 3) (Lavin & Gray 2016, arXiv 1509.09308) a convolution of 3 × 3 takes a
quarter of the products; TensorFlow's takes all of them. All is in float32: features differ from
TensorFlow's by rounding, as those of two machines do, and that is far less than what float16, in
which they are stored, keeps of them.

In the flow: ``backbones`` hands over a network that Keras has built.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.study.backbones import VGG
from sweep.study.tasks import Model
from sweep.util.machine import processors

if TYPE_CHECKING:
    import keras

Floats = NDArray[np.float32]

NOT_EXACT = ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage")
"""ncnn's options that would keep numbers in 16 bits."""
MAGIC = "7767517"
"""Begins a description of a network."""
FLOAT32 = bytes(4)
"""Stands before a kernel."""


def are_by_ncnn(model: Model) -> bool:
    """Whether ncnn computes a backbone's features here.

    It does where it is installed and Keras finds no accelerator, for VGG16 and VGG19 in float32.
    """
    if find_spec("ncnn") is None or model.backbone not in VGG or model.precision != "float32":
        return False
    import keras

    return all(device.startswith("cpu") for device in keras.distribution.list_devices())


class ByNcnn:
    """A chain of convolutions of 3 × 3 with rectifiers and poolings of 2 × 2, in ncnn.

    Args:
        base: the chain, as Keras has built it, with its weights.
    """

    def __init__(self, base: "keras.Model") -> None:
        ncnn: Any = import_module("ncnn")  # whose stubs say nothing
        self._matrix = ncnn.Mat
        lines, weights = zip(*_layers(base), strict=True)
        lines = ["Input 0 0 1 0", *(line.format(i, i + 1) for i, line in enumerate(lines))]
        self._output = str(len(weights))
        self._weights = b"".join(weights)  # which ncnn may read as long as it runs
        self._net = ncnn.Net()
        self._net.opt.num_threads = 1
        self._net.opt.use_winograd63_convolution = False  # less exact than 4 × 4, and no faster
        for option in NOT_EXACT:
            setattr(self._net.opt, f"use_{option}", False)
        self._net.load_param_mem("\n".join([MAGIC, f"{len(lines)} {len(lines)}", *lines, ""]))
        self._net.load_model_mem(self._weights)

    def __call__(self, pictures_BSSC: Floats) -> Floats:
        """Of prepared pictures the chain's output, (B, height, width, channels).

        A thread a processor takes a picture each.
        """
        with ThreadPoolExecutor(processors()) as pool:
            return np.stack(list(pool.map(self._one, pictures_BSSC)))

    def _one(self, picture_SSC: Floats) -> Floats:
        picture_CSS = np.ascontiguousarray(picture_SSC.transpose(2, 0, 1))  # read, not copied
        extractor = self._net.create_extractor()
        extractor.input("0", self._matrix(picture_CSS))
        _, output = extractor.extract(self._output)
        return np.array(output).transpose(1, 2, 0)


def _layers(base: "keras.Model") -> Iterator[tuple[str, bytes]]:
    """ncnn's line for each layer, with places for input and output, and its weights."""
    import keras

    for layer in base.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = (np.asarray(each, np.float32) for each in layer.get_weights())
            weights = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
            shape = f"0={layer.filters} 1=3 4=1 5=1 6={kernel.size} 9=1"
            yield (
                f"Convolution {{1}} 1 1 {{0}} {{1}} {shape}",
                FLOAT32 + weights.tobytes() + bias.tobytes(),
            )
        elif isinstance(layer, keras.layers.MaxPooling2D):
            yield "Pooling {1} 1 1 {0} {1} 0=0 1=2 2=2 5=1", b""
