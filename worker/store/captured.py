"""The requests as they came, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.store.tables import requests


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """Where it carried secrets, their fingerprints."""

    id: str
    received_at: datetime
    headers: Sequence[tuple[str, str]]
    body: bytes


def latest(conn: Connection, connection: str, limit: int) -> Sequence[StoredRequest]:
    query = (
        select(requests.c.id, requests.c.received_at, requests.c.headers, requests.c.body)
        .where(requests.c.connection == connection)
        .order_by(requests.c.received_at.desc(), requests.c.id.desc())
        .limit(limit)
    )
    rows = conn.execute(query)
    return [StoredRequest(row.id, row.received_at, [(n, v) for n, v in row.headers], row.body) for row in rows]
