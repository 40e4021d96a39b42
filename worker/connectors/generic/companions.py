"""Maps the company, contact and order that an event names beside its own record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.plan import Key, Match, Resource, Upsert, Value
from worker.sdk.mapping import company, email, org_number, phone

CONTACTS: Mapping[Resource, Callable[[tuple[Key, ...]], dict[str, Value]]] = {
    "appointment": lambda keys: {"contacts": keys},
    "activity": lambda keys: {"contacts": keys[:1]},  # one at the most: https://api.upsales.com, Activities
}


def links(resource: Resource, fields: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := fields.get("client"):
        found["client"] = company_key(client)
    if keys := tuple(people(fields)):
        found |= CONTACTS[resource](keys) if resource in CONTACTS else {"contact": keys[0]}
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
    for person in people(fields).values():
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


def people(fields: Mapping[str, Any]) -> Mapping[Key, Mapping[str, Any]]:
    """Its contact, then its contacts, each once; of two that are one the first says more."""
    found: dict[Key, Mapping[str, Any]] = {}
    for person in (fields.get("contact"), *(fields.get("contacts") or ())):
        if person:
            found.setdefault(person_key(person), person)
    return found


def others(fields: Mapping[str, Any]) -> str | None:
    """All but the first one as text: whether Upsales shows more than one contact of an appointment is not documented."""
    named = ", ".join(_named(person) for person in list(people(fields).values())[1:])
    return f"Also with: {named}" if named else None


def _named(person: Mapping[str, Any]) -> str:
    name = person["name"] or " ".join(filter(None, (person["firstName"], person["lastName"])))
    address = f"<{person['email']}>" if name and person["email"] else person["email"]
    return " ".join(filter(None, (name, address))) or str(person["id"])


def company_key(client: Mapping[str, Any]) -> Key:
    if client["id"]:
        return Key("account", client["id"])
    return company(client["name"] or client["orgNo"], org_number=org_number(client["orgNo"])).key


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")
