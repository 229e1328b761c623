"""The frozen convolutional bases: VGG16, VGG19, and a small random one for small pictures.

In the flow: ``features`` runs them once over all pictures. Keras is imported when one is built, and
what reads files of weights when there is one.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.results.provenance import WeightsInfo
from sweep.study.tasks import Model
from sweep.tasks.widths import WIDTHS
from sweep.util.paths import printable

if TYPE_CHECKING:
    import keras

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Pixels (B, size, size, 3) in, flat features (B, F) out."""

RANDOM_SEED = 0
SMALL_CHANNELS = WIDTHS["small"]
_VGG_STRIDE, _VGG_CHANNELS = 32, 512


def feature_count(model: Model) -> int:
    """F: features a picture, flat.

    Example:
        >>> feature_count(Model())
        25088
    """
    if model.backbone == "small":
        return (model.image_size // 2 ** len(SMALL_CHANNELS)) ** 2 * SMALL_CHANNELS[-1]
    return (model.image_size // _VGG_STRIDE) ** 2 * _VGG_CHANNELS


def activation_bytes(model: Model) -> int:
    """About the most memory that one picture takes on its way through, in bytes."""
    first_channels = SMALL_CHANNELS[0] if model.backbone == "small" else 64
    return 3 * 4 * model.image_size**2 * first_channels


def weights_info(model: Model, path: Path | None) -> WeightsInfo:
    """What the backbone's weights are.

    Args:
        model: whose backbone they are for.
        path: their file, None for random ones.

    Raises:
        WeightsError: the file cannot be read, or has not the weights of this network.
    """
    if path is None:
        definition = f"He normal, seed {RANDOM_SEED}"
        return WeightsInfo(f"random ({definition})", "drawn", definition)
    from sweep.tasks.weights import check_weights, content_hash

    check_weights(path, model.backbone)
    kind = "ImageNet" if model.weights == "imagenet" else "from a file"
    name = f"{model.backbone.upper()}, {kind}"
    return WeightsInfo(name, printable(path.name), content_hash(path, model.backbone))


def build_backbone(model: Model, weights: Path | None) -> Predict:
    """The backbone with its preprocessing, ready to run.

    VGG takes Keras' own preprocessing (RGB → BGR, ImageNet means subtracted); the small one takes
    pixels / 127.5 − 1.

    Args:
        model: which backbone, image size and precision, which is decided by now.
        weights: a file as ``weights`` reads it; None draws He-normal kernels with zero biases.

    Raises:
        WeightsError: the file is not one of this network's weights.
    """
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(model.precision)
    try:
        base = _small(model) if model.backbone == "small" else _vgg(model)
    finally:
        keras.config.set_dtype_policy(policy)
    if weights is None:
        _draw_weights(base)
    else:
        from sweep.tasks.weights import read_weights

        for variable, values in zip(
            base.trainable_variables, read_weights(weights, model.backbone), strict=True
        ):
            variable.assign(values)
    return _predictor(base, model)


def _predictor(base: "keras.Model", model: Model) -> Predict:
    def predict(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        features = base.predict_on_batch(_preprocess(pixels, model))
        return np.asarray(features).astype(np.float32).reshape(len(pixels), -1)

    return predict


def _preprocess(pixels: NDArray[np.uint8], model: Model) -> NDArray[np.float32]:
    if model.backbone == "small":
        return pixels.astype(np.float32) / 127.5 - 1
    from keras.applications import imagenet_utils

    prepared = imagenet_utils.preprocess_input(
        pixels.astype(np.float32), data_format="channels_last", mode="caffe"
    )
    return np.asarray(prepared)


def _vgg(model: Model) -> "keras.Model":
    import keras

    network: Callable[..., keras.Model] = getattr(keras.applications, model.backbone.upper())
    shape = (model.image_size, model.image_size, 3)
    return network(include_top=False, weights=None, input_shape=shape)


def _small(model: Model) -> "keras.Model":
    import keras

    layers: list[Any] = [keras.Input((model.image_size, model.image_size, 3))]
    for channels in SMALL_CHANNELS:
        layers += [
            keras.layers.Conv2D(channels, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
        ]
    return keras.Sequential(layers)


def _draw_weights(base: "keras.Model") -> None:
    random = np.random.default_rng(RANDOM_SEED)
    for variable in base.trainable_variables:
        shape = tuple(variable.shape)
        deviation = math.sqrt(2 / math.prod(shape[:-1])) if len(shape) > 1 else 0.0
        variable.assign(random.normal(0, deviation, shape).astype(np.float32))
