"""Which paths are optuna-dashboard's, which cannot be put under a prefix; the rest is ours."""

from collections.abc import Iterable
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

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
    memory.
    """

    def __init__(self, store: Store, pages: WSGIApplication) -> None:
        self._store = store
        self._pages = pages
        self._dashboard: WSGIApplication | None = None
        self._loading = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand a request to whose it is."""
        root = environ["PATH_INFO"].lstrip("/").partition("/")[0]
        application = self._loaded() if root in ROOTS else self._pages
        return application(environ, start_response)

    def _loaded(self) -> WSGIApplication:
        with self._loading:
            if self._dashboard is None:
                import optuna_dashboard

                self._dashboard = optuna_dashboard.wsgi(self._store.optuna_storage())
            return self._dashboard
