"""The backbone's output for every picture, computed once and cached.

The cache is addressed by content: the key is a hash of all that the features depend on. A folder
``features/KEY`` holds ``features.npy`` (float16, memory-mapped by its readers) and
``manifest.json`` with its checksum. While it is computed it is called ``KEY.partial``, and every
finished chunk is noted there with its checksum, so that an interrupted computation continues.

In the flow: ``data`` gives pictures, ``executors`` hand the features to ``training``.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from filelock import FileLock
from numpy.typing import NDArray

from sweep.data.files import cache_errors
from sweep.data.pictures import PictureSet
from sweep.errors import DataError
from sweep.study.tasks import Model
from sweep.tasks.backbones import activation_bytes, build_backbone, feature_count
from sweep.tasks.convolutions import are_by_ncnn
from sweep.util.hashing import digest
from sweep.util.progress import Progress, silent

log = logging.getLogger(__name__)

Features = NDArray[np.float16]

FEATURES_VERSION = 1
CHUNK_PICTURES = 32
"""Pictures a chunk at most; also the batch that goes through the backbone."""
SCALE_PICTURES = 8
"""Pictures by which the scale of stored features is told."""
_ARRAY, _MANIFEST, _CHUNKS = "features.npy", "manifest.json", "chunks.jsonl"


@dataclass(frozen=True)
class Scaled:
    """Pictures with their features, by whose scale those of others are to be divided too."""

    pictures: PictureSet
    features_NF: Features


def features_key(
    pictures_hash: str, model: Model, weights_hash: str, *, are_mirrored: bool = False
) -> str:
    """Hash of all that the features depend on: 32 hexadecimal digits.

    Args:
        pictures_hash: of the pictures' content.
        model: the backbone.
        weights_hash: of its weights' content.
        are_mirrored: whether they are those of the pictures' mirror images.
    """
    return digest(
        {
            "version": FEATURES_VERSION,
            "pictures": pictures_hash,
            "weights": weights_hash,
            "type": "float16",
            **model.model_dump(include={"backbone", "image_size", "precision"}),
            **({"mirrored": True} if are_mirrored else {}),
        }
    )


def have_features(key: str, cache: Path) -> bool:
    """Whether the cache has features of this key, whole or damaged."""
    return (cache / "features" / key).is_dir()


def cached_features(key: str, cache: Path) -> Features | None:
    """The features of this key, memory-mapped; None where there are none or damaged ones."""
    if not have_features(key, cache):
        return None
    folder = cache / "features" / key
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if _file_hash(folder / _ARRAY) == manifest["sha256"]:
            return np.load(folder / _ARRAY, mmap_mode="r")
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        log.debug("features %s: %s", key, error)
    log.warning("The cached features %s are damaged; they are computed again.", key)
    shutil.rmtree(folder, ignore_errors=True)
    return None


def load_or_compute(
    pictures: PictureSet,
    model: Model,
    weights: Path | None,
    key: str,
    *,
    cache: Path,
    progress: Progress = silent,
    mirror_of: Scaled | None = None,
) -> Features:
    """The features of all pictures, shape (N, F), in their order.

    Those of random backbones are divided by one number, the root mean square of the training
    pictures' features, so that the head sees inputs of the size that it is made for; those of
    trained backbones are as they are. Where each seed draws its own training pictures there is no
    one training set: the number is then that of all pictures, which uses no label. Mirror images
    are divided by the number of the pictures that they mirror.

    Args:
        pictures: N of them.
        model: the backbone.
        weights: file of its weights, None for random ones.
        key: from ``features_key``.
        cache: the cache folder.
        progress: told after every chunk.
        mirror_of: the pictures that these mirror; None where they are no mirror images.

    Raises:
        DataError: a feature is not finite in float16.
        CacheError: the cache folder has no space left or cannot be written.
    """
    root = cache / "features"
    with cache_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f"{key}.lock"):
            found = cached_features(key, cache)
            if found is not None:
                return found
            partial = root / f"{key}.partial"
            _compute(pictures, model, weights, partial, progress, mirror_of)
            partial.replace(root / key)
            return np.load(root / key / _ARRAY, mmap_mode="r")


def _compute(
    pictures: PictureSet,
    model: Model,
    weights: Path | None,
    folder: Path,
    progress: Progress,
    mirror_of: Scaled | None,
) -> None:
    shape = (len(pictures), feature_count(model))
    array, done = _continued(folder, shape) or (_new_array(folder, shape), 0)
    unit = f"{'mirrored ' if mirror_of else ''}pictures in {model.precision_words}"
    unit += " by ncnn" if are_by_ncnn(model) else ""
    progress("features", done, len(pictures), unit)
    if done < len(pictures):
        predict = build_backbone(model, weights)
        with (folder / _CHUNKS).open("a", encoding="utf-8") as chunks:
            for start, pixels in _prefetched(pictures, model, done):
                array[start : start + len(pixels)] = _finite_float16(predict(pixels))
                stop = start + len(pixels)
                chunks.write(json.dumps([start, stop, _hash(array[start:stop])]) + "\n")
                chunks.flush()
                progress("features", stop, len(pictures), unit)
    if model.weights == "random":
        count = pictures.train_count if pictures.by_seed is None else len(array)
        _divide(array, _divisor(mirror_of, model) if mirror_of else _rms(array[:count]))
    array.flush()
    del array
    _seal(folder)


def _continued(folder: Path, shape: tuple[int, int]) -> tuple[np.memmap, int] | None:
    """What an earlier computation left, and how many of its pictures can be trusted, if any."""
    try:
        array = np.lib.format.open_memmap(folder / _ARRAY, mode="r+")
    except Exception:  # NumPy raises many kinds for a file that it did not write
        return None
    if array.shape != shape or array.dtype != np.float16:
        return None
    done = _verified_pictures(folder, array)
    return (array, done) if done else None


def _new_array(folder: Path, shape: tuple[int, int]) -> np.memmap:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / _ARRAY
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    _claim_blocks(path)
    return array


def _claim_blocks(path: Path) -> None:
    """A full disk is then an error here, and not a bus error when a page is written."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _verified_pictures(folder: Path, array: Features) -> int:
    """How many pictures, from the first, an earlier computation left with a right checksum."""
    done = 0
    try:
        for line in (folder / _CHUNKS).read_text(encoding="utf-8").splitlines():
            start, stop, checksum = json.loads(line)
            if start != done or stop > len(array) or _hash(array[start:stop]) != checksum:
                break
            done = stop
    except (OSError, ValueError, TypeError, RecursionError):
        pass
    return done


def _prefetched(
    pictures: PictureSet, model: Model, first: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Chunks of pixels with their first picture's number; the next is decoded meanwhile."""
    affordable = psutil.virtual_memory().available // (4 * activation_bytes(model))
    size = int(min(CHUNK_PICTURES, max(1, affordable)))
    starts = range(first, len(pictures), size)

    def decode(start: int) -> NDArray[np.uint8]:
        return pictures.pixels(start, min(start + size, len(pictures)), model.image_size)

    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(decode, first)
        for start in starts:
            pixels = pending.result()
            if start + size < len(pictures):
                pending = pool.submit(decode, start + size)
            yield start, pixels


def _finite_float16(features: NDArray[np.float32]) -> Features:
    with np.errstate(over="ignore"):
        small = features.astype(np.float16)
    if not np.isfinite(small).all():
        raise DataError(
            f"a feature is {np.abs(features).max():g}",
            rule="Features are finite in float16 (below 65,504).",
            remedy="Check the backbone's weights: --weights imagenet, random, or another file.",
        )
    return small


def _rms(array: Features) -> float:
    """The root mean square."""
    squares = [
        np.square(array[start : start + CHUNK_PICTURES].astype(np.float64)).sum()
        for start in range(0, len(array), CHUNK_PICTURES)
    ]
    return float(np.sqrt(sum(squares) / array.size))


def _divisor(scaled: Scaled, model: Model) -> float:
    """What the features of a random backbone were divided by, which is kept nowhere.

    By some pictures' features, computed again: rounding to float16 moves each by at most 2⁻¹¹ of
    itself, and their root mean square by some millionths.
    """
    predict, size = build_backbone(model, None), model.image_size
    count = min(SCALE_PICTURES, len(scaled.pictures))
    # one by one, so that the number does not depend on how many there is memory for at once
    pixels = (scaled.pictures.pixels(index, index + 1, size) for index in range(count))
    raw = np.concatenate([_finite_float16(predict(each)) for each in pixels])
    return _rms(raw) / _rms(scaled.features_NF[:count])


def _divide(array: Features, divisor: float) -> None:
    for start in range(0, len(array), CHUNK_PICTURES):
        rows = slice(start, start + CHUNK_PICTURES)
        array[rows] = (array[rows].astype(np.float64) / divisor).astype(np.float16)


def _seal(folder: Path) -> None:
    manifest: dict[str, Any] = {
        "version": FEATURES_VERSION,
        "sha256": _file_hash(folder / _ARRAY),
    }
    with (folder / _ARRAY).open("rb") as file:
        os.fsync(file.fileno())
    with (folder / _MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file)
        file.flush()
        os.fsync(file.fileno())
    (folder / _CHUNKS).unlink(missing_ok=True)


def _hash(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
