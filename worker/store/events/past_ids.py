"""Keeps the ids of events that are gone, so that what is sent again is still recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection, delete, select

from worker.sdk.connector import REPEATS_FOR
from worker.store.db.engine import Store
from worker.store.db.sql import insert
from worker.store.db.tables import past_ids

EventKey: TypeAlias = tuple[str, str]
"""A connection, and its sender's id of an event."""
Gone: TypeAlias = tuple[str, str, str, datetime]
"""Of an event that goes: its connection, its sender's id, ours, and when it was received."""

BYTES: Final = 16
AT_ONCE: Final = 400


def remember(conn: Connection, gone: Collection[Gone], repeats_for: Mapping[str, timedelta], at: datetime) -> None:
    """In the transaction that deletes them. `repeats_for`: of connections whose senders repeat longer than others."""
    rows = [
        {"digest": _digest((connection, event_id)), "event": ours, "until": until}
        for connection, event_id, ours, received_at in gone
        if (until := received_at + max(repeats_for.get(connection, REPEATS_FOR), REPEATS_FOR)) > at
    ]
    if rows:
        statement = insert(conn, past_ids)
        again = {name: statement.excluded[name] for name in ("event", "until")}
        conn.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=again), rows)


def known(conn: Connection, keys: Collection[EventKey]) -> Mapping[EventKey, str]:
    """Our ids of those among the events that came before and are gone."""
    digests = {_digest(key): key for key in keys}
    found: dict[EventKey, str] = {}
    for some in _chunks(sorted(digests)):
        rows = conn.execute(select(past_ids.c.digest, past_ids.c.event).where(past_ids.c.digest.in_(some)))
        found |= {digests[row.digest]: row.event for row in rows}
    return found


def forget(store: Store, at: datetime, batch: int) -> int:
    """Those that nobody repeats any more."""
    old = past_ids.c.until < at
    with store.read() as conn:
        found = conn.execute(select(past_ids.c.digest).where(old).limit(batch)).scalars().all()
    if not found:
        return 0
    with store.write() as conn:
        return conn.execute(delete(past_ids).where(past_ids.c.digest.in_(found), old)).rowcount


def _digest(key: EventKey) -> bytes:
    """An id may be an address. Nobody can read it from this; who has the database can compare it with a guess."""
    return hashlib.sha256("\n".join(key).encode(errors="surrogatepass")).digest()[:BYTES]


def _chunks(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]
