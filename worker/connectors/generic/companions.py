"""Maps the company, contact and order that an event names beside its own record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.plan import Key, Match, Resource, Upsert, Value
from worker.sdk.mapping import company, email, org_number, phone


def links(resource: Resource, fields: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := fields.get("client"):
        found["client"] = company_key(client)
    if person := fields.get("contact"):
        key = person_key(person)
        found |= {"contacts": (key,)} if resource in ("activity", "appointment") else {"contact": key}
    if order := fields.get("order"):
        found["opportunity"] = Key("order", order)
    return found


def companions(fields: Mapping[str, Any], settings: Settings) -> Iterator[Upsert]:
    """The company and the contact, where the event says more of them than their external id."""
    client, person = fields.get("client"), fields.get("contact")
    if client and (client["name"] or client["orgNo"]):
        number = org_number(client["orgNo"])
        known = {"phone": phone(client["phone"], settings.phone_region), "webpage": client["webpage"]}
        yield company(
            client["name"] or number or "",
            owner=settings.owner,
            key=client["id"] or None,
            org_number=number,
            if_empty=known,
        )
    if person and person["email"]:
        known = values("contact", {name: value for name, value in person.items() if name != "id"}, settings)
        yield Upsert(
            key=person_key(person),
            match=(Match("email", str(known["email"]), shared=True),) if "email" in known else (),
            on_create={"client": company_key(client)} if client else {},
            if_empty=known,
        )


def company_key(client: Mapping[str, Any]) -> Key:
    if client["id"]:
        return Key("account", client["id"])
    return company(client["name"] or client["orgNo"], org_number=org_number(client["orgNo"])).key


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")
