"""The Keras models that networks are made of: the built-in ones, and those of the user's own.

Initial weights of the built-in ones are drawn by NumPy from the seed, so they are the same on every
backend. All of them end in logits.

In the flow: ``training.networks`` builds one for what it compiles, and one a seed for its weights.

Legend: K classes.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from sweep.errors import StudyError
from sweep.study.networks import Network
from sweep.tasks.own import imported, told_of
from sweep.tasks.weights import read_weights

Shape = tuple[int, ...]


class Drawn(keras.initializers.Initializer):
    """Weights drawn by NumPy: the same numbers on every backend.

    Args:
        random: draws them; weights of a model are drawn in the order in which its layers are built.
        kind: ``glorot`` is uniform in ± √(6 / (fan in + fan out)) (Glorot & Bengio 2010), as Keras
            has it by default; ``he-out`` is normal with √(2 / fan out), ``he-in`` with
            √(2 / fan in) (He et al. 2015).
    """

    def __init__(self, random: np.random.Generator, kind: str = "glorot") -> None:
        self._random = random
        self._kind = kind

    def __call__(self, shape: Sequence[int], dtype: Any = None, **_: Any) -> Any:
        """Weights of this shape."""
        fan_in, fan_out = _fans(shape)
        if self._kind == "glorot":
            limit = math.sqrt(6 / (fan_in + fan_out))
            values = self._random.uniform(-limit, limit, shape)
        else:
            fan = fan_out if self._kind == "he-out" else fan_in
            values = self._random.normal(0, math.sqrt(2 / fan), shape)
        return ops.convert_to_tensor(values.astype(np.float32), dtype=dtype)

    def clone(self) -> "Drawn":
        """Itself: what it draws next depends on what it drew."""
        return self


def _drawn(random: np.random.Generator, kind: str = "glorot") -> Any:
    """For a layer, whose type of argument names strings alone."""
    return Drawn(random, kind)


def _fans(shape: Sequence[int]) -> tuple[int, int]:
    *receptive, fan_in, fan_out = shape
    area = math.prod(receptive)
    return area * fan_in, area * fan_out


def build(
    network: Network,
    input_shape: Shape,
    class_count: int | None,
    seed: int,
    weights: Path | None = None,
) -> keras.Model:
    """A new model with the seed's initial weights.

    Args:
        network: the study's.
        input_shape: of one example.
        class_count: K of the targets; None where they are no classes.
        seed: of the weights; Keras' own random numbers are seeded too.
        weights: a file of the convolutions' of VGG; None where they are drawn.

    Raises:
        StudyError: the user's function cannot be imported, fails, or returns no model that takes
            such examples.
    """
    with _policy(network.precision):
        if network.model in BUILT_IN:
            if class_count is None:
                raise StudyError(
                    f"{network.model} learns classes, and the targets of {network.data} are none",
                    rule="Targets of a built-in model are whole numbers 0 … K − 1, one an example.",
                    remedy="Name a model of your own: model='my_module:build'.",
                )
            outputs = 1 if class_count == 2 else class_count
            random = np.random.default_rng([seed, 0])
            model = BUILT_IN[network.model](input_shape, outputs, random)
            if weights is not None:
                _take_weights(model, weights, network.model)
            return model
        keras.utils.set_random_seed(seed)
        return _own_model(network.model, input_shape, seed)


@contextmanager
def _policy(precision: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _own_model(path: str, input_shape: Shape, seed: int) -> keras.Model:
    function = imported(path, "model")
    with told_of(path):
        model = function(seed)
    if not isinstance(model, keras.Model):
        raise StudyError(
            f"{path} returned {type(model).__name__}, no keras.Model",
            remedy="Return a new, uncompiled model from it.",
        )
    if not model.built or not model.variables:
        with told_of(path):
            model(np.zeros((1, *input_shape), np.float32))
    return model


def _classifier(inputs: Any, hidden: Any, outputs: int, random: np.random.Generator) -> keras.Model:
    logits = layers.Dense(outputs, kernel_initializer=_drawn(random), dtype="float32")(hidden)
    return keras.Model(inputs, logits)


def mlp(input_shape: Shape, outputs: int, random: np.random.Generator) -> keras.Model:
    """Two hidden layers of 64 units with ReLU."""
    inputs = keras.Input(input_shape)
    hidden = layers.Flatten()(inputs) if len(input_shape) > 1 else inputs
    for _ in range(2):
        hidden = layers.Dense(64, activation="relu", kernel_initializer=_drawn(random))(hidden)
    return _classifier(inputs, hidden, outputs, random)


def small_cnn(input_shape: Shape, outputs: int, random: np.random.Generator) -> keras.Model:
    """Two 3 × 3 convolutions of 16 and 32 filters with ReLU and pooling, then 64 hidden units."""
    inputs = keras.Input(input_shape)
    hidden: Any = inputs
    for filters in (16, 32):
        hidden = layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer=_drawn(random, "he-in"),
        )(hidden)
        hidden = layers.MaxPooling2D()(hidden)
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(64, activation="relu", kernel_initializer=_drawn(random))(hidden)
    return _classifier(inputs, hidden, outputs, random)


def resnet20(input_shape: Shape, outputs: int, random: np.random.Generator) -> keras.Model:
    """ResNet-20 for small pictures (He et al. 2016, section 4.2), as RAdam's authors trained it.

    Three stages of three blocks with 16, 32 and 64 filters; where a block changes the shape, its
    shortcut is a 1 × 1 convolution with batch normalization. Convolutions are without bias, their
    weights normal with √(2 / fan out); batch normalization has momentum 0.9 and ε 1e-5, as in
    PyTorch.
    """
    inputs = keras.Input(input_shape)
    hidden = layers.ReLU()(_normalized(_conv(inputs, 16, 3, 1, random)))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            hidden = _block(hidden, filters, 2 if stage and not block else 1, random)
    hidden = layers.GlobalAveragePooling2D()(hidden)
    return _classifier(inputs, hidden, outputs, random)


def _block(inputs: Any, filters: int, strides: int, random: np.random.Generator) -> Any:
    hidden = layers.ReLU()(_normalized(_conv(inputs, filters, 3, strides, random)))
    hidden = _normalized(_conv(hidden, filters, 3, 1, random))
    shortcut = inputs
    if strides != 1 or inputs.shape[-1] != filters:
        shortcut = _normalized(_conv(inputs, filters, 1, strides, random))
    return layers.ReLU()(layers.Add()([hidden, shortcut]))


def _conv(inputs: Any, filters: int, size: int, strides: int, random: np.random.Generator) -> Any:
    """Padded by size // 2 on each side, as in PyTorch: with strides Keras' ``same`` is another."""
    if size > 1:
        inputs = layers.ZeroPadding2D(size // 2)(inputs)
    return layers.Conv2D(
        filters, size, strides, use_bias=False, kernel_initializer=_drawn(random, "he-out")
    )(inputs)


def _normalized(inputs: Any) -> Any:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(inputs)


def _vgg(name: str) -> Callable[[Shape, int, np.random.Generator], keras.Model]:
    def of(input_shape: Shape, outputs: int, random: np.random.Generator) -> keras.Model:
        """VGG's convolutions, then the head that frozen features have; takes RGB, 0 … 255."""
        inputs = keras.Input(input_shape)
        pixels: Any = ops.flip(inputs, axis=-1)  # RGB → BGR
        base = getattr(keras.applications, name)(
            include_top=False, weights=None, input_tensor=pixels - np.array(_MEANS, np.float32)
        )
        for layer in _convolutions(base):
            layer.kernel.assign(Drawn(random, "he-in")(layer.kernel.shape))
        hidden = layers.Flatten()(base.output)
        hidden = layers.Dense(256, activation="relu", kernel_initializer=_drawn(random))(hidden)
        return _classifier(inputs, hidden, outputs, random)

    return of


_MEANS = (103.939, 116.779, 123.68)
"""Of ImageNet's channels B, G, R, as VGG's weights have been trained with them."""


def _convolutions(model: keras.Model) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]


def _take_weights(model: keras.Model, path: Path, backbone: str) -> None:
    values = iter(read_weights(path, backbone))
    for layer in _convolutions(model):
        layer.kernel.assign(next(values))
        layer.bias.assign(next(values))


BUILT_IN: dict[str, Callable[[Shape, int, np.random.Generator], keras.Model]] = {
    "mlp": mlp,
    "resnet20": resnet20,
    "small-cnn": small_cnn,
    "vgg16": _vgg("VGG16"),
    "vgg19": _vgg("VGG19"),
}
"""The model of every name in ``study.networks.MODELS``."""
