"""Builds Upsales's answers: envelopes, errors, and pages that are no JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeAlias

Json: TypeAlias = Any
Record: TypeAlias = dict[str, Any]

HTML = "text/html; charset=utf-8"
TEXT = "text/plain"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response; `record` is the id of the record it is about, for the call log."""

    status: int
    body: str
    content_type: str = JSON
    record: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Upsales says no, in its own envelope."""

    def __init__(self, status: int, key: str, error_code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.key = key
        self.error_code = error_code
        self.message = message


class NoRoute(Exception):
    """The path, or the method on this path, does not exist."""


class NoRecord(Exception):
    """No record has this id, or the key may not see it: Upsales does not tell these apart."""


class Dropped(ConnectionError):
    """The connection is to be closed without an answer."""


def invalid(message: str, key: str = "FailedValidation") -> Refusal:
    return Refusal(400, key, 26, message)


def answer_json(body: Json, status: int = 200, record: int | None = None) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")), record=record)


def answer_data(data: Json, record: int | None = None, **beside: Json) -> Answer:
    return answer_json({"error": None, **beside, "data": data}, record=record)


def answer_refusal(refusal: Refusal) -> Answer:
    error = {
        "key": refusal.key,
        "code": refusal.status,
        "errorCode": refusal.error_code,
        "msg": refusal.message,
    }
    beside = {"metadata": None} if refusal.status in {400, 404} else {}
    return answer_json({"error": error, **beside}, refusal.status)


def unauthorized() -> Answer:
    return Answer(401, "Unauthorized", TEXT)


def throttled() -> Answer:
    return answer_refusal(Refusal(429, "ThrottleLimit", 4, "Too many requests"))


def server_error() -> Answer:
    return answer_refusal(Refusal(500, "ServerError", 3, "Server error"))


def page(status: int, title: str, text: str) -> Answer:
    body = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n</head>\n'
        f"<body>\n<pre>{escape(text)}</pre>\n</body>\n</html>\n"
    )
    return Answer(status, body, HTML)


def no_route(method: str, path: str) -> Answer:
    return page(404, "Error", f"Cannot {method} {path}")


def no_record() -> Answer:
    return answer_refusal(Refusal(404, "NotFound", 5, "Not found"))
