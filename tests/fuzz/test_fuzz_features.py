"""Cached features and weights, broken: computed again or refused, never trusted."""

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

import h5py
import numpy as np
import pytest
from fuzz.cases import Case, run_cases
from fuzz.damage import damaged

from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import WeightsError
from sweep.settings import from_environment
from sweep.study.tasks import Model, Pictures
from sweep.tasks.backbones import build_backbone
from sweep.tasks.features import features_key, load_or_compute
from sweep.training.keras_runtime import load_keras

SMALL = Model(backbone="small", weights="random", image_size=32, precision="float32")
LARGEST = np.finfo(np.float16).max
COUNT = 40
"""Pictures, in two chunks."""


@dataclass(frozen=True)
class Made:
    """Whole features, with their folder as it is when done, and as it is when half done."""

    pictures: PictureSet
    key: str
    features: np.ndarray
    done: Path
    half_done: Path


@pytest.fixture(scope="module", autouse=True)
def keras_backend() -> None:
    load_keras(from_environment().backend)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    wanted = Pictures(dataset="rendered-pets", limit=COUNT)
    pictures = find_pictures(wanted, None, cache=folder)
    key = features_key("pictures", SMALL, "weights")
    half_done = folder / "half"

    def interrupt(what: str, done: int, total: int, _unit: str) -> None:
        if what == "features" and 0 < done < total:
            shutil.copytree(folder / "features", half_done)

    features = load_or_compute(pictures, SMALL, None, key, cache=folder, progress=interrupt)
    return Made(pictures, key, np.array(features), folder / "features", half_done)


def broken_features(made: Made) -> Case:
    def broken_features_folder(rng: Random, folder: Path) -> None:
        """However the folder was broken, the features that come are those that were computed."""
        source = rng.choice((made.done, made.half_done))
        shutil.copytree(source, folder / "features")
        (inner,) = (path for path in (folder / "features").iterdir() if path.is_dir())
        break_one(rng, inner)
        found = load_or_compute(made.pictures, SMALL, None, made.key, cache=folder)
        assert found.dtype == np.float16
        np.testing.assert_array_equal(found, made.features)
        again = load_or_compute(made.pictures, SMALL, None, made.key, cache=folder)
        np.testing.assert_array_equal(again, made.features)

    return broken_features_folder


def break_one(rng: Random, folder: Path) -> None:
    """Damage one of the folder's files, or put something else in its place."""
    files = sorted(folder.iterdir())
    path = rng.choice(files)
    way = rng.random()
    if way < 0.8:
        path.write_bytes(damaged(path.read_bytes(), rng, tuple(f.read_bytes() for f in files)))
    elif way < 0.9:
        path.unlink()
        if rng.random() < 0.5:
            path.mkdir()
    elif path.suffix == ".npy":
        shape = rng.choice(((COUNT, 3), (0,), (COUNT, 2048), (2**20, 4)))
        np.save(path, np.zeros(shape, rng.choice((np.float16, np.float32))))
    else:
        path.write_text(rng.choice(ODD_JSON))


ODD_JSON = (
    *("", "null", "5", "[]", "{}", "[0, 32]", "[0, 32, 5]", '{"sha256": null}', '{"sha256": 5}'),
    *("[" * 100_000, '[0, 1e999, "x"]', '["0", "32", "x"]', "[0, -1, null]", "\0", "NaN"),
    json.dumps([0, 2**70, "x"]),
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole file of weights for the small network."""
    import keras

    path = tmp_path_factory.mktemp("weights") / "whole.weights.h5"
    network = keras.Sequential(
        [
            keras.Input((SMALL.image_size, SMALL.image_size, 3)),
            *(
                layer
                for channels in (32, 64, 128)
                for layer in (
                    keras.layers.Conv2D(channels, 3, padding="same", activation="relu"),
                    keras.layers.MaxPooling2D(2),
                )
            ),
        ]
    )
    network.save_weights(path)
    return path


def broken_weights(weights: Path, made: Made) -> Case:
    def broken_weights_file(rng: Random, folder: Path) -> None:
        """Refused, or what is computed is what the file's own numbers say."""
        path = folder / "broken.weights.h5"
        if rng.random() < 0.7:
            path.write_bytes(damaged(weights.read_bytes(), rng))
        else:
            shutil.copyfile(weights, path)
            break_a_part(path, rng)
        pixels = made.pictures.pixels(0, 2, SMALL.image_size)
        features = build_backbone(SMALL, path)(pixels)
        expected = by_hand(path, pixels)
        if (expected < LARGEST).all():  # larger ones are refused when they are to be kept
            np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-3)

    return broken_weights_file


def break_a_part(path: Path, rng: Random) -> None:
    """A whole HDF5 file with a group or array that is missing or another one."""
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = rng.choice(names)
        held = file[name]
        del file[name]
        way = rng.choice(("missing", "shape", "text", "group", "renamed"))
        if way == "shape":
            file[name] = np.zeros(rng.choice(((), (3,), (3, 3, 3, 32), (2, 2))), np.float32)
        elif way == "text":
            file[name] = "no numbers"
        elif way == "group":
            file.create_group(name)
        elif way == "renamed" and isinstance(held, h5py.Dataset):
            file[f"{name}-other"] = np.zeros(3)


def by_hand(path: Path, pixels: np.ndarray) -> np.ndarray:
    """Three of Conv3×3 + ReLU + MaxPool with the file's weights, in float64 by NumPy."""
    x = pixels.astype(np.float64) / 127.5 - 1
    with h5py.File(path) as file:
        for name in ("conv2d", "conv2d_1", "conv2d_2"):
            kernel, bias = (np.array(file[f"layers/{name}/vars/{part}"]) for part in "01")
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
            x = np.maximum(np.einsum("bhwcij,ijco->bhwo", windows, kernel) + bias, 0)
            b, h, w, channels = x.shape
            x = x.reshape(b, h // 2, 2, w // 2, 2, channels).max(axis=(2, 4))
    return x.reshape(len(pixels), -1)


def test_features(cases, tmp_path, made, caplog):
    caplog.set_level(logging.CRITICAL)
    run_cases(cases, broken_features(made), tmp_path)


def test_weights(cases, tmp_path, weights, made):
    run_cases(cases, broken_weights(weights, made), tmp_path)


def test_whole_weights_are_taken(weights, made):
    """The reference by hand is right."""
    pixels = made.pictures.pixels(0, 2, SMALL.image_size)
    features = build_backbone(SMALL, weights)(pixels)
    np.testing.assert_allclose(features, by_hand(weights, pixels), rtol=1e-3, atol=1e-3)


def test_what_is_no_file_of_weights_is_refused(tmp_path):
    with pytest.raises(WeightsError):
        build_backbone(SMALL, tmp_path / "none.weights.h5")
