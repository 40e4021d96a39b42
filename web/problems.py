"""Answers errors as application/problem+json, https://www.rfc-editor.org/rfc/rfc9457."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from worker.instruments.outcomes import Outcome
from worker.sdk.contents import Fault

CONTENT_TYPE = "application/problem+json"
BLANK = "about:blank"
MOST_ERRORS = 50
MOST_IN_DETAIL = 3
LONGEST_NAME = 255

_log = structlog.get_logger()


class Problem(Exception):
    """An answer that says what is wrong and what to do. `outcome` is its name in the metrics, `reason` is for the log alone.

    `errors`: each thing that is wrong, with its place in the body (https://www.rfc-editor.org/rfc/rfc9457#section-3).
    `type`, `title`: what kind of problem it is, where the status does not say it. `more`: members that this type has.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        outcome: Outcome = "refused",
        reason: str = "",
        retry_after: int | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        type: str = BLANK,  # noqa: A002 - its name in RFC 9457
        title: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.type = type
        self.title = title
        self.more = more or {}
        self.outcome = outcome
        self.reason = reason
        self.retry_after = retry_after
        self.errors = errors


def problem(
    status: int,
    detail: str,
    *,
    retry_after: int | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    type: str = BLANK,  # noqa: A002 - its name in RFC 9457
    title: str = "",
    more: Mapping[str, Any] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": type,
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **(more or {}),
    }
    if errors:
        body["errors"] = list(errors)
    response = Response(json.dumps(body) + "\n", status, content_type=CONTENT_TYPE)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def answer_with_problems(app: Flask) -> None:
    """Our own errors, Flask's, and those nobody foresaw."""
    app.register_error_handler(Problem, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: Problem) -> Response:
    g.outcome, g.reason = error.outcome, error.reason
    return problem(
        error.status,
        error.detail,
        retry_after=error.retry_after,
        errors=error.errors,
        type=error.type,
        title=error.title,
        more=error.more,
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # redirects are raised too
        return Response(status=status, headers=error.get_headers())
    response = problem(status, error.description or HTTPStatus(status).phrase)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    _log.error("a request raised unexpectedly", exc_info=error)
    return problem(500, "Something went wrong here. The log says what.")


def unprocessable(faults: Sequence[Fault]) -> Problem:
    """https://www.rfc-editor.org/rfc/rfc9457: the form of its own example. Names fields, never values."""
    lines = [f"{fault.place}: {fault.detail}" for fault in faults[:MOST_IN_DETAIL]]
    more = f" And {len(faults) - len(lines)} more." if len(faults) > len(lines) else ""
    return Problem(
        422,
        f"Nothing was stored. {' '.join(lines)}{more}",
        outcome="unprocessable",
        errors=[_error(fault) for fault in faults[:MOST_ERRORS]],
    )


def _error(fault: Fault) -> Mapping[str, str]:
    error = {"pointer": f"#{fault.pointer}"[:LONGEST_NAME], "detail": fault.detail}
    return error | ({"meant": fault.meant} if fault.meant else {})
