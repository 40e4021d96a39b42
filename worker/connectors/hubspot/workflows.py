"""Reads what workflows send: a whole record, a contact's company included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.hubspot import records, whole
from worker.connectors.hubspot.properties import texts
from worker.connectors.hubspot.records import key
from worker.connectors.hubspot.settings import Settings
from worker.plan import Ignored, Plan, Upsert
from worker.sdk.connector import Event


def contact(event: Event, settings: Settings) -> Plan | Ignored:
    said = texts(event.payload["properties"])
    own = key("contact", event.payload["portal_id"], event.payload["vid"])
    return whole.contact(own, said, associated(event.payload, settings), settings)


def associated(contact: Mapping[str, Any], settings: Settings) -> Upsert | None:
    """The company that the contact belongs to in HubSpot."""
    held = contact["associated_company"]
    if not held:
        return None
    own = key("company", contact["portal_id"], held["company_id"])
    owner = records.owner_of(texts(contact["properties"]), settings)
    return whole.employer(own, texts(held["properties"]), settings, owner=owner)


def organisation(event: Event, settings: Settings) -> Plan | Ignored:
    own = key("company", event.payload["portalId"], event.payload["objectId"])
    return whole.organisation(own, texts(event.payload["properties"]), settings)


def deal(event: Event, settings: Settings) -> Plan:
    own = key("deal", event.payload["portalId"], event.payload["objectId"])
    return whole.deal(own, texts(event.payload["properties"]), event, settings)
