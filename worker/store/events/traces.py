"""Finds the trace of an event that is known by its id only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from worker.store.db.tables import events, requests
from worker.tracing import HEADER, Trace, trace_of


def trace(conn: Connection, event: str) -> Trace | None:
    """None when the event is no longer kept."""
    query = select(events.c.request_id, requests.c.headers).outerjoin(requests, requests.c.id == events.c.request_id)
    row = conn.execute(query.where(events.c.id == event)).one_or_none()
    return None if row is None else stored(row.request_id, row.headers)


def stored(request_id: str, headers: Sequence[Sequence[str]] | None) -> Trace:
    """Of a request as its row has it; without headers when that is purged."""
    found = [value for name, value in headers or () if name == HEADER]
    return trace_of(request_id, found[0] if len(found) == 1 else None)
