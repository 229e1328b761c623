"""Where a node runs a program that was started on another machine. Runs on Ray: ``test_ray``."""

import hashlib

import pytest

from sweep.errors import MissingError
from sweep.executors.program_worker import folder_of

SOURCE = b"print(1)"
CODE = {"train.py": hashlib.sha256(SOURCE).hexdigest()}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """That of the run, and the copy, which is the current one; both with the same code."""
    run, copy = tmp_path / "run", tmp_path / "copy"
    for folder in (run, copy):
        folder.mkdir()
        (folder / "train.py").write_bytes(SOURCE)
    monkeypatch.chdir(copy)
    return run, copy


def test_the_folder_of_the_run_comes_first_where_it_has_the_same_code(folders):
    run, copy = folders
    assert folder_of(run, CODE) == run
    (run / "train.py").write_bytes(b"print(2)")
    assert folder_of(run, CODE) == copy
    assert folder_of(run / "gone", {}) == copy


def test_other_code_is_never_run(folders):
    for folder in folders:
        (folder / "train.py").unlink()
    with pytest.raises(MissingError, match=r"has no train\.py, or another one"):
        folder_of(folders[0], CODE)
