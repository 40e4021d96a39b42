"""Reads what workflows send: a whole record, a contact's company included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.connectors.hubspot import records
from worker.connectors.hubspot.properties import texts, values
from worker.connectors.hubspot.records import key, supposed
from worker.connectors.hubspot.settings import Settings
from worker.plan import Ignored, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import home_at


def contact(event: Event, settings: Settings) -> Plan | Ignored:
    said = texts(event.payload["properties"])
    if not values("contact", said, settings).keys() & {"email", "firstName", "lastName"}:
        return Ignored("contact without name and address")
    own = key("contact", event.payload["portal_id"], event.payload["vid"])
    if employer := associated(event.payload, settings):
        person = records.contact(own, said, settings, home=home_at(employer))
        return (employer, replace(person, set={**person.set, "client": employer.key}, placed={}))
    home = supposed(said, settings)
    return (*home.upserts, records.contact(own, said, settings, home=home))


def associated(contact: Mapping[str, Any], settings: Settings) -> Upsert | None:
    """The company that the contact belongs to in HubSpot."""
    held = contact["associated_company"]
    said = texts(held["properties"]) if held else {}
    if not (said.get("name") or said.get("domain")):
        return None
    own = key("company", contact["portal_id"], held["company_id"])
    owner = records.owner_of(texts(contact["properties"]), settings)
    return records.company(own, said, settings, create=True, whole=True, owner=owner)


def organisation(event: Event, settings: Settings) -> Plan | Ignored:
    said = texts(event.payload["properties"])
    if not values("company", said, settings).keys() & {"name", "webpage"}:
        return Ignored("company without name and domain")
    own = key("company", event.payload["portalId"], event.payload["objectId"])
    return (records.company(own, said, settings, create=True, whole=True),)


def deal(event: Event, settings: Settings) -> Plan:
    own = key("deal", event.payload["portalId"], event.payload["objectId"])
    return records.deal(own, texts(event.payload["properties"]), event, settings, create=True)
