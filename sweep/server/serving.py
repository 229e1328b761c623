"""The socket: from an address to a running server, until Ctrl-C."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from waitress.server import create_server

from sweep.errors import MissingError, UsageError
from sweep.server.dashboard import Paths
from sweep.server.guard import Guard, access
from sweep.server.live import Live
from sweep.server.pages import pages
from sweep.store import Store, check_place, open_store

THREADS = 8


class Server:
    """A server that listens; a context manager that closes it.

    Attributes:
        address: for a browser on this machine, e.g. ``http://127.0.0.1:8080``.
    """

    def __init__(self, store: Store, listening: Any, host: str) -> None:
        self._store = store
        self._listening = listening
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
        self.address = f"http://{f'[{shown}]' if ':' in shown.strip('[') else shown}:{self._port}"

    @property
    def _port(self) -> int:
        several = getattr(self._listening, "effective_listen", None)
        return several[0][1] if several else self._listening.effective_port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(self) -> None:
        """Answer requests until Ctrl-C or a request to terminate; then return."""
        with _terminated_as_interrupted():
            self._listening.run()

    def close(self) -> None:
        """Stop listening, and close the store."""
        self._listening.close()
        self._store.close()


def open_server(
    store_url: str,
    artifacts: Path,
    host: str = "127.0.0.1",
    port: int = 8080,
    password: str | None = None,
    *,
    allow_edits: bool = False,
    no_auth: bool = False,
) -> Server:
    """Listen at an address; requests wait until ``Server.run``.

    Args:
        store_url: of the store that is shown.
        artifacts: folder of the files that optuna-dashboard shows beside studies.
        host: the name or address to bind.
        port: 0 takes any that is free.
        password: asked of everybody if it is not empty, whatever the user name (HTTP Basic).
        allow_edits: whether optuna-dashboard may change notes, trials and studies; otherwise
            every request but GET and HEAD is answered 405.
        no_auth: asks for no password, whatever the host.

    Raises:
        UsageError: others could reach it without a password, or there is no such host.
        StoreError: there is no store; or edits are allowed, and it cannot be written.
        MissingError: the port is taken or forbidden.
    """
    allowed = access(host, password, no_auth=no_auth, allow_edits=allow_edits)
    _load_pandas()
    if allow_edits:
        check_place(store_url)
    store = open_store(store_url)
    try:
        application = Guard(Paths(store, artifacts, pages(Live(store))), allowed)
        return Server(store, _listen(application, host, port), host)
    except BaseException:
        store.close()
        raise


def _load_pandas() -> None:
    """Load what optuna-dashboard loads with itself, while nothing is drawn.

    Plotly uses pandas if another module has loaded it, and fails on one that is half loaded: a
    page would, that is drawn while the dashboard is being loaded in another thread.
    """
    with suppress(ImportError):
        import_module("pandas")


def _listen(application: Guard, host: str, port: int) -> Any:
    # Its words on threads, busy or still at work in the end, are for those who tune servers.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    try:
        return create_server(application, host=host, port=port, threads=THREADS, ident=None)
    except ValueError as error:
        raise UsageError(
            f"--host {host} is no name or address of this machine",
            remedy="Leave it out for 127.0.0.1; 0.0.0.0 stands for all addresses.",
        ) from error
    except OSError as error:
        raise MissingError(
            f"{host}:{port} cannot be served at: {error.strerror or error}",
            remedy="Choose another port with --port; 0 takes any that is free.",
        ) from error


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let a request to terminate, as ``docker stop`` sends it, end the server like Ctrl-C."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread, where signals are nobody's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
