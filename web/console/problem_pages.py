"""Shows problems as pages to people, and as problem+json under /api/."""

from __future__ import annotations

import json
from urllib.parse import quote

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from web.console.kinds import refusal
from web.console.refused import problem_of
from web.problems import CONTENT_TYPE as PROBLEM
from web.problems import Problem
from worker.admin.filters import InvalidParameters
from worker.admin.refusals import Refusal
from worker.store import StoreUnavailable

FOR_PROGRAMS = ("/api/", "/metrics", "/healthz")
KEPT_HEADERS = ("Retry-After", "Allow")
NOTHING = "There is nothing at this address."
AWAY = "The database does not answer: nothing of this is known, nor whether anything is delivered."


def answer_people(app: Flask) -> None:
    """On top of `answer_with_problems`."""
    plain = dict(app.error_handler_spec[None][None])

    def shown(error: Exception) -> Response:
        if isinstance(error, NotFound):
            error.description = NOTHING
        handler = next(plain[kind] for kind in type(error).__mro__ if kind in plain)
        told = app.ensure_sync(handler)(error)
        if request.path.startswith(FOR_PROGRAMS) or told.status_code < 400:
            return _placed(_response(told))
        return _page(_response(told))

    def invalid(error: InvalidParameters) -> Response:
        told = [{"parameter": fault.parameter, "detail": fault.detail} for fault in error.faults]
        return shown(refusal("invalid-parameter", str(error), errors=told))

    def away(_error: StoreUnavailable) -> Response:
        return shown(refusal("unavailable", AWAY, retry_after=5))

    def refused(error: Refusal) -> Response:
        return shown(problem_of(error))

    app.register_error_handler(InvalidParameters, invalid)
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(StoreUnavailable, away)
    for kind in (Problem, HTTPException, Exception):
        app.register_error_handler(kind, shown)


def _placed(told: Response) -> Response:
    """With the path that was asked; what a program asked for beside it may be about a person."""
    if told.mimetype == PROBLEM:
        body = json.loads(told.get_data())
        if told.status_code == 401:
            told.headers["WWW-Authenticate"] = "Bearer"
        told.set_data(json.dumps({**body, "instance": quote(request.path)}, ensure_ascii=False) + "\n")
    return told


def _page(told: Response) -> Response:
    status, problem = told.status_code, json.loads(told.get_data())
    page = render_template(
        "problem.html",
        status=status,
        title=problem["title"],
        detail=problem["detail"],
        narrower=[part for part in problem.get("errors", ()) if "filter" in part],
    )
    body = page.encode(errors="backslashreplace")
    answer = Response(body, status, content_type="text/html; charset=utf-8")
    for name in KEPT_HEADERS:
        if name in told.headers:
            answer.headers[name] = told.headers[name]
    return answer


def _response(answer: object) -> Response:
    assert isinstance(answer, Response), "our own handlers make responses"
    return answer
