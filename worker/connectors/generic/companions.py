"""Maps the company, contact and order that an event names beside its own record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.plan import Key, Match, Resource, Upsert, Value
from worker.sdk.mapping import company, email, org_number, phone


def links(resource: Resource, fields: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := fields.get("client"):
        found["client"] = company_key(client)
    if people := persons(fields):
        keys = tuple(dict.fromkeys(person_key(person) for person in people))
        found |= {"contacts": keys} if resource in ("activity", "appointment") else {"contact": keys[0]}
    if order := fields.get("order"):
        found["opportunity"] = Key("order", order)
    return found


def companions(fields: Mapping[str, Any], settings: Settings) -> Iterator[Upsert]:
    """The company and the contacts, where the event says more of them than their external ids."""
    client = fields.get("client")
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
    for person in persons(fields):
        if person["email"]:
            yield contact(person, client, settings)


def contact(person: Mapping[str, Any], client: Mapping[str, Any] | None, settings: Settings) -> Upsert:
    known = values("contact", {name: value for name, value in person.items() if name != "id"}, settings)
    return Upsert(
        key=person_key(person),
        match=(Match("email", str(known["email"]), shared=True),) if "email" in known else (),
        on_create={"client": company_key(client)} if client else {},
        if_empty=known,
    )


def persons(fields: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Its contact, then its contacts."""
    return [person for person in (fields.get("contact"), *(fields.get("contacts") or ())) if person]


def company_key(client: Mapping[str, Any]) -> Key:
    if client["id"]:
        return Key("account", client["id"])
    return company(client["name"] or client["orgNo"], org_number=org_number(client["orgNo"])).key


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")
