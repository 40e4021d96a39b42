"""Celery tasks: shims around plain functions."""

from __future__ import annotations

import os
from threading import Lock

import structlog

from worker import sweep as sweeping
from worker.app import app, settings
from worker.runtime import Runtime
from worker.store import StoreUnavailable, events
from worker.wakeups import TASK, UNREACHABLE

log = structlog.get_logger()
_sweeping = Lock()


_parts: list[Runtime] = []
_making = Lock()


def runtime() -> Runtime:
    """This process's parts, made with the first task."""
    with _making:
        if not _parts:
            _parts.append(Runtime(settings, os.environ))
        return _parts[0]


@app.task(name=TASK)
def deliver(event: str) -> None:
    """Deliver the lane of an event that waits; nothing to do when another worker already has."""
    parts = runtime()
    try:
        with parts.store.read() as conn:
            place = events.place(conn, event)
        if place is None:
            return
        _taken(parts, event, place.connection)
        if place.status == "pending":
            parts.delivery.run(place.connection, place.subject)
    except StoreUnavailable as error:
        log.warning("the database is away: the lane is rung again", error=str(error))


@app.task(name="relay.sweep")
def sweep() -> None:
    """Messages pile up while no worker runs: one sweep at a time is enough."""
    if not _sweeping.acquire(blocking=False):
        return
    try:
        runtime().sweep.run()
    except StoreUnavailable as error:
        log.warning("the database is away: swept again later", error=str(error))
    finally:
        _sweeping.release()


@app.task(name="relay.tidy")
def tidy() -> None:
    try:
        sweeping.tidy(runtime().store, settings.delivery)
    except StoreUnavailable as error:
        log.warning("the database is away: tidied again later", error=str(error))


def _taken(parts: Runtime, event: str, connection: str) -> None:
    try:
        parts.wakeups.taken(event, connection)
    except UNREACHABLE as error:
        log.info("a wake-up's place could not be given back", error=type(error).__name__)
