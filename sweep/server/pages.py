"""Our own paths: the list of studies, a study's page, and the files that both load."""

from collections.abc import Callable
from typing import Any

from bottle import Bottle, HTTPError, HTTPResponse, redirect, request

from sweep.errors import SweepError
from sweep.report.markup import templates
from sweep.server.live import Content, Live

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Plotly writes a style element
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
CHECKED = "private, no-cache"
LASTING = "private, max-age=31536000, immutable"
TITLES = {404: "There is no such page", 405: "This page is only read"}


def pages(live: Live) -> Bottle:
    """Our pages as a WSGI application."""

    def study(name: str) -> HTTPResponse:
        page = live.study(name)
        if page is None:
            raise HTTPError(404, f"The store has no study {name!r}.")
        return _answer(page, CHECKED)

    def trial(name: str, number: int) -> HTTPResponse:
        mirror_id = live.mirror_id(name)
        if mirror_id is None:
            raise HTTPError(404, f"optuna-dashboard has no study {name!r}; its next run makes it.")
        where = f"/dashboard/studies/{mirror_id}/trials?numbers={number}"
        return HTTPResponse(status=303, headers={"Location": where})

    def asset(name: str) -> HTTPResponse:
        if name not in live.assets:
            raise HTTPError(404, "Pages load no such file.")
        content = live.assets[name]
        return _answer(content, LASTING if request.query_string == f"v={content.tag}" else CHECKED)

    application = Bottle()
    application.default_error_handler = _error_page
    application.install(_explained)
    application.route("/", callback=lambda: _answer(live.index(), CHECKED))
    application.route("/studies", callback=lambda: redirect("/"))
    application.route("/studies/<name>", callback=study)
    application.route("/studies/<name>/trials/<number:int>", callback=trial)
    application.route("/assets/<name>", callback=asset)
    return application


def unavailable(error: SweepError) -> Bottle:
    """One page at every path, which says what must be mended before there can be others."""

    def explain(path: str = "") -> None:  # noqa: ARG001 (every path is the same)
        raise HTTPError(503, str(error))

    application = Bottle()
    application.default_error_handler = _error_page
    for rule in ("/", "/<path:path>"):
        application.route(rule, method="ANY", callback=explain)
    return application


def _answer(content: Content, caching: str) -> HTTPResponse:
    """The content, compressed if the reader takes it; or that it has not changed."""
    headers = {
        "Cache-Control": caching,
        "Content-Security-Policy": POLICY,
        "ETag": f'W/"{content.tag}"',
        "Vary": "Accept-Encoding",
    }
    if content.tag in request.get_header("If-None-Match", ""):
        return HTTPResponse(status=304, headers=headers)
    body: Any = content.body
    if "gzip" in request.get_header("Accept-Encoding", ""):
        body = content.compressed
        headers["Content-Encoding"] = "gzip"
    return HTTPResponse(body, 200, headers | {"Content-Type": content.type})


def _explained(page: Callable[..., Any]) -> Callable[..., Any]:
    """A page whose errors that a reader can mend are shown as such."""

    def explained(*args: Any, **values: Any) -> Any:
        try:
            return page(*args, **values)
        except SweepError as error:
            raise HTTPError(503, str(error)) from error

    return explained


def _error_page(res: HTTPError) -> str:
    res.content_type = "text/html; charset=utf-8"
    res.set_header("Content-Security-Policy", POLICY)
    title = TITLES.get(res.status_code, "The page cannot be shown")
    text = "An error in sweep; its log tells more." if res.status_code == 500 else str(res.body)
    return templates().get_template("error.html").render(title=title, text=text)
