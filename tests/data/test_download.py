import errno
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import pytest

from sweep.data.download import ATTEMPTS, download
from sweep.data.fetch import DOGS_VS_CATS, WEIGHTS, PublicFile, fetch, fetch_weights
from sweep.data.files import cache_errors, write_atomically
from sweep.errors import CacheError, DataError, DownloadError

CONTENT = bytes(range(256)) * 4096
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves ``CONTENT``, with the faults that a test asks for.

    Attributes:
        cuts: how many answers are still to be cut off half-way.
        ranges: whether it answers requests for a range.
        tells_size: whether it says how much is to come.
        content: what it serves.
        asked: the ranges that were asked for.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cuts = 0
        self.ranges = True
        self.tells_size = True
        self.content = CONTENT
        self.asked: list[str | None] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.path == "/silent":
            self.server.released.wait(10)
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/pets.zip")
            self.end_headers()
            return
        self._serve(wanted)

    def _serve(self, wanted: str | None):
        content = self.server.content
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if not self.server.ranges:
            start = 0
        elif start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.server.tells_size:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop = len(content)
        if self.server.cuts or self.path == "/stalling":
            self.server.cuts -= 1
            stop = start + (stop - start) // 2
        self.wfile.write(content[start:stop])
        if self.path == "/stalling":
            self.wfile.flush()
            self.server.released.wait(10)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "cache" / "pets.zip"


def part(target):
    return target.with_name("pets.zip.part")


def get(server, target, path="/pets.zip", **options):
    download(
        server.url + path,
        target,
        **{"size": len(CONTENT), "checksum": SHA256, "timeout_seconds": 5} | options,
    )


@pytest.mark.parametrize("path", ["/pets.zip", "/elsewhere"])
@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_brings_the_file_and_tells_how_far(server, target, path, size):
    told = []
    get(server, target, path, size=size, progress=lambda *call: told.append(call))
    assert target.read_bytes() == CONTENT
    assert not part(target).exists()
    assert told[0] == ("downloading pets.zip", 0, len(CONTENT), "bytes")
    assert told[-1] == ("downloading pets.zip", len(CONTENT), len(CONTENT), "bytes")


def test_md5_is_known_too(server, target):
    get(server, target, checksum="md5:" + hashlib.md5(CONTENT).hexdigest())
    assert target.exists()


def test_continues_after_a_cut(server, target):
    server.cuts = 2
    get(server, target)
    assert target.read_bytes() == CONTENT
    half = len(CONTENT) // 2
    assert server.asked == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]


def test_a_cut_is_noticed_where_the_server_tells_no_size(server, target):
    server.cuts, server.tells_size = 1, False
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_gives_up_after_too_many_cuts_and_continues_when_run_again(server, target):
    server.cuts = ATTEMPTS
    with pytest.raises(DownloadError, match="continues where it stopped") as raised:
        get(server, target)
    assert raised.value.exit_status == 3
    assert len(server.asked) == ATTEMPTS
    assert not target.exists()
    there = part(target).stat().st_size
    assert there > len(CONTENT) // 2
    server.asked.clear()
    get(server, target)
    assert server.asked == [f"bytes={there}-"]
    assert target.read_bytes() == CONTENT


def test_starts_over_where_the_server_knows_no_ranges(server, target):
    server.cuts, server.ranges = 1, False
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_starts_over_where_more_is_there_than_should_be(server, target):
    target.parent.mkdir()
    part(target).write_bytes(CONTENT + b"more")
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(CONTENT) + 4}-", None]


def test_needs_no_network_for_what_has_all_come(server, target):
    target.parent.mkdir()
    part(target).write_bytes(CONTENT)
    get(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == []


def test_a_wrong_byte_is_found_and_thrown_away(server, target):
    server.content = CONTENT[:5000] + b"?" + CONTENT[5001:]
    with pytest.raises(DataError, match="instead of") as raised:
        get(server, target)
    assert server.url in str(raised.value)
    assert not target.exists()
    assert not part(target).exists()
    server.content = CONTENT
    get(server, target)
    assert target.read_bytes() == CONTENT


def test_another_size_is_refused_before_it_is_fetched(server, target):
    server.content = CONTENT + b"more"
    with pytest.raises(DownloadError, match=f"{len(CONTENT) + 4} bytes instead"):
        get(server, target)
    assert not part(target).exists()


@pytest.mark.parametrize(
    ("path", "words"),
    [("/missing", "HTTP 404"), ("/silent", "no answer within 0.3 s"), ("/stalling", "nothing for")],
)
def test_says_why_nothing_comes(server, target, path, words):
    with pytest.raises(DownloadError, match=words):
        get(server, target, path, timeout_seconds=0.3)
    assert len(server.asked) == 1, "asking again would only take longer"
    assert not target.exists()


def test_what_came_before_a_stall_is_kept(server, target):
    with pytest.raises(DownloadError, match="nothing for"):
        get(server, target, "/stalling", timeout_seconds=0.3)
    assert part(target).read_bytes() == CONTENT[: len(CONTENT) // 2]


def test_says_that_there_is_no_connection(target):
    with Server() as server:
        pass
    with pytest.raises(DownloadError, match="no connection"):
        get(server, target)


def test_a_disk_too_small_is_said_before_the_download(server, target):
    with pytest.raises(CacheError, match="no space"):
        get(server, target, size=1 << 60)
    assert server.asked == []


def test_a_folder_that_cannot_be_made_is_said(server, tmp_path):
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(CacheError, match="SWEEP_CACHE"):
        get(server, tmp_path / "file" / "pets.zip")


class TestFetch:
    @pytest.fixture
    def public(self, server):
        return PublicFile("pets", f"{server.url}/pets.zip", len(CONTENT), SHA256, "pictures")

    def test_fetches_once(self, server, public, tmp_path):
        assert not public.is_there(tmp_path)
        assert fetch(public, tmp_path) == tmp_path / "pictures" / "pets.zip"
        assert public.is_whole(tmp_path)
        fetch(public, tmp_path)
        assert len(server.asked) == 1

    def test_a_file_cut_short_afterwards_is_fetched_again(self, public, tmp_path):
        place = fetch(public, tmp_path)
        place.write_bytes(CONTENT[:100])
        assert not public.is_there(tmp_path)
        fetch(public, tmp_path)
        assert place.read_bytes() == CONTENT

    def test_a_file_changed_afterwards_is_not_whole(self, public, tmp_path):
        place = fetch(public, tmp_path)
        place.write_bytes(CONTENT[:-1] + b"?")
        assert public.is_there(tmp_path)
        assert not public.is_whole(tmp_path)

    def test_the_public_files_are_those_that_keras_names(self):
        import inspect

        from keras.src.applications import vgg16, vgg19

        for backbone, source in (("vgg16", vgg16), ("vgg19", vgg19)):
            assert WEIGHTS[backbone].url == source.WEIGHTS_PATH_NO_TOP
            assert WEIGHTS[backbone].checksum.removeprefix("md5:") in inspect.getsource(source)
        assert DOGS_VS_CATS.checksum.startswith("sha256:")

    def test_weights_that_are_there_need_no_network(self, tmp_path):
        place = WEIGHTS["vgg16"].place(tmp_path)
        place.parent.mkdir()
        with place.open("wb") as file:
            file.truncate(WEIGHTS["vgg16"].size_bytes)
        assert fetch_weights("vgg16", tmp_path) == place


class TestFiles:
    def test_nothing_is_left_of_a_file_that_was_not_finished(self, tmp_path):
        (tmp_path / "note").write_bytes(b"old")

        def interrupted():
            with write_atomically(tmp_path / "note") as file:
                file.write(b"half")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert [path.name for path in tmp_path.iterdir()] == ["note"]
        assert (tmp_path / "note").read_bytes() == b"old"

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
    def test_full_and_locked_disks_are_said(self, number, tmp_path):
        with (
            pytest.raises(CacheError, match="SWEEP_CACHE"),
            write_atomically(tmp_path / "note"),
        ):
            raise OSError(number, "no")
        assert list(tmp_path.iterdir()) == []

    def test_other_faults_are_not_taken_for_a_full_disk(self, tmp_path):
        with pytest.raises(CacheError, match="has failed or gone away"), cache_errors(tmp_path):
            (tmp_path / "missing").read_bytes()

    def test_a_really_full_disk_is_said(self, tmp_path):
        target = tmp_path / "full"
        target.symlink_to("/dev/full")
        with pytest.raises(CacheError, match="no space"), cache_errors(target):
            target.write_bytes(b"no space for this")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "ftp://127.0.0.1:9"),
        ("HTTPS_PROXY", "http://127.0.0.1:port"),
        ("NO_PROXY", "[::1],*.example"),
        ("SSL_CERT_FILE", "/nonexistent/none.pem"),
        ("SSL_CERT_FILE", "/dev/null"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told(name, value, server, target, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(DownloadError, match="remedy: Mend or unset HTTPS_PROXY"):
        get(server, target)


@pytest.mark.skipif(find_spec("socksio") is not None, reason="SOCKS proxies can be used here")
def test_a_socks_proxy_without_its_package_is_told(server, target, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"pip install httpx\[socks\]"):
        get(server, target)
