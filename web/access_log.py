"""Logs one line for each webhook, and counts it.

The line has the connection, the outcome and the duration. It never has a URL, header or body.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import structlog
from flask import Response, g

from worker.instruments.tally import Tally
from worker.store.instruments.counters import ANSWERED

QUIET = 60.0
STORED = frozenset({"accepted", "duplicate"})
UNPROVED = frozenset({"unauthorized", "wrong_url"})
"""Answered 401: signed with another secret; or with the right one, for another URL than it came in with."""

_log = structlog.get_logger()


class Quiet:
    """Lets the first of many through, then one a minute with the number of those it held back."""

    def __init__(self, seconds: float = QUIET, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._lock = Lock()
        self._next: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def count(self, name: str) -> int | None:
        """How many to report for this name now; None to stay quiet."""
        with self._lock:
            now = self._now()
            held = self._held.pop(name, 0) + 1
            if now < self._next.get(name, now):
                self._held[name] = held
                return None
            self._next[name] = now + self._seconds
            return held


class AccessLog:
    """Called before and after each webhook. What no secret stands behind is only counted, or anybody could fill the disk.

    What was stored is counted where it is stored; `tally` counts the rest.
    """

    def __init__(self, tally: Tally | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._tally = tally or Tally()
        self._now = now
        self._strangers = Quiet(now=now)

    def begin(self) -> None:
        g.started = self._now()

    def end(self, response: Response) -> Response:
        seconds = self._now() - g.started
        connection, outcome = g.get("connection", ""), g.get("outcome", "refused")
        if outcome not in STORED:
            self._tally.add(connection, ANSWERED + outcome)
        if g.get("genuine", False):
            told: dict[str, Any] = {"ms": round(seconds * 1000, 1), "events": list(g.get("events", ()))}
        else:
            count = self._strangers.count(f"{connection} {outcome} {response.status_code}")
            if count is None:
                return response
            told = {"count": count}
        if outcome in UNPROVED:
            hint = g.get("reason") or "do both sides have the same secret?"
            _log.warning(outcome, connection=connection, hint=hint, **told)
            return response
        if g.get("reason"):
            told["reason"] = g.reason
        log = _log.info if response.status_code < 500 else _log.warning
        log("webhook", connection=connection, outcome=outcome, status=response.status_code, **told)
        return response


def genuine() -> None:
    """It is signed: whoever sent it has a secret."""
    g.genuine = True


def about(connection: str) -> None:
    g.connection = connection


def outcome(name: str, events: Sequence[str] = ()) -> None:
    g.outcome = name
    g.events = events
