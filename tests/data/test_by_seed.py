"""A split for every seed: paired, of one size, balanced, with twins together."""

import struct
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from data.picture_folders import encoded, files_in, write_folder
from PIL import Image

from sweep.data.by_seed import seed_splits
from sweep.data.pets.rendered_pets import draw_pet
from sweep.data.pictures import find_pictures
from sweep.data.split import split, split_by_seed
from sweep.errors import DataError
from sweep.results.account import account_of
from sweep.results.account_words import in_a_line, statements
from sweep.study.tasks import Pictures

NAMES = ("cat", "dog")
BY_SEED = Pictures(limit=None, split="by-seed")
GOLDEN = "cdbdd30d62a28b2317d38c346ddecf62"
OWN = BY_SEED.model_copy(update={"split": "own"})
SEEDS = range(40)


def labels_and_groups(random):
    """Up to 80 pictures of two or three classes; some have twins, some of these another class."""
    count, classes = random.integers(20, 80), random.integers(2, 4)
    labels = [*range(classes), *random.integers(0, classes, count - classes).tolist()]
    groups = np.arange(count)
    for _ in range(random.integers(0, 8)):
        groups[random.integers(0, count, random.integers(2, 4))] = random.integers(0, count)
    return labels, groups.tolist()


@pytest.mark.parametrize("number", range(20))
def test_every_seed_uses_the_whole_pool_in_parts_of_one_size_with_twins_together(number):
    random = np.random.default_rng(number)
    labels, groups = labels_and_groups(random)
    share = random.choice([0.1, 0.2, 0.5])
    splits = seed_splits(labels, groups, share)
    sizes = set()
    for seed in SEEDS:
        rows = splits.rows(seed)
        assert sorted([*rows.train, *rows.valid]) == [*range(len(labels))]
        assert {groups[row] for row in rows.train}.isdisjoint(groups[row] for row in rows.valid)
        sizes.add(tuple(Counter(labels[row] for row in rows.valid)[label] for label in range(3)))
    assert len(sizes) == 1
    most = [int(labels.count(label) * share + 0.5) for label in range(3)]
    assert all(count <= bound for count, bound in zip(*sizes, most, strict=True))


def test_without_twins_parts_are_as_large_as_those_of_the_one_split():
    for share in (0.1, 0.2, 0.37):
        wanted = BY_SEED.model_copy(update={"validation_share": share})
        own, by_seed = (parted(wanted, (31, 44), NAMES) for parted in (split, split_by_seed))
        assert own.counts(own.valid) == by_seed.counts(by_seed.valid)
        assert sorted(own.order) == sorted(by_seed.order), "and of the same pictures"


def test_seeds_differ_and_every_picture_is_as_likely_for_validation():
    splits = seed_splits([0, 1] * 50, range(100), 0.2)
    drawn = [splits.rows(seed).valid.tolist() for seed in range(2000)]
    assert splits.rows(7).valid.tolist() == drawn[7]
    assert len({tuple(rows) for rows in drawn}) == len(drawn)
    # Of 2,000 draws with probability 0.2 the count has mean 400, standard deviation 18: 5 of them.
    counts = np.bincount(np.concatenate(drawn), minlength=100)
    assert np.abs(counts - 400).max() < 90


def test_single_pictures_fill_up_what_twins_leave():
    splits = seed_splits([0] * 21, [0, 0, 0, *range(3, 21)], 0.2)
    assert {len(splits.rows(seed).valid) for seed in SEEDS} == {4}


def test_a_class_needs_a_picture_in_each_part():
    with pytest.raises(DataError, match="one for validation"):
        split_by_seed(BY_SEED, (2, 40), NAMES)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def test_the_same_pictures_come_by_rank_with_what_the_seeds_draw(tmp_path, cache):
    place = str(write_folder(tmp_path / "pets", files_in("filtered")))
    own, drawn = (find_pictures(wanted, place, cache=cache) for wanted in (OWN, BY_SEED))
    assert own.by_seed is None
    assert drawn.by_seed is not None
    assert own.account.valid_counts == drawn.account.valid_counts == (2, 2)
    assert drawn.labels.tolist() == [0, 1] * 10
    assert sorted(map(bytes, own.pixels(0, 20, 32))) == sorted(map(bytes, drawn.pixels(0, 20, 32)))
    valid = {tuple(drawn.by_seed.rows(seed).valid) for seed in range(5)}
    assert len(valid) > 1
    assert {Counter(drawn.labels[[*rows]].tolist())[0] for rows in valid} == {2}


def test_what_decides_the_split_is_in_the_hash(tmp_path, cache):
    """Two pictures look the same: whether they stay together makes another data set."""
    files = files_in("microsoft")
    pet = Image.fromarray(draw_pet(0)).resize((128, 96))
    files |= {f"PetImages/Cat/pet.{kind}": encoded(pet, kind) for kind in ("PNG", "JPEG")}
    place = str(write_folder(tmp_path / "pets", files))
    wanted = [
        BY_SEED,
        OWN,
        BY_SEED.model_copy(update={"twins": "apart"}),
        BY_SEED.model_copy(update={"validation_share": 0.3}),
    ]
    accounts = [find_pictures(each, place, cache=cache).account for each in wanted]
    assert len({account.content_hash for account in accounts}) == 4
    assert accounts[0].tally.parted_twin_count == 0


def bitmap(number: int) -> bytes:
    """16 × 16 pixels, made without a library: the same bytes with every version of it."""
    pixels = bytes((number * 37 + position * 11) % 256 for position in range(16 * 16 * 3))
    info = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + info + pixels


def test_one_split_is_what_it_was(tmp_path, cache):
    """Golden: the hash that version 0.1 gives, on which fingerprints of stored trials rest."""
    files = {
        f"{name}/{n}.bmp": bitmap(10 * k + n) for k, name in enumerate(NAMES) for n in range(8)
    }
    place = str(write_folder(tmp_path / "pets", files))
    wanted = OWN.model_copy(update={"twins": "apart"})
    assert find_pictures(wanted, place, cache=cache).account.content_hash == GOLDEN


def test_it_is_told(tmp_path, cache):
    filtered = write_folder(tmp_path / "filtered", files_in("filtered"))
    pooled = account_of(find_pictures(BY_SEED, str(filtered), cache=cache).account)
    assert dict(statements(pooled))["Split"] == (
        "the folder's own parts (train, validation) were pooled and are split anew by each seed; "
        "--split given keeps them"
    )
    assert in_a_line(pooled).endswith("Split: by seed")
    few = {"limit": 20}
    by_seed, own = (
        account_of(find_pictures(each.model_copy(update=few), "rendered-pets", cache=cache).account)
        for each in (BY_SEED, OWN)
    )
    assert dict(statements(by_seed))["Split"] == (
        "by seed: each seed draws its own from all of them, balanced by class"
    )
    assert replace(own, tally=None) == replace(by_seed, tally=None)
