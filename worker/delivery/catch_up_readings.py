"""Keeps what catching up read, so that it need not be read again for its events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from ulid import ULID

from worker.delivery.catch_up import Attachment
from worker.store.readings import readings
from worker.store.readings.readings import Link, Reading


def attach(conn: Connection, attachments: Sequence[Attachment]) -> None:
    """In the transaction that stores the events."""
    for each in attachments:
        reading = Reading(
            id=str(ULID()),
            connection=each.connection,
            kind=each.thing.kind,
            thing=each.thing.id,
            status="read",
            body=readings.packed(each.thing.body),
            changed=each.changed,
            read_at=each.read_at,
        )
        readings.store(conn, reading, [Link(each.event, each.called, reading.id)])
