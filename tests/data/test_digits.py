"""The digits are scikit-learn's own, split once and the same everywhere."""

import sys

import numpy as np
import pytest
from sklearn import datasets

from sweep.data.digits import load_digits
from sweep.errors import MissingError


def test_all_pictures_once_with_their_digits():
    found, theirs = load_digits(), datasets.load_digits()
    assert found.inputs_N.shape == (1797, 8, 8, 1)
    assert found.inputs_N.dtype == np.uint8
    ours = {(bytes(x), int(y)) for x, y in zip(found.inputs_N, found.targets_N, strict=True)}
    pictures = theirs.images.astype(np.uint8)
    assert ours == {(x.tobytes(), int(y)) for x, y in zip(pictures, theirs.target, strict=True)}
    assert len(ours) == 1797  # no picture is there twice, so none is in both parts


def test_split_is_stratified():
    account = load_digits().account
    for train, valid in zip(account.train_counts, account.valid_counts, strict=True):
        assert abs(valid - (train + valid) / 5) <= 0.5
    assert (sum(account.train_counts), sum(account.valid_counts)) == (1438, 359)


def test_content_is_that_of_every_machine():
    """Another split or other pixels would be another study's data; NumPy and platform are none."""
    assert load_digits().content_hash == "c3cc45a252dab8e0ccda812075276caa"


def test_without_scikit_learn_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingError, match=r"pip install 'hyperparameter-robustness\[digits\]'"):
        load_digits()
