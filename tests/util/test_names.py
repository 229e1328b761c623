"""File names of things that have names of their own: plain ones are kept, no two are the same."""

import unicodedata
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.util.names import MAX_BYTES, file_stem

PLAIN = ("lr-robustness", "a_b", "v1.2", "7", "x" * 120, "größe".replace("ß", "ss"), "猫")
LIKE = (
    *("a:b", "a-b", "a b", "a--b", "a?b", "a*b", "A:B", "A-B", "a-b.", "a-b-", ".a-b", "-a-b"),
    *("a-b~6783a31eabf6", "con", "CON", "con.x", "nul", "com1", "COM¹", "lpt9.txt", "aux", "prn"),
    *("conin$", "é", unicodedata.normalize("NFD", "é"), "É", "ß", "ss", ":", "::", "…", "~"),
    *("猫" * 120, "猫" * 119, "é" * 120, "strasse", "straße", "STRASSE", "a\u200bb"),
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=("C",), exclude_characters="/\\"), min_size=1)
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in "123")}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names_are_kept(name):
    assert file_stem(name) == name


def test_no_two_names_have_one_file():
    files = defaultdict(list)
    for name in {*PLAIN, *LIKE}:
        files[as_file_systems_see_it(file_stem(name))].append(name)
    assert [names for names in files.values() if len(names) > 1] == []


@given(NAMES)
def test_any_name_gives_a_name_that_every_file_system_takes(name):
    stem = file_stem(name)
    assert len(f"{stem}-effective-rate.json".encode()) <= 255
    assert stem.split(".")[0].casefold() not in DEVICES
    assert not {*stem} & {*'<>:"/\\|?*'}
    assert stem == stem.strip(". -")
    assert len(stem.encode()) <= MAX_BYTES
    assert (stem == name) != ("~" in stem) or "~" in name


def as_file_systems_see_it(stem):
    """Without capitals, letters with their accents apart, and no dots or spaces at the end."""
    return unicodedata.normalize("NFD", stem.casefold()).rstrip(". ")
