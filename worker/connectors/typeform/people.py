"""Maps the person who filled in the form, and their company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.connectors.typeform.settings import Settings
from worker.plan import Key, Match, Upsert, Value
from worker.sdk.mapping import (
    CONTACT_NAME,
    TITLE,
    WEBPAGE,
    Person,
    block,
    clip,
    company,
    company_domain,
    company_of_domain,
    email,
    filled,
    org_number,
    person_name,
    phone,
)


def account(person: Person, said: Mapping[str, str], settings: Settings) -> Upsert:
    """The company that was named, else the one whose mail domain it is, else the fallback."""
    website = person.website
    known: dict[str, Value] = {"webpage": website if website and len(website) <= WEBPAGE else None}
    domain = company_domain(email(person.email))
    if person.company:
        number = org_number(person.org_number)
        found = company(person.company, owner=settings.owner, org_number=number, if_empty=known)
    elif domain and len(domain) <= WEBPAGE:
        found = company_of_domain(domain, settings.owner)
    else:
        return company(settings.fallback_company, owner=settings.owner)
    return replace(found, set=custom("account", said))


def contact(person: Person, said: Mapping[str, str], home: Key, token: str, settings: Settings) -> Upsert | None:
    """What people say of themselves fills gaps, and never changes what a salesperson wrote."""
    address = email(person.email)
    first, last = person_name(person.first_name, person.last_name, person.name)
    if not (address or first or last):
        return None
    return Upsert(
        key=Key("contact", f"email:{address}" if address else f"response:{token}"),
        match=(Match("email", address, shared=True),) if address else (),
        set=custom("contact", said),
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


def custom(resource: str, said: Mapping[str, str]) -> dict[str, Value]:
    """The custom fields that the settings name."""
    prefix = f"{resource}."
    return {f"custom.{what[len(prefix) :]}": block(text, 255) for what, text in said.items() if what.startswith(prefix)}
