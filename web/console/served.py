"""Hands the console whole requests: a body that comes slowly holds no thread up."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.exceptions import HTTPException, NotFound

from web.environ import BODY
from web.front import Front
from worker.admin.filters import can_be_stored

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8


def front_of(app: Flask) -> Front:
    largest: int = app.config["MAX_CONTENT_LENGTH"]
    return Front(with_body(app), lambda _path: largest, threads=THREADS)


def with_body(app: WSGIApplication) -> WSGIApplication:
    """Where the front puts a body, nothing of Flask's looks for it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ.get(BODY)
        if isinstance(body, bytes):
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
            # It is whole: Werkzeug would read nothing of what came in pieces.
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        return app(environ, start_response)

    return answer


def refuse_unread() -> None:
    """A body that did not come whole: the front says why."""
    body = request.environ.get(BODY)
    if isinstance(body, HTTPException):
        raise body


def refuse_unstorable() -> None:
    """A name in the address that no database can hold is nothing's."""
    for name in (request.view_args or {}).values():
        if isinstance(name, str) and not can_be_stored(name):
            raise NotFound
