"""A host without a network: fetch elsewhere, copy the cache, and be told whether all is there."""

import functools
import hashlib
import json
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from data.picture_folders import as_zip, files_in
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.data.fetch import DOGS_VS_CATS, WEIGHTS, fetch_weights
from sweep.data.pictures import find_pictures
from sweep.study import catalog

CONTENTS = {DOGS_VS_CATS: as_zip(files_in("microsoft")), WEIGHTS["vgg16"]: b"kernels" * 1000}
TITLES = [file.title for file in CONTENTS]


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def network(tmp_path):
    """A small archive and small weights in place of the public ones, while this server runs."""
    folder = tmp_path / "public"
    folder.mkdir()
    address = ("127.0.0.1", 0)
    with ThreadingHTTPServer(address, functools.partial(Handler, directory=folder)) as server:
        as_they_were = {file: vars(file).copy() for file in CONTENTS}
        for file, content in CONTENTS.items():
            name = file.url.rpartition("/")[2]
            (folder / name).write_bytes(content)
            vars(file).update(
                url=f"http://127.0.0.1:{server.server_port}/{name}",
                size_bytes=len(content),
                checksum=f"sha256:{hashlib.sha256(content).hexdigest()}",
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        def stop():
            server.shutdown()
            thread.join()
            server.server_close()

        yield stop
        stop()
        for file, values in as_they_were.items():
            vars(file).update(values)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """``sweep`` with a cache folder: exit status and words."""
    monkeypatch.chdir(tmp_path)

    def ask(cache, *arguments):
        done = CliRunner().invoke(
            app, list(arguments), env={"SWEEP_CACHE": str(tmp_path / cache), "COLUMNS": "300"}
        )
        return done.exit_code, done.stdout

    return ask


def states(ask, cache):
    """What ``sweep doctor`` says of the public files."""
    _, said = ask(cache, "doctor", "--json")
    return [
        (finding["works"], finding["detail"])
        for finding in json.loads(said)
        if finding["what"] in TITLES
    ]


def test_what_was_fetched_elsewhere_is_found_whole_and_needs_no_network(network, ask, tmp_path):
    assert [works for works, _ in states(ask, "offline")] == [False, False]
    assert ask("online", "data", "fetch", "--quiet")[0] == 0
    network()
    shutil.copytree(tmp_path / "online", tmp_path / "offline", dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "online")
    assert all(works and "checksum right" in detail for works, detail in states(ask, "offline"))
    assert ask("offline", "data", "check")[0] == 0
    cache = tmp_path / "offline"
    for name in ("lr-robustness", "lr-robustness-full"):
        study = catalog.load(name)
        assert len(find_pictures(study.pictures, "dogs-vs-cats", cache=cache)) == 20
        found = fetch_weights(study.model.backbone, cache)
        assert found == WEIGHTS["vgg16"].place(cache)


@pytest.mark.usefixtures("network")
def test_what_was_lost_or_damaged_on_the_way_is_said_and_fetched_again(ask, tmp_path):
    ask("cache", "data", "fetch", "--quiet")
    pictures, weights = (file.place(tmp_path / "cache") for file in CONTENTS)
    content = pictures.read_bytes()
    pictures.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    weights.unlink()
    damaged, missing = states(ask, "cache")
    assert not damaged[0]
    assert f"{pictures}: damaged. sweep data fetch" in damaged[1]
    assert not missing[0]
    assert f"{weights}: missing. sweep data fetch" in missing[1]
    status, said = ask("cache", "data", "check")
    assert status == 3
    assert said.splitlines() == [
        f"{TITLES[0]}: damaged: sweep data fetch",
        f"{TITLES[1]}: missing: sweep data fetch",
        "VGG19's ImageNet weights: missing: sweep data fetch vgg19",
        "CIFAR-10: missing: sweep data fetch cifar-10",
    ]
    assert ask("cache", "data", "fetch", "--quiet")[0] == 0
    assert pictures.read_bytes() == content
    assert ask("cache", "data", "check")[0] == 0
