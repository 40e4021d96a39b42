"""Turns a message of a stream into a request to be stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ulid import ULID

from worker.sdk.body import hidden
from worker.sdk.read import read, storable
from worker.sdk.request import Request
from worker.sdk.stream import LISTEN
from worker.settings import Connection
from worker.store.events.arrival import Arrival, new_event


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
        events=tuple(new_event(connector, reading, reading.note) for reading in readings),
    )
