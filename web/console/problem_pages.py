"""Shows problems as pages to people, and as problem+json under /api/."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from web.problems import Problem
from worker.admin.batches import OtherRequest
from worker.admin.filters import InvalidParameters
from worker.admin.refusals import Conflict, NotThere, TooMany, Unfit
from worker.store import StoreUnavailable

FOR_PROGRAMS = ("/api/", "/metrics", "/healthz")
REFUSED: dict[type[Exception], int] = {NotThere: 404, Conflict: 409, Unfit: 422, TooMany: 422, OtherRequest: 422}
KEPT_HEADERS = ("Retry-After", "Allow")
AWAY = "The database does not answer: nothing of this is known."


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

    def refused(error: Exception) -> Response:
        narrower = error.narrower if isinstance(error, TooMany) else ()
        parts = [{"detail": told, "filter": urlencode(of.pairs())} for told, of in narrower]
        return shown(Problem(REFUSED[type(error)], str(error), errors=parts))

    for refusal in REFUSED:
        app.register_error_handler(refusal, refused)
    app.register_error_handler(InvalidParameters, invalid)
    app.register_error_handler(StoreUnavailable, away)
    for kind in (Problem, HTTPException, Exception):
        app.register_error_handler(kind, shown)


def _page(told: Response) -> Response:
    status = told.status_code
    found = json.loads(told.get_data())
    body = render_template(
        "problem.html",
        status=status,
        title=HTTPStatus(status).phrase,
        detail=found["detail"],
        narrower=[part for part in found.get("errors", ()) if "filter" in part],
    )
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    for name in KEPT_HEADERS:
        if name in told.headers:
            answer.headers[name] = told.headers[name]
    return answer


def _response(answer: object) -> Response:
    assert isinstance(answer, Response), "our own handlers make responses"
    return answer
