"""Logs one line for each webhook, and counts it.

The line has the connection, the outcome and the duration. It never has a URL, header or body.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from flask import Response, g
from structlog.contextvars import bind_contextvars, clear_contextvars

from worker.instruments.outcomes import Outcome
from worker.instruments.tally import Tally
from worker.logs.quiet import Quiet
from worker.store.instruments.counters import ANSWERED
from worker.tracing import NO_TRACER, Trace, Tracer

STORED = frozenset({"accepted", "duplicate"})
UNPROVED = frozenset({"unauthorized", "wrong_url"})
"""Answered 401: signed with another secret; or with the right one, for another URL than it came in with."""

_log = structlog.get_logger()


class AccessLog:
    """Called before and after each webhook. What no secret stands behind is only counted, or anybody could fill the disk.

    What was stored is counted where it is stored; `tally` counts the rest.
    """

    def __init__(
        self, tally: Tally | None = None, now: Callable[[], float] = time.monotonic, tracer: Tracer = NO_TRACER
    ) -> None:
        self._tally = tally or Tally()
        self._now = now
        self._tracer = tracer
        self._strangers = Quiet(now=now)

    def begin(self) -> None:
        clear_contextvars()
        g.started = self._now()

    def end(self, response: Response) -> Response:
        clear_contextvars()
        seconds = self._now() - g.started
        connection, outcome = g.get("connection", ""), g.get("outcome", "refused")
        if outcome not in STORED:
            self._tally.add(connection, ANSWERED + outcome)
        trace: Trace | None = g.get("trace")
        if trace is not None:
            status = {"http.response.status_code": response.status_code}
            self._tracer.received(trace, seconds, {"relay.connection": connection, "relay.outcome": outcome, **status})
            events = list(g.get("events", ()))
            told: dict[str, Any] = {"ms": round(seconds * 1000, 1), "events": events, "trace_id": trace.trace_id}
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


def genuine(trace: Trace) -> None:
    """It is signed: whoever sent it has a secret. What strangers send leaves no span, or anybody could fill the collector."""
    g.trace = trace
    bind_contextvars(trace_id=trace.trace_id)


def about(connection: str) -> None:
    g.connection = connection


def outcome(name: Outcome, events: Sequence[str] = ()) -> None:
    g.outcome = name
    g.events = events
