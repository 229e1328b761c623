"""Which paths are optuna-dashboard's, which cannot be put under a prefix; the rest is ours."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bottle import HTTPError

from sweep.errors import StoreError
from sweep.server.pages import unavailable
from sweep.store import Store

ROOTS = frozenset(
    {
        "dashboard",
        "api",
        "static",
        "csv",
        "artifacts",
        "favicon.ico",
        "incompatible-rdb-schema",
    }
)
"""First parts of the paths that go to optuna-dashboard unchanged."""


class Paths:
    """A WSGI application that gives optuna-dashboard its paths, and our pages all others.

    The dashboard is loaded when it is first asked for: it takes some seconds and most of the
    memory. Where Optuna does not read its tables in the store, a page says so in its place, until
    somebody has mended them.

    Args:
        store: which the dashboard shows too.
        artifacts: folder of the files that it shows beside studies and trials.
        pages: our own.
    """

    def __init__(self, store: Store, artifacts: Path, pages: WSGIApplication) -> None:
        self._store = store
        self._artifacts = Artifacts(artifacts)
        self._pages = pages
        self._dashboard: WSGIApplication | None = None
        self._loading = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand a request to whose it is."""
        root = environ["PATH_INFO"].lstrip("/").partition("/")[0]
        if root not in ROOTS:
            return self._pages(environ, start_response)
        try:
            application = self._loaded()
        except StoreError as error:
            return unavailable(error)(environ, start_response)
        return application(environ, start_response)

    def _loaded(self) -> WSGIApplication:
        with self._loading:
            if self._dashboard is None:
                import optuna_dashboard

                self._dashboard = optuna_dashboard.wsgi(
                    self._store.optuna_storage(), self._artifacts
                )
            return self._dashboard


class Artifacts:
    """Optuna's artifacts in a folder, which need not be there: what is missing is a page of 404.

    An ``ArtifactStore`` as Optuna's own for folders, which keeps to it whatever the id.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """The file, open for reading."""
        from optuna.artifacts import FileSystemArtifactStore
        from optuna.artifacts.exceptions import ArtifactNotFound

        try:
            return FileSystemArtifactStore(self._folder).open_reader(artifact_id)
        except ArtifactNotFound as error:
            said = f"The file is not in {self._folder}, where this server looks."
            raise HTTPError(404, said) from error

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Keep a file."""
        from optuna.artifacts import FileSystemArtifactStore

        self._folder.mkdir(parents=True, exist_ok=True)
        FileSystemArtifactStore(self._folder).write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        """Remove a file."""
        from optuna.artifacts import FileSystemArtifactStore

        FileSystemArtifactStore(self._folder).remove(artifact_id)
