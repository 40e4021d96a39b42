"""Turns a message of a stream into requests to be stored, one for each connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ulid import ULID

from worker.sdk.body import hidden
from worker.sdk.read import read, storable
from worker.sdk.request import Request
from worker.sdk.stream import LISTEN
from worker.settings import Connection
from worker.settings.shares import shares
from worker.store.events.arrival import Arrival, new_event


def arrivals(
    receiving: Connection,
    connections: Mapping[str, Connection],
    url: str,
    message: bytes,
    fingerprint: Callable[[str], str],
) -> Iterator[Arrival]:
    """Secret fields of the message are replaced. `connections`: those whose events it may tell. Raises BadBody."""
    connector, request = receiving.connector, Request(LISTEN, url, (), message)
    body = hidden(
        replace(connector, body="json"), message, lambda secret: f"fingerprint:{fingerprint(storable(secret))}"
    )
    for share in shares(receiving, connections, request, read(connector, request)):
        events = [new_event(connector, reading, reading.note) for reading in share.readings]
        placed = [replace(event, position=place) for event, place in zip(events, share.positions, strict=True)]
        yield Arrival(
            request_id=str(ULID()),
            connection=share.connection.name,
            method=LISTEN,
            url=url,
            headers=(),
            body=body,
            events=tuple(placed if receiving.tenants else events),
        )
