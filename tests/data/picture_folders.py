"""Small pictures in every layout in which they are found."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

PER_CLASS = 10

LAYOUTS = {
    "microsoft": ("PetImages/Cat/{}.jpg", "PetImages/Dog/{}.jpg"),
    "inside PetImages": ("Cat/{}.jpg", "Dog/{}.jpg"),
    "kaggle": ("train/cat.{}.jpg", "train/dog.{}.jpg"),
    "kaggle, unpacked here": ("cat.{}.jpg", "dog.{}.jpg"),
    "filtered": (
        "cats_and_dogs_filtered/{part}/cats/cat.{}.jpg",
        "cats_and_dogs_filtered/{part}/dogs/dog.{}.jpg",
    ),
}


def jpeg(seed: int, size: int = 24) -> bytes:
    """A small picture of its own for every seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size, size + 6, 3), np.uint8)
    return encoded(Image.fromarray(pixels), "JPEG")


def encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def files_in(layout: str, per_class: int = PER_CLASS) -> dict[str, bytes]:
    """Contents by name: the same contents in every layout."""
    return {
        LAYOUTS[layout][label].format(
            number, part="validation" if number % 3 == 0 else "train"
        ): jpeg(2 * number + label)
        for label in (0, 1)
        for number in range(per_class)
    }


def write_folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def as_zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
