"""Translates a request of granian's into the environ of WSGI."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BODY = "relay.body"
"""Of the environ: the body as bytes, or why there is none, to be raised by whoever wants it."""

_SAME_FOR_ALL: Mapping[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_NAMES: dict[str, str] = {}
_MOST_NAMES = 500
"""Senders' headers have some hundred names; a stranger can make up any number."""


class Headers(Protocol):
    def get(self, name: str) -> str | None: ...

    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """A request as RSGI describes it, https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Headers: ...


def environ_of(scope: Scope, body: bytes | HTTPException) -> WSGIEnvironment:
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        **_SAME_FOR_ALL,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        BODY: body,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            # In an environ it would read as the header with a stroke, which a proxy vouches for. nginx drops it, too.
            continue
        key = _NAMES.get(name) or _key(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ.setdefault("HTTP_HOST", scope.authority or "")
    return environ


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    if name not in {"content-type", "content-length"}:
        key = f"HTTP_{key}"
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[name] = key
    return key
