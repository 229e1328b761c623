"""Pictures as arrays: decoded once, cached by content, in the parts that the study asks for."""

import numpy as np
import pytest
from data.picture_folders import files_in, write_folder

from sweep.data.pictures import find_pictures
from sweep.data.pixels import picture_examples
from sweep.study.tasks import Pictures


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "pictures", files_in("filtered"))


def examples(folder, cache, size=8, **asked):
    wanted = Pictures(limit=None, **asked)
    return picture_examples(find_pictures(wanted, str(folder), cache=cache), size, cache=cache)


def test_pixels_are_those_of_each_picture(folder, tmp_path):
    found = find_pictures(Pictures(limit=None), str(folder), cache=tmp_path / "cache")
    made = picture_examples(found, 8, cache=tmp_path / "cache")
    assert made.inputs_N.shape == (20, 8, 8, 3)
    assert made.inputs_N.dtype == np.uint8
    for index in range(20):
        np.testing.assert_array_equal(made.inputs_N[index], found.pixels(index, index + 1, 8)[0])
    np.testing.assert_array_equal(made.targets_N, found.labels)
    assert made.class_count == 2


def test_decoded_once_for_each_size(folder, tmp_path):
    first = examples(folder, tmp_path / "cache")
    other = examples(folder, tmp_path / "cache", 12)
    assert other.inputs_N.shape == (20, 12, 12, 3)
    files = sorted((tmp_path / "cache" / "pixels").glob("*.npy"))
    before = [file.stat().st_mtime_ns for file in files]
    again = examples(folder, tmp_path / "cache")
    np.testing.assert_array_equal(first.inputs_N, again.inputs_N)
    assert [file.stat().st_mtime_ns for file in files] == before


@pytest.mark.parametrize("damage", ["cut", "changed", "no checksum"])
def test_a_damaged_cache_is_decoded_again(damage, folder, tmp_path):
    whole = np.array(examples(folder, tmp_path / "cache").inputs_N)
    (file,) = (tmp_path / "cache" / "pixels").glob("*.npy")
    content = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(content[:-10])
        case "changed":
            file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case _:
            file.with_suffix(".sha256").unlink()
    np.testing.assert_array_equal(examples(folder, tmp_path / "cache").inputs_N, whole)
    assert file.read_bytes() == content


def test_seeds_draw_their_own_parts(folder, tmp_path):
    made = examples(folder, tmp_path / "cache")
    drawn = [made.rows(seed).valid.tolist() for seed in range(5)]
    assert len({*map(tuple, drawn)}) > 1
    assert all(len(rows) == 4 for rows in drawn)
    assert made.content_hash == made.account.content_hash


@pytest.mark.parametrize("split", ["own", "given"])
def test_one_split_for_all_seeds(split, folder, tmp_path):
    made = examples(folder, tmp_path / "cache", split=split)
    rows = [made.rows(seed) for seed in range(2)]
    assert rows[0].train.tolist() == rows[1].train.tolist() == list(range(made.train_count))
    assert made.account.tally.split == split
