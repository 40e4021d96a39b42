"""Reads what an app's subscriptions tell: one changed property, or one association."""

from __future__ import annotations

from worker.connectors.hubspot.events import KINDS
from worker.connectors.hubspot.names import READ
from worker.connectors.hubspot.properties import PLACE, target, values
from worker.connectors.hubspot.reading import planned
from worker.connectors.hubspot.records import company, contact, deal, key, supposed
from worker.connectors.hubspot.settings import Settings
from worker.plan import IfKnown, Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event, MapEvent

REDACTED = "REDACTED"
MAKING = {"contact": {"email"}, "company": {"name", "domain"}, "deal": {"dealname"}}
"""The properties by which a record can be found or made. The others only change one that is in Upsales."""


def changed(kind: str) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        return _read(kind, event, settings) if kind in event.read else _unread(kind, event, settings)

    return plan


def _read(kind: str, event: Event, settings: Settings) -> Plan | Ignored:
    name = event.payload["propertyName"]
    mapped = name in READ[kind] or target(kind, name, settings) is not None
    return planned(kind, event, settings) if mapped else Ignored("property that is not mapped")


def _unread(kind: str, event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload
    name, value = said["propertyName"], said["propertyValue"]
    if kind == "company" and name in PLACE and target(kind, name, settings) is None:
        return Ignored("part of an address")
    if target(kind, name, settings) is None:
        return Ignored("property that is not mapped")
    if said["isSensitive"] or value == REDACTED:
        return Ignored("property that HubSpot does not show")
    if not value:
        return Ignored("property that was emptied")
    if not values(kind, {name: value}, settings):
        return Ignored("value that has no counterpart in Upsales")
    return _plan(kind, key(kind, said["portalId"], said["objectId"]), {name: value}, event, settings)


def _plan(kind: str, own: Key, said: dict[str, str], event: Event, settings: Settings) -> Plan:
    making = bool(MAKING[kind] & said.keys())
    if kind == "deal":
        return deal(own, said, event, settings, create=making)
    if kind == "company":
        return (company(own, said, settings, create=making),)
    if not making:
        return (contact(own, said, settings, home=None),)
    home = supposed(said, settings)
    return (*home.upserts, contact(own, said, settings, home=home))


def deal_created(event: Event, settings: Settings) -> Plan:
    """Without a token: its properties are told by themselves."""
    own = key("deal", event.payload["portalId"], event.payload["objectId"])
    return deal(own, {}, event, settings, create=True)


def associated(kind: str) -> MapEvent:
    """Where a contact or a deal belongs. What was read tells it as it is now."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        said = event.payload
        other = KINDS.get(said["toObjectTypeId"] or "") or (said["associationType"] or "").rpartition("_")[2].lower()
        if kind in event.read and other in ("company", "contact"):
            return planned(kind, event, settings)
        if said["associationRemoved"]:
            return Ignored("association that was removed")
        if other == "company" and said["isPrimaryAssociation"] is False:
            return Ignored("company that is not the primary one")
        own = key(kind, said["portalId"], said["fromObjectId"])
        if other == "company":
            place = key("company", said["portalId"], said["toObjectId"])
            return (Upsert(key=own, set={"client": IfKnown(place)}, create=False),)
        if (kind, other) == ("deal", "contact"):
            person = key("contact", said["portalId"], said["toObjectId"])
            return (Upsert(key=own, if_empty={"contact": IfKnown(person)}, create=False),)
        return Ignored("association that Upsales does not have")

    return plan
