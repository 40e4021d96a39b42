"""Defines the ways in which a neighbour can be told to misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.devkit.neighbour.dotted import without


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is answered instead. Without a status: the usual answer, changed by `change`, after `seconds`.

    `early`: the thing is not complete yet, in whichever way its kind can tell.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    seconds: float = 0.0
    change: Callable[[Any], Any] | None = None
    early: bool = False


def never() -> Fault:
    return Fault(status=404, body=b'{"error": "there is no such thing"}')


def gone() -> Fault:
    return Fault(status=410, body=b'{"error": "it was deleted"}')


def forbidden() -> Fault:
    return Fault(status=403, body=b'{"error": "not with this token"}')


def throttled(seconds: int) -> Fault:
    return Fault(status=429, headers={"Retry-After": str(seconds)}, body=b'{"error": "too many requests"}')


def failing(status: int = 500) -> Fault:
    return Fault(status=status, body=b'{"error": "it is not you"}')


def slow(seconds: float) -> Fault:
    return Fault(seconds=seconds)


def redirecting(to: str) -> Fault:
    return Fault(status=302, headers={"Location": to}, body=b"")


def huge(size: int) -> Fault:
    """JSON of so many bytes."""
    filling = size - len(json.dumps({"filling": ""}))
    return Fault(status=200, body=json.dumps({"filling": "x" * filling}).encode())


def not_json() -> Fault:
    return Fault(status=200, body=b"<html>Come back later</html>")


def lacking(path: str) -> Fault:
    """The usual answer without what this dotted path of the whole answer leads to."""
    return Fault(change=lambda answer: without(answer, path))
