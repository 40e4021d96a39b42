"""Makes a contact and its company of what a sender says of a person."""

from __future__ import annotations

from dataclasses import dataclass

from worker.plan import Key, Match, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping.companies import company, person_name
from worker.sdk.mapping.contacts import address, email, org_number, phone
from worker.sdk.mapping.text import CONTACT_NAME, TITLE, WEBPAGE, clip
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a sender says of somebody, in the sender's spelling. `id`: what the sender knows them by."""

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


def company_of_person(person: Person, *, owner: str, fallback: str) -> Upsert:
    """The company that the person names, else the fallback, of which nothing else is known."""
    if not person.company:
        return company(fallback, owner=owner)
    place = address("Visit", street=person.street, zipcode=person.zipcode, city=person.city, country=person.country)
    return company(
        person.company,
        owner=owner,
        org_number=org_number(person.org_number),
        if_empty={"webpage": clip(person.website or "", WEBPAGE), "addresses": (place,) if place else ()},
    )


def contacts_of_person(
    person: Person, event: Event, client: Key, *, phone_region: str = "", authoritative: bool = False
) -> tuple[Upsert, ...]:
    """One contact, or none for somebody without name and e-mail address.

    `phone_region`: the country of numbers without a country code; without it they stay as they are written.
    `authoritative`: the sender's word replaces what Upsales holds; else it only fills gaps.
    """
    mail = email(person.email)
    first, last = person_name(person.first_name, person.last_name, person.name)
    if not (mail or first or last):
        return ()
    known = filled(
        {
            "firstName": clip(first, CONTACT_NAME),
            "lastName": clip(last, CONTACT_NAME),
            "email": mail,
            "phone": phone(person.phone, phone_region),
            "cellPhone": phone(person.cell_phone, phone_region),
            "title": clip(person.title or "", TITLE),
        }
    )
    key = f"person:{person.id}" if person.id else f"email:{mail}" if mail else event.subject
    contact = Upsert(
        key=Key("contact", key),
        match=(Match("email", mail, shared=True),) if mail else (),
        set=known if authoritative else {},
        on_create={"client": client},
        if_empty={} if authoritative else known,
    )
    return (contact,)
