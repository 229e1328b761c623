"""Small networks, and every way in which Keras writes their weights."""

import zipfile
from pathlib import Path

import h5py
import numpy as np


def network(*top, dtype=None, widths=(32, 64, 128), channels=3):
    import keras

    layers = [keras.Input((48, 48, channels))]
    for width in widths:
        layers.append(keras.layers.Conv2D(width, 3, padding="same", dtype=dtype))
        layers.append(keras.layers.MaxPooling2D(2))
    return keras.Sequential([*layers, *top])


def head():
    from keras import layers

    return [layers.Flatten(), layers.Dropout(0.5), layers.Dense(4), layers.Dense(1, use_bias=True)]


def save_legacy(model, path: Path) -> None:
    """Weights alone, as Keras 2 wrote them."""
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)


def save_whole_legacy(model, path: Path) -> None:
    from keras.src.legacy.saving.legacy_h5_format import save_model_to_hdf5

    save_model_to_hdf5(model, path)


def save_deflated(model, path: Path) -> None:
    whole = path.with_name("stored.keras")
    model.save(whole)
    with (
        zipfile.ZipFile(whole) as stored,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as deflated,
    ):
        for name in stored.namelist():
            deflated.writestr(name, stored.read(name))


def save_weights(model, path: Path) -> None:
    model.save_weights(path.with_name("by-its-name.weights.h5"))
    path.with_name("by-its-name.weights.h5").replace(path)


def save_keras_3(model, path: Path) -> None:
    model.save(path.with_name("by-its-name.keras"))
    path.with_name("by-its-name.keras").replace(path)


def trained(model):
    """With an optimizer that has something to save."""
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    model.fit(np.zeros((2, 48, 48, 3)), np.zeros((2, 1)), verbose=0)
    return model


WAYS = {
    "Keras 3 weights": save_weights,
    "Keras 3 model": save_keras_3,
    "Keras 3 model, compressed": save_deflated,
    "legacy weights": save_legacy,
    "legacy model": save_whole_legacy,
}
