"""Shows problems as pages to people, and as problem+json under /api/."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from web.problems import Problem
from worker.admin.filters import InvalidParameters
from worker.store import StoreUnavailable

FOR_PROGRAMS = ("/api/", "/metrics", "/healthz")
KEPT_HEADERS = ("Retry-After", "Allow")
AWAY = "The database does not answer: nothing of this is known, nor whether anything is delivered."


def answer_people(app: Flask) -> None:
    """On top of `answer_with_problems`."""
    plain = dict(app.error_handler_spec[None][None])

    def shown(error: Exception) -> Response:
        handler = next(plain[kind] for kind in type(error).__mro__ if kind in plain)
        told = app.ensure_sync(handler)(error)
        if request.path.startswith(FOR_PROGRAMS) or told.status_code < 400:
            return _response(told)
        return _page(_response(told))

    def invalid(error: InvalidParameters) -> Response:
        told = [{"parameter": fault.parameter, "detail": fault.detail} for fault in error.faults]
        return shown(Problem(400, str(error), errors=told))

    def away(_error: StoreUnavailable) -> Response:
        return shown(Problem(503, AWAY, retry_after=5))

    app.register_error_handler(InvalidParameters, invalid)
    app.register_error_handler(StoreUnavailable, away)
    for kind in (Problem, HTTPException, Exception):
        app.register_error_handler(kind, shown)


def _page(told: Response) -> Response:
    status = told.status_code
    body = render_template(
        "problem.html",
        status=status,
        title=HTTPStatus(status).phrase,
        detail=json.loads(told.get_data())["detail"],
    )
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    for name in KEPT_HEADERS:
        if name in told.headers:
            answer.headers[name] = told.headers[name]
    return answer


def _response(answer: object) -> Response:
    assert isinstance(answer, Response), "our own handlers make responses"
    return answer
