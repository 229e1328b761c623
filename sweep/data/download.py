"""Downloads of files whose content is known beforehand: resumed, checked, and whole or not there.

What has come so far lies in ``NAME.part`` beside the target and is continued, by the same run after
a cut connection or by a later one, with an HTTP range. As the checksum pins the content, pieces
from different attempts belong together; no ETag is needed to tell.
"""

import hashlib
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from filelock import FileLock

from sweep.data.files import cache_errors, sync
from sweep.errors import CacheError, DownloadError
from sweep.util.paths import as_typed
from sweep.util.progress import Progress, silent

TIMEOUT_SECONDS = 10.0
ATTEMPTS = 5
"""How often a connection may be cut half-way before a download gives up."""

_CHUNK_BYTES = 1 << 18
_REMEDY = (
    "Run the same command again, and it continues where it stopped; "
    "or get the file elsewhere and pass its path (--data, --weights)."
)


@dataclass(frozen=True)
class _Job:
    """One download; the arguments of ``download``."""

    url: str
    target: Path
    size: int | None
    checksum: str
    progress: Progress
    timeout_seconds: float

    @property
    def part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def done(self) -> int:
        """Bytes that have come so far."""
        return self.part.stat().st_size if self.part.exists() else 0

    def report(self, done: int, total: int | None) -> None:
        self.progress(f"downloading {self.target.name}", done, total, "bytes")


class _Cut(Exception):  # noqa: N818 - a turn of the story, not an error that anybody meets
    """The connection ended before the file did."""


def download(
    url: str,
    target: Path,
    *,
    size: int | None = None,
    checksum: str,
    progress: Progress = silent,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> None:
    """Bring ``url`` to ``target``, which appears only once its content has been checked.

    Args:
        url: from where; redirections are followed.
        target: where to; its folder is made.
        size: in bytes, if known.
        checksum: ``sha256:`` or ``md5:`` and the hexadecimal digest.
        progress: told in bytes.
        timeout_seconds: how long to wait for an answer, and then for each next piece.

    Raises:
        DownloadError: no network, no such file there, cut off too often, or the wrong content.
        CacheError: no space or no right to write to ``target``.
    """
    job = _Job(url, target, size, checksum, progress, timeout_seconds)
    with cache_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not _is_there(target, size):  # another process may just have brought it
                _bring(job)


def _is_there(target: Path, size: int | None) -> bool:
    return target.is_file() and size in (None, target.stat().st_size)


def _bring(job: _Job) -> None:
    _check_space(job)
    with _client(job) as client:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _continue(client, job)
                break
            except _Cut as cut:
                if attempt == ATTEMPTS:
                    raise _failed(job, f"cut off {attempt} times, at last: {cut}") from cut
    _check_content(job)
    sync(job.part)
    job.part.replace(job.target)


def _client(job: _Job) -> httpx.Client:
    """What asks for it, with the proxies and certificates that the environment names."""
    try:
        return httpx.Client(
            timeout=job.timeout_seconds,
            follow_redirects=True,
            headers={"Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        raise DownloadError(
            "the proxies or certificates that the environment names cannot be used: "
            f"{type(error).__name__}: {error}",
            remedy="Mend or unset HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
            "; or get the file elsewhere and pass its path (--data, --weights).",
        ) from error


def _continue(client: httpx.Client, job: _Job) -> None:
    """Ask for what is missing, and append it; start over where the server knows no ranges."""
    done = job.done
    if job.size is not None and done == job.size:
        return
    headers = {"Range": f"bytes={done}-"} if done else {}
    with _answer(client, client.build_request("GET", job.url, headers=headers), job) as answer:
        if done and answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            job.part.unlink()
            raise _Cut("what was there did not fit; starting over")
        if not answer.is_success:
            raise _failed(job, f"HTTP {answer.status_code} {answer.reason_phrase}")
        resumed = answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        done = done if resumed else 0
        total = _total(answer, done)
        if job.size is not None and total is not None and total != job.size:
            raise _failed(job, f"{total} bytes instead of {job.size}: the file has changed there")
        _receive(answer, job, done, total or job.size)


def _receive(answer: httpx.Response, job: _Job, done: int, total: int | None) -> None:
    with job.part.open("ab" if done else "wb") as file:
        job.report(done, total)
        try:
            for piece in answer.iter_raw(_CHUNK_BYTES):
                done += file.write(piece)
                job.report(done, total)
        except httpx.TimeoutException as error:
            raise _failed(
                job, f"nothing for {job.timeout_seconds:g} s after {done} bytes"
            ) from error
        except httpx.TransportError as error:
            raise _Cut(str(error)) from error
    if total is not None and done < total:
        raise _Cut(f"{done} of {total} bytes")


@contextmanager
def _answer(client: httpx.Client, request: httpx.Request, job: _Job) -> Iterator[httpx.Response]:
    """The server's answer, its body still to be read.

    Looking up a name, and trying its addresses one after the other, can each take longer than the
    timeout that httpx knows: so the whole is waited for from outside.
    """
    try:
        answer = _within(job.timeout_seconds, lambda: client.send(request, stream=True))
    except (httpx.TimeoutException, TimeoutError) as error:
        raise _failed(job, f"no answer within {job.timeout_seconds:g} s") from error
    except (httpx.RemoteProtocolError, httpx.ReadError) as error:
        raise _Cut(str(error)) from error
    except httpx.HTTPError as error:
        raise _failed(job, f"no connection: {error}") from error
    try:
        yield answer
    finally:
        answer.close()


def _within(seconds: float, work: Callable[[], httpx.Response]) -> httpx.Response:
    """What ``work`` returns or raises; ``TimeoutError`` if that takes longer."""
    outcomes: queue.Queue[httpx.Response | Exception] = queue.Queue()

    def run() -> None:
        try:
            outcomes.put(work())
        except Exception as error:
            outcomes.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        outcome = outcomes.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _total(answer: httpx.Response, done: int) -> int | None:
    """Size of the whole file, as the server tells it."""
    length = answer.headers.get("Content-Length")
    return done + int(length) if length is not None else None


def _check_space(job: _Job) -> None:
    missing = (job.size or 0) - job.done
    free = shutil.disk_usage(job.target.parent).free
    if missing > free:
        raise CacheError(
            f"no space for {job.target.name} in {as_typed(job.target.parent)}: "
            f"{free >> 20} MiB free, {missing >> 20} MiB missing",
            remedy="Free some space, or set SWEEP_CACHE to a folder on a larger disk.",
        )


def _check_content(job: _Job) -> None:
    algorithm, _, expected = job.checksum.partition(":")
    with job.part.open("rb") as file:
        got = hashlib.file_digest(file, algorithm).hexdigest()
    if got != expected:
        job.part.unlink()
        raise DownloadError(
            f"{job.url} brought another content: {algorithm} {got} instead of {expected}",
            remedy="Run again; if it stays so, the file has changed there: get it elsewhere.",
        )


def _failed(job: _Job, why: str) -> DownloadError:
    return DownloadError(
        f"{job.target.name} could not be downloaded from {job.url}: {why}", remedy=_REMEDY
    )
