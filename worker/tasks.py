"""Celery tasks: shims around plain functions."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock

import structlog
from sqlalchemy import select

from worker.app import app, settings
from worker.runtime import Runtime
from worker.store import StoreUnavailable
from worker.store.tables import events
from worker.wakeups import TASK, UNREACHABLE

log = structlog.get_logger()
_sweeping = Lock()


@cache
def runtime() -> Runtime:
    """This process's parts, made with the first task."""
    return Runtime(settings, os.environ)


@app.task(name=TASK)
def deliver(event: str) -> None:
    """Deliver the lane of an event that waits; nothing to do when another worker already has."""
    parts = runtime()
    try:
        with parts.store.read() as conn:
            row = conn.execute(
                select(events.c.connection, events.c.subject, events.c.status).where(events.c.id == event)
            ).one_or_none()
        if row is None:
            return
        _taken(parts, event, row.connection)
        if row.status == "pending":
            parts.delivery.run(row.connection, row.subject)
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


def _taken(parts: Runtime, event: str, connection: str) -> None:
    try:
        parts.wakeups.taken(event, connection)
    except UNREACHABLE as error:
        log.info("a wake-up's place could not be given back", error=type(error).__name__)
