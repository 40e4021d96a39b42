"""Goes through the lanes of a connection, some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, and_, select

from worker.store.db.engine import Store
from worker.store.db.sql import lock_lanes
from worker.store.db.tables import lanes

BATCH = 5000
"""Rows that one transaction changes: a connection may have millions, and others want to write."""


def batches(store: Store, connection: str, *where: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together hold for the lanes of the connection for which `where` holds, each for up to `BATCH` of them."""
    of_connection = lanes.c.connection == connection
    found: list[str] = []
    while True:
        beyond = [lanes.c.subject > found[-1]] if found else []
        query = select(lanes.c.subject).where(of_connection, *where, *beyond).order_by(lanes.c.subject).limit(BATCH)
        with store.read() as conn:
            found = list(conn.execute(query).scalars())
        if not found:
            return
        # What changed since it was read stays.
        yield and_(of_connection, lanes.c.subject.in_(found), *where)


@contextmanager
def locked_batch(store: Store, batch: ColumnElement[bool]) -> Iterator[Connection]:
    """A transaction that has these lanes to itself."""
    with store.write() as conn:
        lock_lanes(conn, batch)
        yield conn
