"""Who may ask for what: in front of every page, ours and optuna-dashboard's.

Refuses, in this order: a path that is no text, a foreign host name (DNS rebinding), a wrong
password, changes where only reading is allowed, and changes that another site's page asks for.
"""

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sweep.errors import UsageError

SAFE_METHODS = ("GET", "HEAD")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}
"""Of every answer that does not have its own."""
ARTIFACTS_POLICY = "sandbox allow-scripts; frame-ancestors 'self'"
"""Uploaded files may be pages: they get an origin of their own, so they cannot act as ours."""
NOT_SENT = ("access-control-allow-origin",)
"""optuna-dashboard lets every site read artifacts; nobody here needs that."""


@dataclass(frozen=True)
class Access:
    """What is allowed.

    Attributes:
        password: that every request must bring; None asks for none.
        allow_edits: whether requests may change anything.
        only_local_names: whether requests must be addressed to this machine by a local name.
    """

    password: bytes | None = field(repr=False)
    allow_edits: bool
    only_local_names: bool


def access(host: str, password: str | None, *, no_auth: bool, allow_edits: bool) -> Access:
    """What is allowed on a host.

    Args:
        host: the name or address that is bound.
        password: as the environment has it.
        no_auth: whether the user said that no password is wanted.
        allow_edits: whether the user allowed changes.

    Raises:
        UsageError: others could reach it without a password.

    Example:
        >>> access("127.0.0.1", None, no_auth=False, allow_edits=False)
        Access(allow_edits=False, only_local_names=True)
    """
    local = is_local(host)
    asked = None if no_auth or not password else password.encode()
    if not local and asked is None and not no_auth:
        raise UsageError(
            f"--host {host} lets other machines read the store, and there is no SWEEP_PASSWORD",
            remedy="Set SWEEP_PASSWORD, or let everybody in with --no-auth.",
        )
    return Access(asked, allow_edits, only_local_names=local and asked is None)


def is_local(name: str) -> bool:
    """Whether a host's name or address is this machine's own, which no other reaches."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


class Guard:
    """A WSGI application in front of another one."""

    def __init__(self, application: WSGIApplication, access: Access) -> None:
        self._application = application
        self._access = access

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or hand it on."""
        start = _with_headers(start_response, environ)
        refusal = self._refusal(environ)
        if refusal is None:
            return self._application(environ, start)
        status, text, headers = refusal
        body = f"{text}\n".encode()
        plain = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start(status, [*plain, *headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _refusal(self, environ: WSGIEnvironment) -> tuple[str, str, list[tuple[str, str]]] | None:
        allowed = self._access
        if not _is_text(environ["PATH_INFO"]):
            return "400 Bad Request", "A path is printable text in UTF-8.", []
        if allowed.only_local_names and not is_local(_host(environ)):
            said = "This server answers only to 127.0.0.1 and localhost."
            return "421 Misdirected Request", said, []
        if allowed.password is not None and not _knows(allowed.password, environ):
            challenge = ("WWW-Authenticate", 'Basic realm="sweep", charset="UTF-8"')
            return "401 Unauthorized", "Any user name, and the password, please.", [challenge]
        if environ["REQUEST_METHOD"] not in SAFE_METHODS:
            if not allowed.allow_edits:
                said = "This server is read-only; sweep serve --allow-edits allows changes."
                return "405 Method Not Allowed", said, [("Allow", ", ".join(SAFE_METHODS))]
            if _is_foreign(environ):
                return "403 Forbidden", "Another site may not change anything here.", []
        return None


def _is_text(path: str) -> bool:
    """Whether a path, whose characters stand for bytes (PEP 3333), is printable UTF-8."""
    try:
        return path.encode("latin-1").decode().isprintable()
    except UnicodeDecodeError:
        return False


def _host(environ: WSGIEnvironment) -> str:
    try:
        return urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return ""


def _knows(password: bytes, environ: WSGIEnvironment) -> bool:
    scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return secrets.compare_digest(given, password)


def _is_foreign(environ: WSGIEnvironment) -> bool:
    """Whether a page of another site asks, as browsers tell it."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = environ.get("HTTP_ORIGIN")
    return origin is not None and urlsplit(origin).netloc != environ.get("HTTP_HOST")


def _with_headers(start_response: StartResponse, environ: WSGIEnvironment) -> Callable[..., Any]:
    """``start_response`` that adds the security headers that an answer lacks."""
    wanted = HEADERS
    if environ["PATH_INFO"].startswith("/artifacts"):
        wanted = HEADERS | {"Content-Security-Policy": ARTIFACTS_POLICY}

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        there = {name.lower() for name, _ in headers}
        added = [(name, value) for name, value in wanted.items() if name.lower() not in there]
        kept = [(name, value) for name, value in headers if name.lower() not in NOT_SENT]
        return start_response(status, [*kept, *added], *rest)

    return start
