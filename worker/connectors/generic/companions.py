"""Maps the company, contact and order that an event names beside its own record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.plan import Key, Placed, Resource, Standing, Upsert, Value
from worker.sdk.mapping import Home, company, contact, email, home_of, named, org_number, phone

UNUSED = "-"
"""The format knows no fallback company."""


def links(resource: Resource, fields: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := home(fields, settings):
        found["client"] = client.key
    if person := fields.get("contact"):
        key = person_key(person)
        found |= {"contacts": (key,)} if resource in ("activity", "appointment") else {"contact": key}
    if order := fields.get("order"):
        found["opportunity"] = Key("order", order)
    return found


def place(fields: Mapping[str, Any], settings: Settings) -> tuple[Placed, ...]:
    """Where what names no company belongs: where its contact is."""
    known = None if fields.get("client") else whereabouts(fields, settings)
    return known.optional() if known else ()


def companions(fields: Mapping[str, Any], settings: Settings) -> Iterator[Upsert]:
    """The company and the contact, where the event says more of them than their external id."""
    client, person = home(fields, settings), fields.get("contact")
    if client is not None:
        yield from client.upserts
    elif known := whereabouts(fields, settings):
        yield from known.upserts
    if person and person["email"]:
        said = values("contact", {name: value for name, value in person.items() if name != "id"}, settings)
        made = contact(person_key(person).id, said, client or Home((), ()))
        yield made if client else Upsert(key=made.key, match=made.match, if_empty=made.if_empty)


def home(fields: Mapping[str, Any], settings: Settings) -> Home | None:
    """The company that is named."""
    client, person = fields.get("client"), fields.get("contact") or {}
    if not client:
        return None
    if not (client["name"] or client["orgNo"]):
        return Home((), (Placed(Key("account", client["id"]), Standing.TOLD),))
    number = org_number(client["orgNo"])
    found = company(
        client["name"] or number or "",
        id=client["id"] or None,
        owner=settings.owner,
        org_number=number,
        website=client["webpage"],
        mail=person.get("email"),
        if_empty={"phone": phone(client["phone"], settings.phone_region)},
    )
    return named(found)


def whereabouts(fields: Mapping[str, Any], settings: Settings) -> Home | None:
    """The company of the contact who is named, if it is known."""
    mail = email((fields.get("contact") or {}).get("email"))
    if not mail:
        return None
    found = home_of(mail, owner=settings.owner or "", fallback_company=UNUSED)
    return Home(found.upserts[:1], found.place[:1])


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")
