"""A connection of a room that reads its sender's API over HTTP, where a neighbour plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.integration.delivery.room import Room, after_failures
from web.inbound import arrival
from worker.delivery.catch_up import lists
from worker.devkit.neighbour import Neighbour, neighbour_of, served
from worker.runtime import Runtime
from worker.sdk.connector import Connector
from worker.sdk.request import Request
from worker.sdk.settings import load_settings
from worker.settings import Connection
from worker.store.db.clock import now
from worker.store.events.events import Event as Stored
from worker.store.events.events import oldest_waiting
from worker.store.events.intake import accept
from worker.store.sources import cursors

TOKEN = "nyckel-till-avsandaren"


@dataclass(slots=True)
class Played:
    """Speaks to Upsales as the room's `egen` does. Without a token it reads nothing."""

    room: Room
    runtime: Runtime
    neighbour: Neighbour
    name: str

    @property
    def connection(self) -> Connection:
        return self.runtime.settings.connections[self.name]

    def take(self, body: Any, *, age: float = 300.0) -> Sequence[str]:
        """One webhook, received so many seconds ago; answers its events' ids."""
        request = Request("POST", f"https://relay.example/webhooks/{self.name}", (), json.dumps(body).encode())
        found = arrival(request, self.connection, (), lambda _: "***")
        with self.room.store.write() as conn:
            received = now(conn) - timedelta(seconds=age)
            (receipt,) = accept(conn, [replace(found, received_at=received)])
        return [event.id for event in receipt.events]

    def waiting(self) -> Sequence[str]:
        with self.room.store.read() as conn:
            return [event.id for event in oldest_waiting(conn, self.name, 100)]

    def run(self, events: Sequence[str]) -> Sequence[Stored]:
        """Each lane once, as tasks do."""
        delivery = after_failures(self.runtime.delivery, ring_in=self.room.rung, chance=lambda: 1.0)
        for event in events:
            delivery.run(self.name, self.room.event(event).subject)
        return [self.room.event(event) for event in events]

    def catch_up(self, since: float) -> None:
        """Of the last seconds."""
        with self.room.store.write() as conn:
            cursors.ask(conn, self.name, lists(self.connection), since=now(conn) - timedelta(seconds=since))
        self.runtime.catching_up.run(self.connection)

    def records(self, resource: str) -> Sequence[Mapping[str, Any]]:
        return self.room.sandbox.records(resource)


@contextmanager
def played(room: Room, connector: Connector, settings: Mapping[str, Any], *, token: bool = True) -> Iterator[Played]:
    """Without the sender's limits: a test would wait for them."""
    assert connector.source is not None
    neighbour = neighbour_of(connector, token=TOKEN)
    unlimited = replace(connector, source=replace(connector.source, limits=()))
    with served(neighbour) as url:
        name = connector.name
        connection = Connection(
            name=name,
            connector=unlimited,
            settings=load_settings(connector.settings, settings, name),
            writes=connector.writes,
            source_url=url,
            catch_up=900.0,
        )
        environ = {f"RELAY_{name.upper()}_API_KEY": "nyckel-egen"}
        if token:
            environ[f"RELAY_{name.upper()}_TOKEN"] = TOKEN
        runtime = Runtime(replace(room.settings, connections={name: connection}), environ)
        try:
            yield Played(room, runtime, neighbour, name)
        finally:
            runtime.close()
