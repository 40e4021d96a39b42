"""Who it is about, and for which company."""

from __future__ import annotations

from dataclasses import dataclass

from worker.devkit.scaffold.template.settings import Settings
from worker.plan import Key, Match, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import (
    CONTACT_NAME,
    TITLE,
    WEBPAGE,
    address,
    clip,
    company,
    email,
    filled,
    org_number,
    person_name,
    phone,
)
from worker.sdk.read import bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the sender says of somebody. `id`: what the sender knows them by."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    phone: str | None = None
    cell_phone: str | None = None
    title: str | None = None
    company: str | None = None
    org_number: str | None = None
    website: str | None = None
    street: str | None = None
    zipcode: str | None = None
    city: str | None = None
    country: str | None = None


def account(person: Person, settings: Settings) -> Upsert:
    """The company that is named, else the fallback, of which nothing else is known."""
    number = org_number(person.org_number)
    if not person.company:
        return company(settings.fallback_company, owner=settings.owner)
    place = address("Visit", street=person.street, zipcode=person.zipcode, city=person.city, country=person.country)
    return company(
        person.company,
        owner=settings.owner,
        org_number=number,
        if_empty={"webpage": clip(person.website or "", WEBPAGE), "addresses": (place,) if place else ()},
    )


def contacts(
    person: Person, home: Key, event: Event, settings: Settings, *, authoritative: bool = False
) -> tuple[Upsert, ...]:
    """One, or none for somebody without name and address. `authoritative`: the sender's word replaces what Upsales holds."""
    mail = email(person.email)
    first, last = person_name(person.first_name, person.last_name, person.name)
    known = filled(
        {
            "firstName": clip(first, CONTACT_NAME),
            "lastName": clip(last, CONTACT_NAME),
            "email": mail,
            "phone": phone(person.phone, settings.phone_region),
            "cellPhone": phone(person.cell_phone, settings.phone_region),
            "title": clip(person.title or "", TITLE),
        }
    )
    if not (mail or first or last):
        return ()
    key = bounded(f"person:{person.id}") if person.id else f"email:{mail}" if mail else event.subject
    return (
        Upsert(
            key=Key("contact", key),
            match=(Match("email", mail, shared=True),) if mail else (),
            set=known if authoritative else {},
            on_create={"client": home},
            if_empty={} if authoritative else known,
        ),
    )
