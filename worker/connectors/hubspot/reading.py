"""Maps records that were read of HubSpot's API, in the place of what their events tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.wire import printable
from worker.connectors.hubspot import records, whole
from worker.connectors.hubspot.records import key
from worker.connectors.hubspot.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event, MapEvent


def read(kind: str, unread: MapEvent) -> MapEvent:
    """`unread`: maps the event as it came, for a connection without a token."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        return planned(kind, event, settings) if kind in event.read else unread(event, settings)

    return plan


def planned(kind: str, event: Event, settings: Settings) -> Plan | Ignored:
    """Under the id that the record has now: one that was merged away is answered as the one that goes on."""
    record, portal = event.read[kind], event.payload["portalId"]
    own, said = key(kind, portal, record["id"]), told(record)
    if kind == "company":
        return whole.organisation(own, said, settings)
    home = _employer(event, settings, records.owner_of(said, settings) if kind == "contact" else None)
    if kind == "contact":
        return whole.contact(own, said, home, settings)
    return whole.deal(own, said, event, settings, home=home, person=_person(record, portal))


def told(record: Mapping[str, Any]) -> dict[str, str]:
    """The properties that hold something."""
    return {name: printable(value) for name, value in record["properties"].items() if isinstance(value, str) and value}


def made(kind: str, rule: str) -> MapEvent:
    """A creation names no property: without a token the record is made by the first property that tells who it is."""
    return read(kind, lambda _event, _settings: Ignored(rule))


def _employer(event: Event, settings: Settings, owner: str | None) -> Upsert | None:
    company = event.read.get("company")
    if company is None:
        return None
    own = key("company", event.payload["portalId"], company["id"])
    return whole.employer(own, told(company), settings, owner=owner)


def _person(deal: Mapping[str, Any], portal: str) -> Key | None:
    held = (deal["associations"] or {}).get("contacts") or {}
    found = held.get("results") or ()
    return key("contact", portal, found[0]["id"]) if found else None
