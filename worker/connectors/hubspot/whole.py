"""Makes plans of whole records, which workflows send and HubSpot's API answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.connectors.hubspot import records
from worker.connectors.hubspot.properties import values
from worker.connectors.hubspot.records import supposed
from worker.connectors.hubspot.settings import Settings
from worker.plan import IfKnown, Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import home_at


def contact(own: Key, said: Mapping[str, str], employer: Upsert | None, settings: Settings) -> Plan | Ignored:
    """`employer`: the company that the contact belongs to in HubSpot."""
    if not values("contact", said, settings).keys() & {"email", "firstName", "lastName"}:
        return Ignored("contact without name and address")
    if employer:
        person = records.contact(own, said, settings, home=home_at(employer))
        return (employer, replace(person, set={**person.set, "client": employer.key}, placed={}))
    home = supposed(said, settings)
    return (*home.upserts, records.contact(own, said, settings, home=home))


def employer(own: Key, said: Mapping[str, str], settings: Settings, *, owner: str | None = None) -> Upsert | None:
    """The company of a contact or a deal, as far as anything tells which one it is."""
    if not (said.get("name") or said.get("domain")):
        return None
    return records.company(own, said, settings, create=True, whole=True, owner=owner)


def organisation(own: Key, said: Mapping[str, str], settings: Settings) -> Plan | Ignored:
    if not values("company", said, settings).keys() & {"name", "webpage"}:
        return Ignored("company without name and domain")
    return (records.company(own, said, settings, create=True, whole=True),)


def deal(
    own: Key,
    said: Mapping[str, str],
    event: Event,
    settings: Settings,
    *,
    home: Upsert | None = None,
    person: Key | None = None,
) -> Plan:
    """`home`: the deal's company. `person`: its first contact."""
    *places, order = records.deal(own, said, event, settings, create=True)
    if home:
        places, order = [home], replace(order, set={**order.set, "client": home.key}, placed={})
    if person:
        order = replace(order, if_empty={**order.if_empty, "contact": IfKnown(person)})
    return (*places, order)
