"""A sender whose API lists what has changed, and a connector that reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemas.wire import Payload, Text
from worker.errors import Failure
from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, header, joined
from worker.sdk.mapping import field as at
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Changes, Get, Kind, Numbered, Occurred, Source, bearer
from worker.settings import Connection
from worker.sources.ports import Page, Thing


class Booking(Payload):
    id = Text(required=True)


class Removed(Payload):
    id = Text(required=True)


def nothing_to_do(_event: Event, _settings: Any) -> Ignored:
    return Ignored("a test sender wants nothing")


def booked(item: Any) -> Occurred | None:
    return None if item.get("draft") else Occurred("booking.changed", item)


BOOKING = joined(":", constant("booking"), at("id"))
CHANGES = Changes(path="/bookings?since={since}&page={page}", changed="changed", event=booked, pages=Numbered(2))
SOURCE = Source(
    url="https://api.bokning.example/v1",
    sign=bearer(),
    kinds={"booking": Kind(schema=Booking, get="/bookings/{id}", changes=CHANGES)},
    catch_up="15m",
)
BOKNING = Connector(
    name="bokning",
    title="Bokning",
    signature=UrlToken(),
    event_id=header("x-id"),
    # As with WooCommerce no payload says what happened.
    event_type=header("x-type"),
    handles={
        "booking.made": Handles(Booking, nothing_to_do, BOOKING, at("changed")),
        "booking.changed": Handles(Booking, nothing_to_do, BOOKING, at("changed")),
        "booking.removed": Handles(Removed, nothing_to_do, BOOKING, at("changed")),
    },
    writes={"account": frozenset({"create"})},
    # What was read is no form, and is split by nobody.
    body="form",
    split=lambda _body: (),
    secret_fields=("pin",),
    source=SOURCE,
)
THIN = replace(
    BOKNING,
    handles={
        "booking.changed": Handles(
            Booking, nothing_to_do, BOOKING, header("x-none"), fetch=(Get("booking", at("id"), name="whole"),)
        )
    },
)


def connection(name: str = "bokning", connector: Connector = BOKNING, period: float | None = 900.0) -> Connection:
    return Connection(name=name, connector=connector, settings=connector.settings(), catch_up=period)


def listing(changes: Changes, connector: Connector = BOKNING) -> Connector:
    """The same sender, whose list is another one."""
    kind = Kind(schema=Booking, get="/bookings/{id}", changes=changes)
    return replace(connector, source=replace(SOURCE, kinds={"booking": kind}))


@dataclass(slots=True)
class Listing:
    """Answers pages of two items, the latest change first, and notes from when on it was asked. `failures`: to be raised, one after the other."""

    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: list[tuple[datetime | None, str | None]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    size: int = 2

    def put(self, thing: str, changed: datetime, **more: Any) -> Mapping[str, Any]:
        self.items[thing] = {"id": thing, "changed": changed.isoformat(), **more}
        return self.items[thing]

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:
        self.asked.append((since, bookmark))
        if self.failures:
            raise self.failures.pop(0)
        found = [item for item in self._newest_first() if since is None or _time(item) >= since]
        start = int(bookmark or 0)
        more = start + self.size < len(found)
        return Page(
            kind=kind,
            items=found[start : start + self.size],
            bookmark=str(start + self.size) if more else None,
            read_at=datetime.now(UTC),
        )

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:  # noqa: ARG002 - the port's signature
        return Thing(kind=kind, id=thing, body=self.items[thing], read_at=datetime.now(UTC))

    def _newest_first(self) -> Sequence[Mapping[str, Any]]:
        return sorted(self.items.values(), key=_time, reverse=True)


def _time(item: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(item["changed"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
