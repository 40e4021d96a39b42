"""Turns a message of a stream into a request to be stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ulid import ULID

from worker.sdk.body import hidden
from worker.sdk.first_status import first_status
from worker.sdk.read import ReadEvent, read, storable
from worker.sdk.request import Request
from worker.sdk.stream import LISTEN
from worker.settings import Connection
from worker.store.events.arrival import Arrival, NewEvent


def arrival(connection: Connection, url: str, message: bytes, fingerprint: Callable[[str], str]) -> Arrival:
    """Secret fields of the message are replaced. Raises BadBody."""
    connector = connection.connector
    readings = read(connector, Request(LISTEN, url, (), message))
    return Arrival(
        request_id=str(ULID()),
        connection=connection.name,
        method=LISTEN,
        url=url,
        headers=(),
        body=hidden(
            replace(connector, body="json"), message, lambda secret: f"fingerprint:{fingerprint(storable(secret))}"
        ),
        events=tuple(_event(connection, reading) for reading in readings),
    )


def _event(connection: Connection, reading: ReadEvent) -> NewEvent:
    status, reason, code = first_status(connection.connector, reading)
    return NewEvent(
        id=str(ULID()),
        event_id=reading.id,
        type=reading.type,
        subject=reading.subject,
        time=reading.time,
        priority=reading.priority,
        status=status,
        reason=reason,
        code=code,
        note=reading.note,
    )
