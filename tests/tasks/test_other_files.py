"""Files that hold no weights of the network: each is refused and called by its name."""

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from tasks.made_weights import network, save_keras_3, save_weights

from sweep.errors import WeightsError
from sweep.study.tasks import Model
from sweep.tasks.backbones import weights_info
from sweep.tasks.weights import kernel_shapes
from sweep.training.keras_runtime import load_keras


@pytest.fixture(scope="module", autouse=True)
def keras_backend():
    load_keras(os.environ.get("KERAS_BACKEND") or "tensorflow")


def with_vgg19(path: Path) -> None:
    import keras

    vgg = keras.applications.VGG19(include_top=False, weights=None, input_shape=(32, 32, 3))
    save_weights(vgg, path)


def with_theano_kernels(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = names = [f"block_conv{i}" for i in range(13)]
        for name, shape in zip(names, kernel_shapes("vgg16"), strict=True):
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W", f"{name}_b"]
            group[f"{name}_W"] = np.zeros(shape[::-1], np.float32)
            group[f"{name}_b"] = np.zeros(shape[-1], np.float32)


def with_batch_normalization(path: Path) -> None:
    import keras

    save_weights(network(keras.layers.BatchNormalization()), path)


def cut_off(path: Path) -> None:
    with_vgg19(path)
    os.truncate(path, 5000)


def cut_off_model(path: Path) -> None:
    save_keras_3(network(), path)
    os.truncate(path, 5000)


def with_data(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["train/images"] = np.zeros((4, 3))


def with_member(name: str, content: bytes):
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, content)

    return write


def with_bytes(content: bytes):
    return lambda path: path.write_bytes(content)


def with_saved_model(path: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"")


def with_unpacked_model(path: Path) -> None:
    path.mkdir()
    (path / "model.weights.h5").write_bytes(b"")


def archive() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("w.weights.h5"))
    return content.getvalue()


def array() -> bytes:
    content = io.BytesIO()
    np.save(content, np.zeros(3))
    return content.getvalue()


SAFETENSORS = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
REFUSED = {
    "vgg19": (with_vgg19, "the weights of VGG19"),
    "small": (lambda path: save_weights(network(), path), "the weights of the small network"),
    "grey": (lambda path: save_weights(network(channels=1), path), "3 convolutions, not 13"),
    "normalized": (with_batch_normalization, "other than convolutions and dense ones"),
    "theano": (with_theano_kernels, "order of Theano"),
    "cut": (cut_off, "cut off, 5,000 of"),
    "cut model": (cut_off_model, "zip archive that is cut off"),
    "data": (with_data, "without weights of Keras layers; in it: train"),
    "empty": (with_bytes(b""), "an empty file"),
    "page": (with_bytes(b"\n<!DOCTYPE html>\n<html lang=en>"), "a web page"),
    "lfs": (with_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs"),
    "torch": (with_member("archive/data.pkl", b"\x80\x02."), "a file of PyTorch"),
    "old torch": (with_bytes(pickle.dumps({}, protocol=2)), "as PyTorch writes"),
    "safetensors": (
        with_bytes(struct.pack("<Q", len(SAFETENSORS)) + SAFETENSORS + bytes(4)),
        "safetensors",
    ),
    "npz": (with_member("conv1_1_W.npy", array()), "arrays of NumPy"),
    "npy": (with_bytes(array()), "an array of NumPy"),
    "zip": (with_member("vgg/weights.h5", b"\x89HDF\r\n\x1a\n"), "zip archive of vgg/weights.h5"),
    "gzip": (with_bytes(gzip.compress(b"weights")), "compressed"),
    "tar": (with_bytes(archive()), "an archive"),
    "list": (with_bytes(b'{"metadata": {}, "weight_map": {}}'), "in several files"),
    "json": (with_bytes(b'{"error": "not found"}'), "JSON"),
    "text": (with_bytes(b"Not Found\r\n"), "text"),
    "index": (with_bytes(b"\0" * 40 + struct.pack("<Q", 0xDB4775248B80FB57)), "checkpoint"),
    "vgg.data-00000-of-00001": (with_bytes(bytes(range(256))), "checkpoint"),
    "lite": (with_bytes(b"\x1c\0\0\0TFL3\0"), "TensorFlow Lite"),
    "noise": (with_bytes(bytes(range(1, 256))), "neither HDF5 nor"),
    "saved model": (with_saved_model, "SavedModel"),
    "unpacked": (with_unpacked_model, "--weights .*unpacked/model.weights.h5"),
    "folder": (lambda path: path.mkdir(), "a folder"),
    "pipe": (os.mkfifo, "a pipe"),
    "none": (lambda _: None, "No such file"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_is_called_by_its_name(kind, tmp_path):
    """Before anything is computed, in one message that says what is needed."""
    make, found = REFUSED[kind]
    make(tmp_path / kind)
    with pytest.raises(WeightsError, match=found) as told:
        weights_info(Model(weights="file", image_size=32), tmp_path / kind)
    assert "the weights of VGG16, with or without its top" in str(told.value)
    assert "remedy: " in str(told.value)
