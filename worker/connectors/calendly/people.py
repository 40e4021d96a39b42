"""Maps the person who booked, and their company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.connectors.calendly.settings import Settings
from worker.plan import Key, Match, Upsert
from worker.sdk.mapping import (
    CONTACT_NAME,
    TITLE,
    WEBPAGE,
    Person,
    clip,
    company,
    company_domain,
    company_of_domain,
    email,
    filled,
    guessed,
    org_number,
    person_name,
    person_of,
    phone,
)


def person(
    invitee: Mapping[str, Any],
    answers: Sequence[tuple[str, str]],
    settings: Settings,
    location: Mapping[str, Any] | None = None,
) -> Person:
    """Who booked, as they say themselves. Name and e-mail address have boxes of their own; the page asks for the rest."""
    told: dict[str, str] = {}
    wanted = (settings.company_question or "").casefold()
    for question, answer in sorted(answers, key=lambda each: each[0].casefold() != wanted):
        what = "company" if wanted and question.casefold() == wanted else guessed(question, answer)
        if what:
            told.setdefault(what, answer)
    # Of a call that the host makes, the location is the number to call.
    called = location["location"] if location and location["type"] == "outbound_call" else None
    return replace(
        person_of(told),
        email=invitee["email"],
        first_name=invitee["first_name"],
        last_name=invitee["last_name"],
        name=invitee["name"],
        phone=invitee["text_reminder_number"] or called or told.get("phone"),
    )


def account(person: Person, settings: Settings) -> Upsert:
    """The company that was named, else the one whose mail domain it is, else the fallback."""
    if person.company:
        website = person.website if person.website and len(person.website) <= WEBPAGE else None
        number = org_number(person.org_number)
        return company(person.company, owner=settings.owner, org_number=number, if_empty={"webpage": website})
    domain = company_domain(email(person.email))
    if domain and len(domain) <= WEBPAGE:
        return company_of_domain(domain, settings.owner)
    return company(settings.fallback_company, owner=settings.owner)


def contact(person: Person, home: Key, subject: str, settings: Settings) -> Upsert | None:
    """What people say of themselves fills gaps, and never changes what a salesperson wrote."""
    address = email(person.email)
    first, last = person_name(person.first_name, person.last_name, person.name)
    if not (address or first or last):
        return None
    return Upsert(
        key=Key("contact", f"email:{address}" if address else subject),
        match=(Match("email", address, shared=True),) if address else (),
        on_create={"client": home},
        if_empty=filled(
            {
                "firstName": clip(first, CONTACT_NAME),
                "lastName": clip(last, CONTACT_NAME),
                "email": address,
                "phone": phone(person.phone, settings.phone_region),
                "title": clip(person.title or "", TITLE),
            }
        ),
    )
