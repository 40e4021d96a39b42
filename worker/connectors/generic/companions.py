"""Maps the company, contact and order that an event names beside its own record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.plan import Key, Placed, Resource, Standing, Upsert, Value
from worker.sdk.mapping import Home, company, contact, email, home_at, home_of, org_number, phone

UNUSED = "-"
"""The format knows no fallback company."""

CONTACTS: Mapping[Resource, Callable[[tuple[Key, ...]], dict[str, Value]]] = {
    "appointment": lambda keys: {"contacts": keys},
    "activity": lambda keys: {"contacts": keys[:1]},  # one at the most: https://api.upsales.com, Activities
}


def links(resource: Resource, fields: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := home(fields, settings):
        found["client"] = client.key
    if keys := tuple(people(fields)):
        found |= CONTACTS[resource](keys) if resource in CONTACTS else {"contact": keys[0]}
    if order := fields.get("order"):
        found["opportunity"] = Key("order", order)
    return found


def place(fields: Mapping[str, Any], settings: Settings) -> tuple[Placed, ...]:
    """Where what names no company belongs: where its contact is."""
    known = None if fields.get("client") else whereabouts(fields, settings)
    return known.optional() if known else ()


def companions(fields: Mapping[str, Any], settings: Settings) -> Iterator[Upsert]:
    """The company and the contacts, where the event says more of them than their external ids."""
    client = home(fields, settings)
    known = client or whereabouts(fields, settings)
    if known is not None:
        yield from known.upserts
    for key, person in people(fields).items():
        if person["email"]:
            said = values("contact", {name: value for name, value in person.items() if name != "id"}, settings)
            yield contact(key.id, said, client)


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


def home(fields: Mapping[str, Any], settings: Settings) -> Home | None:
    """The company that is named."""
    client = fields.get("client")
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
        mail=mail_of(fields),
        if_empty={"phone": phone(client["phone"], settings.phone_region)},
    )
    return home_at(found)


def whereabouts(fields: Mapping[str, Any], settings: Settings) -> Home | None:
    """The company of the contact who is named, if it is known."""
    mail = mail_of(fields)
    if not mail:
        return None
    found = home_of(mail, owner=settings.owner or "", fallback_company=UNUSED)
    return Home(found.upserts[:1], found.place[:1])


def mail_of(fields: Mapping[str, Any]) -> str | None:
    """The address of the first one who is named."""
    first = next(iter(people(fields).values()), None)
    return email(first["email"]) if first else None


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")
