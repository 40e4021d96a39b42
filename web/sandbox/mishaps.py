"""Carries out a fault: what the client sees, and whether its call takes effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from web.sandbox.answers import Answer, Dropped, answer_json, page, server_error
from web.sandbox.faults import Kind, Rule

AFTER_COMMIT: frozenset[Kind] = frozenset({"error_after_commit", "drop_after_commit"})


def instead(fault: Rule, take_effect: Callable[[], Answer]) -> Answer:
    """The answer in place of the true one, or Dropped for none at all."""
    if fault.commits or fault.kind in AFTER_COMMIT:
        take_effect()
    if fault.kind not in SHOWN:
        raise Dropped
    return SHOWN[fault.kind]()


def outage(fault: Rule) -> Answer:
    if fault.drop:
        raise Dropped
    return page(503, "503 Service Temporarily Unavailable", "503 Service Temporarily Unavailable")


def _error_in_success() -> Answer:
    error = {"key": "ServerError", "code": 500, "errorCode": 3, "msg": "Server error"}
    return answer_json({"error": error, "data": None})


SHOWN: Mapping[Kind, Callable[[], Answer]] = {
    "error_before_commit": server_error,
    "error_after_commit": server_error,
    "html_200": lambda: page(200, "Upsales", "Please wait"),
    "html_502": lambda: page(502, "502 Bad Gateway", "502 Bad Gateway"),
    "error_200": _error_in_success,
}
