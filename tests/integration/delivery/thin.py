"""A sender whose webhooks tell ids alone, and whose API a worker reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, fields
from sqlalchemy import select

from tests.fakes.reader import FakeReader
from tests.integration.delivery.room import Room
from tests.senders import Anything
from web.inbound import arrival
from worker.delivery.asking import Readers
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.mapping import field as payload
from worker.sdk.mapping import header
from worker.sdk.request import Request
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Get, Kind, Source, bearer
from worker.settings.values import Route
from worker.store.db.clock import now
from worker.store.db.tables import event_readings, readings
from worker.store.events.events import Event as Stored
from worker.store.events.intake import accept


class Contract(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True)
    state = fields.String()
    changed = fields.String()
    buyer = fields.String()


class Buyer(Schema):
    class Meta:
        unknown = EXCLUDE

    phone = fields.String(required=True)


def buyer_of(incoming: Incoming) -> str | None:
    found: str | None = incoming.read["contract"].get("buyer")
    return found


def company_of(event: Event, _settings: Any) -> Plan | Ignored:
    contract = event.read["contract"]
    phone = event.read["buyer"]["phone"] if "buyer" in event.read else None
    told = {"name": contract["name"], **({"phone": phone} if phone else {})}
    return (Upsert(key=Key("account", event.subject), set=told),)


def left(event: Event, _settings: Any) -> Plan:
    return (Upsert(key=Key("account", event.subject), set={"notes": "left"}, create=False),)


def draft(body: Any) -> str | None:
    return "it is a draft" if body.get("state") == "draft" else None


SOURCE = Source(
    url="https://api.tunn.example/v1",
    sign=bearer(),
    kinds={
        "contract": Kind(schema=Contract, get="/contracts/{id}", changed="changed", early=draft),
        "buyer": Kind(schema=Buyer, get="/buyers/{id}"),
    },
)
FETCH = (Get("contract", id=payload("contract")), Get("buyer", id=buyer_of, optional=True))
SIGNED = Handles(Anything, company_of, subject=payload("contract"), time=header("x-time"), fetch=FETCH)
TUNN = Connector(
    name="tunn",
    title="Tunn",
    signature=UrlToken(),
    event_id=payload("id"),
    event_type=payload("type"),
    handles={
        "signed": SIGNED,
        "deleted": replace(SIGNED, gone=left),
        "noted": replace(SIGNED, fetch=(), plan=lambda event, _: (_noted(event),)),
    },
    writes={"account": frozenset({"create", "update"})},
    source=SOURCE,
    unverified=True,
)


def _noted(event: Event) -> Upsert:
    return Upsert(key=Key("account", event.subject), set={"name": event.payload["name"]})


def full(name: str = "Åkeri Ö AB", **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


@dataclass
class Thin:
    """The connection `egen` of a room, which speaks to this sender."""

    room: Room
    reader: FakeReader = field(default_factory=FakeReader)

    def __post_init__(self) -> None:
        settings = self.room.settings
        egen = replace(settings.connections["egen"], connector=TUNN, settings=TUNN.settings(), writes=TUNN.writes)
        self.room.settings = replace(settings, connections={**settings.connections, "egen": egen})
        self.room.delivery = replace(self.room.delivery, settings=self.room.settings)
        self.reads_with(lambda _: self.reader)

    def unread(self) -> None:
        """The connection works without a token."""
        self._set(connector=replace(TUNN, source=replace(SOURCE, unread=True)))

    def becomes(self, connector: Connector) -> None:
        """The connection speaks to another sender."""
        self._set(connector=connector, writes=connector.writes)

    def of_tenant(self, value: str) -> None:
        """What comes to the connection may be of another tenant."""
        self._set(connector=replace(TUNN, tenant=payload("tenant")), route=Route(of="alla", value=value))

    def _set(self, **changed: Any) -> None:
        egen = replace(self.room.settings.connections["egen"], **changed)
        settings = replace(self.room.settings, connections={**self.room.settings.connections, "egen": egen})
        self.room.settings = settings
        self.room.delivery = replace(self.room.delivery, settings=settings)

    def reads_with(self, readers: Readers) -> None:
        self.room.delivery = replace(self.room.delivery, readers=readers)

    @property
    def asked(self) -> Sequence[tuple[str, str]]:
        return self.reader.asked

    def answers(self, kind: str, thing: str, *answers: Any) -> None:
        self.reader.answers[kind, thing] = list(answers)

    def take(self, contract: str, event_id: str, *, kind: str = "signed", age: float = 0.0, **more: Any) -> str:
        """One webhook, received so many seconds ago."""
        with self.room.store.read() as conn:
            at = now(conn) - timedelta(seconds=age)
        headers = (("x-time", (at - timedelta(seconds=60)).isoformat()),)
        body = json.dumps({"id": event_id, "type": kind, "contract": contract, **more}).encode()
        request = Request("POST", "https://relay.example/webhooks/egen", headers, body)
        found = arrival(request, self.room.settings.connections["egen"], (), lambda _: "***")
        with self.room.store.write() as conn:
            (receipt,) = accept(conn, [replace(found, received_at=at)])
        return receipt.events[0].id

    def run(self, event: str) -> Stored:
        return self.room.run(event)

    def stored(self) -> Sequence[Mapping[str, Any]]:
        with self.room.store.read() as conn:
            return [dict(row._mapping) for row in conn.execute(select(readings).order_by(readings.c.id))]

    def links(self) -> Sequence[tuple[str, str]]:
        with self.room.store.read() as conn:
            rows = conn.execute(select(event_readings.c.event, event_readings.c.name).order_by(event_readings.c.name))
            return [(row.event, row.name) for row in rows]

    def names(self) -> Sequence[str]:
        """Of the companies in Upsales."""
        return [record["name"] for record in self.room.sandbox.records("accounts")]
