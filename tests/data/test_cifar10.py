"""CIFAR-10 is found, read and refused on files of its layout; hostile pickles run nothing."""

import functools
import hashlib
import os
import pickle
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from data.cifar_files import (
    CLASSES,
    as_archive,
    as_folder,
    batch,
    members,
    new_pickle,
    old_pickle,
)
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.data import cifar10
from sweep.data.cifar10 import MEMBERS, NAMES, TEST, load_cifar10
from sweep.data.cifar_batches import BatchError, read_batch
from sweep.data.fetch import CIFAR_10
from sweep.errors import DataError, NotFetchedError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty cache of Keras."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


def load(place, cache, **options):
    return load_cifar10(
        None if place is None else str(place), cache, **{"download": False} | options
    )


@pytest.mark.parametrize("dumps", [old_pickle, new_pickle])
def test_pictures_labels_names_and_split(home, dumps):
    place = home / "cifar.tar.gz"
    place.write_bytes(as_archive(members(dumps)))
    found = load(place, home / "cache")
    assert found.inputs_N.shape == (72, 32, 32, 3)
    assert found.inputs_N.dtype == np.uint8
    assert (found.train_count, found.class_count) == (60, 10)
    assert found.account.class_names == CLASSES
    assert sum(found.account.train_counts) == 60
    assert sum(found.account.valid_counts) == 12
    second = batch(1, 12)  # data_batch_2: the row of a channel is a row of the picture
    expected = second[b"data"][3].reshape(3, 32, 32)
    np.testing.assert_array_equal(found.inputs_N[12 + 3, :, :, 2], expected[2])
    assert found.targets_N[12:24].tolist() == second[b"labels"]
    np.testing.assert_array_equal(
        found.inputs_N[60:, 0, 0, 0], batch(MEMBERS.index(TEST), 12)[b"data"][:, 0]
    )


def test_the_pickles_of_these_tests_are_those_that_python_reads():
    read = pickle.loads(old_pickle(batch(1, 5)), encoding="bytes")
    np.testing.assert_array_equal(read.pop(b"data"), batch(1, 5)[b"data"])
    assert read == {key: value for key, value in batch(1, 5).items() if key != b"data"}


def test_folder_archive_and_order_of_files_do_not_matter(home):
    files = members()
    turned = dict(reversed(files.items()))
    places = [home / "a.tar.gz", home / "b.tar", home / "c.tar.xz"]
    for place, mode in zip(places, ("w:gz", "w", "w:xz"), strict=True):
        place.write_bytes(as_archive(turned, mode))
    places.append(as_folder(home / "cifar-10-batches-py", files))
    places.append(home)  # the folder around it
    assert len({load(place, home / "cache").content_hash for place in places}) == 1


def test_hash_is_of_inputs_targets_and_split(home):
    hashes = {load(as_folder(home / "same", members()), home).content_hash}
    for key, change in ((b"data", 1), (b"labels", 1)):
        other = batch(0, 12)
        other[key][0] = (other[key][0] + change) % 10
        files = members() | {"data_batch_1": old_pickle(other)}
        hashes.add(load(as_folder(home / "other", files), home).content_hash)
    swapped = members()
    swapped["data_batch_1"], swapped[TEST] = swapped[TEST], swapped["data_batch_1"]
    hashes.add(load(as_folder(home / "swapped", swapped), home).content_hash)
    assert len(hashes) == 4


@pytest.mark.parametrize(
    "name",
    [
        "cifar-10-batches-py-target/cifar-10-batches-py/",
        "cifar-10-batches-py/",
        "cifar-10-batches-py-target_archive",
        "cifar-10-batches-py.tar.gz",
    ],
)
def test_found_in_the_cache_of_keras(home, name):
    place = home / "keras" / "datasets" / name
    place.parent.mkdir(parents=True)
    if name.endswith("/"):
        as_folder(place, members())
    else:
        place.write_bytes(as_archive(members()))
    for asked in (None, "cifar-10"):
        assert load(asked, home / "cache").account.source == str(place)


def test_nowhere_and_no_download(home):
    with pytest.raises(NotFetchedError, match="sweep data fetch cifar-10"):
        load(None, home / "cache")
    with pytest.raises(DataError, match=r"nothing at .*none"):
        load(home / "none", home / "cache")


def ran(_: object) -> bytes:
    """A pickle that asks for a command to be run."""

    class Hostile:
        def __reduce__(self):
            return os.system, ("touch ran",)

    return pickle.dumps({b"data": Hostile()}, protocol=2)


@pytest.mark.parametrize(
    "hostile",
    [
        pickle.dumps({b"data": subprocess.Popen}, protocol=2),
        b"cos\nsystem\n(Vtouch ran\ntR.",
        b"cbuiltins\neval\n(V__import__('os').system('touch ran')\ntR.",
        b"cnumpy\nload\n(Vran\ntR.",
        b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.",
        b"cnumpy.core.multiarray\nscalar\n(tR.",
        b"c_codecs\nencode\n(Vtext\nVrot13\ntR.",
        b"cnumpy\ndtype\n(VO\ntR.",
        b"P1\n.",
    ],
)
def test_a_hostile_pickle_is_refused_and_runs_nothing(hostile, home, monkeypatch):
    monkeypatch.chdir(home)
    place = as_folder(home / "there", members() | {"data_batch_3": hostile})
    with pytest.raises(DataError, match="data_batch_3 in it is no file of CIFAR-10"):
        load(place, home / "cache")
    assert not (home / "ran").exists()


def test_a_pickle_that_would_run_a_command_elsewhere_does_not_here(home, monkeypatch):
    monkeypatch.chdir(home)
    with pytest.raises(BatchError, match=r"asks for \w+\.system"):
        read_batch(ran(None))
    assert not (home / "ran").exists()


def wrong(**changes):
    return old_pickle(batch(0, 12) | {key.encode(): value for key, value in changes.items()})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cut off or damaged"),
        (old_pickle(batch(0, 12))[:-400], "cut off or damaged"),
        (old_pickle([1]), "no dictionary"),
        (wrong(data=b"bytes"), "no pictures"),
        (wrong(data=np.zeros((12, 3000), np.uint8)), "no pictures"),
        (wrong(labels=[1] * 11), "no label for each picture"),
        (wrong(labels=[10] * 12), "none of 0 … 9"),
        (wrong(labels=[b"1"] * 12), "none of 0 … 9"),
        (new_pickle(batch(0, 12) | {b"data": np.zeros((12, 3072))}), "type 'f8', and not bytes"),
    ],
)
def test_what_is_no_batch_is_said(content, said, home):
    place = as_folder(home / "there", members() | {"data_batch_1": content})
    with pytest.raises(DataError, match=said):
        load(place, home / "cache")


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_file_is_named(name, home):
    files = {known: content for known, content in members().items() if known != name}
    place = home / "cifar.tar.gz"
    place.write_bytes(as_archive(files))
    with pytest.raises(DataError, match=f"no {name} in it"):
        load(place, home / "cache")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.99])
def test_a_truncated_archive_is_said(share, home):
    whole = as_archive(members())
    place = home / "cifar.tar.gz"
    place.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match="cannot be used as CIFAR-10") as caught:
        load(place, home / "cache")
    assert "sweep data fetch cifar-10" in caught.value.remedy


def test_a_damaged_archive_is_said(home):
    whole = as_archive(members())
    place, middle = home / "cifar.tar.gz", len(whole) // 2
    place.write_bytes(whole[:middle] + bytes(1000) + whole[middle + 1000 :])
    with pytest.raises(DataError, match="cannot be used as CIFAR-10"):
        load(place, home / "cache")


def test_names_are_ten(home):
    files = members() | {NAMES: old_pickle({b"label_names": [b"a", b"b"]})}
    with pytest.raises(DataError, match="names of ten classes"):
        load(as_folder(home / "there", files), home / "cache")


def test_a_file_that_is_too_large_is_not_read(home, monkeypatch):
    monkeypatch.setattr(cifar10, "MAX_MEMBER_BYTES", 1000)
    with pytest.raises(DataError, match="larger than"):
        load(as_folder(home / "there", members()), home / "cache")


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def network(home):
    """A small archive in place of the public one, on a server."""
    folder, content = home / "public", as_archive(members())
    folder.mkdir()
    (folder / "cifar-10-python.tar.gz").write_bytes(content)
    address = ("127.0.0.1", 0)
    as_it_was = vars(CIFAR_10).copy()
    with ThreadingHTTPServer(address, functools.partial(Handler, directory=folder)) as server:
        vars(CIFAR_10).update(
            url=f"http://127.0.0.1:{server.server_port}/cifar-10-python.tar.gz",
            size_bytes=len(content),
            checksum=f"sha256:{hashlib.sha256(content).hexdigest()}",
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield
        server.shutdown()
        thread.join()
    vars(CIFAR_10).update(as_it_was)


@pytest.mark.usefixtures("network")
def test_downloaded_where_it_is_nowhere(home):
    found = load(None, home / "cache", download=True)
    assert found.account.source == str(CIFAR_10.place(home / "cache"))
    assert load(None, home / "cache").content_hash == found.content_hash


@pytest.mark.usefixtures("network")
def test_the_command_fetches_checks_and_says_where(home, monkeypatch):
    monkeypatch.chdir(home)
    place = CIFAR_10.place(home / "cache")

    def ask(*arguments):
        done = CliRunner().invoke(
            app, ["data", *arguments], env={"SWEEP_CACHE": str(home / "cache"), "COLUMNS": "300"}
        )
        return done.exit_code, done.stdout

    assert f"CIFAR-10: {place} (not there)" in ask("where")[1]
    assert "CIFAR-10: missing: sweep data fetch cifar-10" in ask("check")[1]
    status, said = ask("fetch", "cifar-10", "--quiet")
    assert status == 0
    assert f"CIFAR-10: {place} (there)" in said
    assert "CIFAR-10: whole" in ask("check")[1]
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    assert "CIFAR-10: damaged: sweep data fetch cifar-10" in ask("check")[1]
    assert ask("fetch", "cifar-10", "--quiet")[0] == 0
    assert "CIFAR-10: whole" in ask("check")[1]


def test_an_unknown_name_is_said_with_the_nearest(home, monkeypatch):
    monkeypatch.setenv("SWEEP_CACHE", str(home / "cache"))
    done = CliRunner().invoke(app, ["data", "fetch", "cifar10"])
    assert done.exit_code == 2
    assert "no public file 'cifar10'" in done.output
    assert "cifar-10" in done.output.split("no public file 'cifar10'")[1]


def test_checksum_and_address_are_those_of_keras():
    import inspect

    from keras.datasets import cifar10 as of_keras

    source = inspect.getsource(inspect.getmodule(of_keras.load_data))
    assert CIFAR_10.url in source
    assert CIFAR_10.checksum.removeprefix("sha256:") in source
