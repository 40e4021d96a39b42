"""Serves /healthz and /readyz for the platform.

They are open, and name nothing; a proxy that faces the internet need pass on /webhooks/ only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from threading import Lock

import structlog
from flask import Blueprint, Response

from worker.errors import RelayError
from worker.queue.wakeups import UNREACHABLE
from worker.store import StoreUnavailable

REMEMBERED = 1.0
NOT_READY = "not ready"

_log = structlog.get_logger()


class Remembered:
    """An answer that is asked for at most once in so many seconds, however many ask."""

    def __init__(
        self, ask: Callable[[], dict[str, str]], seconds: float = REMEMBERED, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._now = now
        self._lock = Lock()
        self._answer: dict[str, str] = {}
        self._until = float("-inf")

    def __call__(self) -> dict[str, str]:
        """Who asks while somebody else does gets the answer before: a database that hangs must not take every thread."""
        if self._now() >= self._until and self._lock.acquire(blocking=not self._answer):
            try:
                if self._now() >= self._until:
                    self._answer = self._ask()
                    self._until = self._now() + self._seconds
            finally:
                self._lock.release()
        return self._answer


def blueprint(
    check: Callable[[], None],
    ping: Callable[[], None] | None,
    now: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """`check` raises what the database lacks; `ping`, what Redis does: without it we are ready, only slower to deliver."""
    made = Blueprint("health", __name__)
    ready = Remembered(partial(_readiness, check, ping), now=now)

    @made.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "up"})

    @made.get("/readyz")
    def readyz() -> Response:
        answer = ready()
        return _json(answer, 503 if answer["status"] == NOT_READY else 200)

    return made


def _readiness(check: Callable[[], None], ping: Callable[[], None] | None) -> dict[str, str]:
    database, redis = _database(check), _redis(ping)
    status = NOT_READY if database != "ok" else "ready" if redis == "ok" else "degraded"
    return {"status": status, "database": database, "redis": redis}


def _database(check: Callable[[], None]) -> str:
    """The log says which database and why; a stranger need not know where it is."""
    try:
        check()
    except StoreUnavailable as error:
        _log.warning("database_unavailable", reason=str(error))
        return "not available"
    except RelayError as error:
        _log.warning("database_unusable", reason=str(error))
        return "there is none with this program's tables: run `relay release`, or see the log"
    return "ok"


def _redis(ping: Callable[[], None] | None) -> str:
    if ping is None:
        return "not configured"
    try:
        ping()
    except UNREACHABLE as error:
        return f"not reachable ({type(error).__name__}); events are accepted and delivered later"
    return "ok"


def _json(body: dict[str, str], status: int = 200) -> Response:
    return Response(json.dumps(body) + "\n", status, content_type="application/json")
