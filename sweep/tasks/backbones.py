"""The frozen convolutional bases: those of Keras, and a small random one for small pictures.

VGG16 and VGG19 are read from files that sweep fetches and checks itself (see ``weights``), all
others as Keras does it: their ImageNet weights come from Keras' own cache, or by its download.

In the flow: ``features`` runs them once over all pictures. Keras is imported when one is built, and
what reads files of weights when there is one.
"""

import hashlib
import math
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import WeightsError
from sweep.results.provenance import WeightsInfo
from sweep.study.backbones import BACKBONES, SMALL, VGG
from sweep.study.tasks import Model
from sweep.tasks.convolutions import ByNcnn, are_by_ncnn
from sweep.tasks.widths import WIDTHS
from sweep.util.paths import as_typed, printable

if TYPE_CHECKING:
    import keras

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Pixels (B, size, size, 3) in, flat features (B, F) out."""

RANDOM_SEED = 0
NOISE_PICTURES = 8
SMALL_CHANNELS = WIDTHS["small"]


def feature_count(model: Model) -> int:
    """F: features a picture, flat.

    Example:
        >>> feature_count(Model())
        25088
    """
    if model.backbone == SMALL:
        return (model.image_size // 2 ** len(SMALL_CHANNELS)) ** 2 * SMALL_CHANNELS[-1]
    return BACKBONES[model.backbone].feature_count(model.image_size)


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
    if model.backbone not in (*VGG, SMALL):
        return _keras_weights_info(model, path)
    if path is None:
        definition = f"He normal, seed {RANDOM_SEED}"
        return WeightsInfo(f"random ({definition})", "drawn", definition)
    from sweep.tasks.weights import check_weights, content_hash

    check_weights(path, model.backbone)
    kind = "ImageNet" if model.weights == "imagenet" else "from a file"
    name = f"{model.backbone.upper()}, {kind}"
    return WeightsInfo(name, printable(path.name), content_hash(path, model.backbone))


def _keras_weights_info(model: Model, path: Path | None) -> WeightsInfo:
    """The same of weights that Keras reads; a published file is known by its name."""
    kind = BACKBONES[model.backbone].kind
    if model.weights == "random":
        definition = f"Keras' initial ones, normalized on noise, seed {RANDOM_SEED}"
        return WeightsInfo(f"random ({definition})", "drawn", definition)
    if path is None:
        return WeightsInfo(f"{kind}, ImageNet", "Keras", f"keras.applications {kind} ImageNet")
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unusable(path, model, error.strerror or str(error)) from error
    return WeightsInfo(f"{kind}, from a file", printable(path.name), content)


def build_backbone(model: Model, weights: Path | None) -> Predict:
    """The backbone with its preprocessing, ready to run.

    Those of Keras take its own preprocessing (VGG: RGB → BGR, ImageNet means subtracted); the small
    one takes pixels / 127.5 − 1.

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
        if model.backbone not in (*VGG, SMALL):
            return _predictor(_of_keras(model, weights).predict_on_batch, model)
        base = _small(model) if model.backbone == SMALL else _application(model, None)
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
    return _predictor(ByNcnn(base) if are_by_ncnn(model) else base.predict_on_batch, model)


def _predictor(run: Callable[[NDArray[np.float32]], Any], model: Model) -> Predict:
    def predict(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        features = run(_preprocess(pixels, model))
        return np.asarray(features).astype(np.float32).reshape(len(pixels), -1)

    return predict


def _preprocess(pixels: NDArray[np.uint8], model: Model) -> NDArray[np.float32]:
    if model.backbone == SMALL:
        return pixels.astype(np.float32) / 127.5 - 1
    module = import_module(f"keras.applications.{BACKBONES[model.backbone].module}")
    prepared = module.preprocess_input(pixels.astype(np.float32), data_format="channels_last")
    return np.asarray(prepared)


def _application(model: Model, weights: str | None) -> "keras.Model":
    import keras

    kind = BACKBONES[model.backbone].kind
    network: Callable[..., keras.Model] = getattr(keras.applications, kind)
    shape = (model.image_size, model.image_size, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that pictures have another size than the weights' own
        return network(include_top=False, weights=weights, input_shape=shape)


def _of_keras(model: Model, path: Path | None) -> "keras.Model":
    """A network whose weights Keras finds, reads or draws."""
    import keras

    if model.weights == "imagenet":
        try:
            return _application(model, "imagenet")
        except Exception as error:  # what Keras raises where a download fails
            raise WeightsError(
                f"the ImageNet weights of {BACKBONES[model.backbone].kind} did not come: {error}",
                rule="Keras downloads them once, into its cache (~/.keras/models).",
                remedy="Try again with a network, copy that folder from another machine, or name "
                "a file with --weights PATH.",
            ) from error
    keras.utils.set_random_seed(RANDOM_SEED)
    base = _application(model, None)
    if path is None:
        _settle_normalization(base, model)
    else:
        try:
            base.load_weights(path)
        except Exception as error:  # h5py and Keras raise many kinds
            raise _unusable(path, model, str(error).splitlines()[0]) from error
    return base


def _settle_normalization(base: "keras.Model", model: Model) -> None:
    """Let batch normalization know the scale of what comes to it, from pictures of noise.

    As Keras draws them, deep networks let features vanish (to 1e-20 in MobileNet).
    """
    import keras

    layers = [each for each in base.layers if isinstance(each, keras.layers.BatchNormalization)]
    momenta = [each.momentum for each in layers]
    for each in layers:
        each.momentum = 0.0  # the moving averages are those of this batch
    shape = (NOISE_PICTURES, model.image_size, model.image_size, 3)
    noise = np.random.default_rng(RANDOM_SEED).integers(0, 256, shape).astype(np.uint8)
    base(_preprocess(noise, model), training=True)
    for each, momentum in zip(layers, momenta, strict=True):
        each.momentum = momentum


def _unusable(path: Path, model: Model, found: str) -> WeightsError:
    kind = BACKBONES[model.backbone].kind
    return WeightsError(
        f"{as_typed(path)} has no weights of {kind}: {found}",
        rule=f"A file has the weights of {kind} without its top, as Keras' save_weights writes it.",
        remedy="Pass --weights imagenet, random, or such a file.",
    )


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
