"""For the platform and for Prometheus: /healthz, /readyz, /metrics.

They are open, and name connections but no secrets; a proxy that faces the internet need pass on /webhooks/ only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from web.metrics import COLLECTORS
from web.multiprocess import DIRECTORY
from worker.errors import RelayError
from worker.queue.wakeups import UNREACHABLE


def blueprint(check: Callable[[], None], ping: Callable[[], None] | None, backlog: Collector) -> Blueprint:
    """`check` raises what the database lacks; `ping`, what Redis does: without it we are ready, only slower to deliver."""
    made = Blueprint("health", __name__)

    @made.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "up"})

    @made.get("/readyz")
    def readyz() -> Response:
        database, redis = _database(check), _redis(ping)
        ready = database == "ok"
        status = "not ready" if not ready else "ready" if redis == "ok" else "degraded"
        return _json({"status": status, "database": database, "redis": redis}, 200 if ready else 503)

    @made.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(_registry(backlog)), content_type=CONTENT_TYPE_LATEST)

    return made


def _database(check: Callable[[], None]) -> str:
    try:
        check()
    except RelayError as error:
        return str(error)
    return "ok"


def _redis(ping: Callable[[], None] | None) -> str:
    if ping is None:
        return "not configured"
    try:
        ping()
    except UNREACHABLE as error:
        return f"not reachable ({type(error).__name__}); events are accepted and delivered later"
    return "ok"


def _registry(backlog: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(backlog)
    if os.environ.get(DIRECTORY):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for collector in COLLECTORS:
            registry.register(collector)
    return registry


def _json(body: dict[str, str], status: int = 200) -> Response:
    return Response(json.dumps(body) + "\n", status, content_type="application/json")
