"""Reads what events said from their stored requests, as their mappings were given it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection as Transaction

from worker.sdk.read import BadBody, parts, storable
from worker.sdk.request import Request
from worker.settings import Connection
from worker.store.events import events


class Told(Protocol):
    """An event, as far as it leads to its payload."""

    @property
    def seq(self) -> int: ...
    @property
    def connection(self) -> str: ...
    @property
    def request_id(self) -> str: ...
    @property
    def position(self) -> int: ...


def payloads(conn: Transaction, connections: Mapping[str, Connection], wanted: Iterable[Told]) -> Mapping[int, Any]:
    """By seq; those without one whose request is gone or can't be read."""
    told = list(wanted)
    requests = events.requests_of(conn, {each.request_id for each in told})
    read: dict[tuple[str, str], Sequence[Any]] = {}
    found: dict[int, Any] = {}
    for each in told:
        key = (each.request_id, each.connection)
        if each.request_id in requests and key not in read:
            read[key] = _parts(connections.get(each.connection), requests[each.request_id])
        if each.position < len(read.get(key, ())):
            found[each.seq] = read[key][each.position]
    return found


def _parts(connection: Connection | None, request: Request) -> Sequence[Any]:
    """Of a connection that is no longer set up, what can be read without its connector."""
    try:
        if connection is not None:
            return [part.payload for part in parts(connection.connector, request)]
        body = storable(json.loads(request.body))
        return body if isinstance(body, list) else [body]
    except (BadBody, ValueError, RecursionError):
        return ()
