"""Features: from picture files to the cache, against a bare ``predict`` over decoded arrays.

    python -m tests.benchmarks.features --data FOLDER [--pictures 128] [--rounds 7]

VGG16 at 224 × 224 with random weights (the time does not depend on them). Ours decodes, resizes,
computes, converts, checks and stores; the rival gets prepared float32 arrays.
"""

import argparse
import itertools
import tempfile
from pathlib import Path

import numpy as np

from sweep.data.pictures import find_pictures
from sweep.study.tasks import Model, Pictures
from sweep.tasks.features import CHUNK_PICTURES, load_or_compute
from sweep.training.keras_runtime import load_keras
from tests.benchmarks.rounds import compare, report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--pictures", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    load_keras("tensorflow")
    import keras

    model = Model(weights="random", precision="float32")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        pictures = find_pictures(Pictures(limit=asked.pictures), asked.data, cache=cache)
        base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(224, 224, 3))
        arrays = keras.applications.vgg16.preprocess_input(
            pictures.pixels(0, len(pictures), 224).astype(np.float32)
        )
        keys = map(str, itertools.count())
        pairs = compare(
            lambda: load_or_compute(pictures, model, None, next(keys), cache=cache),
            lambda: base.predict(arrays, batch_size=CHUNK_PICTURES, verbose=0),
            asked.rounds,
            per=(len(pictures), len(pictures)),
        )
    report("features", pairs, "a picture")


if __name__ == "__main__":
    main()
