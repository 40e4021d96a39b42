"""Divides what a request brings among the connections whose tenants it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from worker.sdk.read import ReadEvent, parts
from worker.sdk.request import Request
from worker.settings.routes import divides, owner_of
from worker.settings.values import Connection


@dataclass(frozen=True, slots=True)
class Share:
    """The events of a request that are one connection's. `positions`: where in the request each of them stands."""

    connection: Connection
    readings: Sequence[ReadEvent]
    positions: Sequence[int]


def shares(
    receiving: Connection, connections: Mapping[str, Connection], request: Request, readings: Sequence[ReadEvent]
) -> Sequence[Share]:
    """Of a connection that receives for itself: one. Raises BadBody. What is nobody's stays with the receiving one, and says so."""
    if not divides(receiving):
        return (Share(receiving, readings, range(len(readings))),)
    found: dict[str, list[tuple[int, ReadEvent]]] = {}
    for position, (reading, part) in enumerate(zip(readings, parts(receiving.connector, request), strict=True)):
        handled = reading.type in receiving.connector.handles
        name, why = owner_of(receiving, part) if handled else (receiving.name, None)
        owner = name if name in connections else receiving.name
        told = replace(reading, problem=reading.problem or why) if why else reading
        found.setdefault(owner, []).append((position, told))
    return [
        Share(connections[name], [reading for _, reading in some], [position for position, _ in some])
        for name, some in found.items()
    ]
