"""The digits of scikit-learn: 1,797 real pictures of handwritten digits, 8 × 8 pixels.

They are the test set of the UCI machine learning repository's "Optical Recognition of Handwritten
Digits" (Alpaydin & Kaynak 1998), and come with scikit-learn, so nothing is downloaded.
"""

import numpy as np

from sweep.data.examples import Examples, examples_of
from sweep.data.split import split
from sweep.errors import MissingError
from sweep.study.tasks import Pictures

CLASS_NAMES = tuple(f"digit {digit}" for digit in range(10))
SPLIT = Pictures(limit=None, validation_share=0.2, split="own")
"""Of each digit, in scikit-learn's order, every fifth picture is for validation."""


def load_digits() -> Examples:
    """All digits, 1,438 to train on and 359 for validation, each digit in the same shares.

    Inputs are (N, 8, 8, 1) in uint8, from 0 (paper) to 16 (ink).

    Raises:
        MissingError: scikit-learn is not installed.
    """
    try:
        from sklearn import datasets
    except ImportError as error:
        raise MissingError(
            f"the digits come with scikit-learn, which cannot be imported: {error}",
            remedy="Install it with `pip install 'hyperparameter-robustness[digits]'`.",
        ) from error
    pixels, digits = map(np.asarray, datasets.load_digits(return_X_y=True))
    labels = digits.astype(np.int32)
    of_class = [np.flatnonzero(labels == label) for label in range(len(CLASS_NAMES))]
    parts = split(SPLIT, [len(rows) for rows in of_class], CLASS_NAMES)
    order = np.array([of_class[label][rank] for label, rank in parts.order])
    return examples_of(
        pixels.reshape(-1, 8, 8, 1)[order].astype(np.uint8),
        labels[order],
        len(parts.train),
        name="handwritten digits",
        source="scikit-learn",
        class_names=CLASS_NAMES,
        are_pictures=True,
    )
