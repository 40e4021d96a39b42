"""Names persons: one e-mail address is one contact, at their company."""

from __future__ import annotations

from dataclasses import dataclass

from worker.plan import Ambiguous, Key, Match, Upsert, Value
from worker.sdk.mapping.companies import Home, company, home_at, home_of
from worker.sdk.mapping.company_names import company_name
from worker.sdk.mapping.contacts import address, email, org_number, phone, region
from worker.sdk.mapping.text import CONTACT_NAME, TITLE, clip, person_name
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a sender says of somebody, in the sender's spelling. `id`, `company_id`: what the sender knows them and their company by."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    phone: str | None = None
    cell_phone: str | None = None
    title: str | None = None
    company: str | None = None
    company_id: str | None = None
    org_number: str | None = None
    website: str | None = None
    street: str | None = None
    zipcode: str | None = None
    city: str | None = None
    country: str | None = None


def home_of_person(person: Person, *, owner: str, fallback: str) -> Home:
    """Where somebody belongs who fills in a form or books a meeting: several companies that match are decided as Upsales does.

    A company that the sender has an id for stays one under another name, and whoever of its people is named.
    """
    place = address("Visit", street=person.street, zipcode=person.zipcode, city=person.city, country=person.country)
    mail, name = email(person.email), company_name(person.company)
    own = f"customer:{person.company_id}" if person.company_id and name else None
    if own and name and mail is None:
        number = org_number(person.org_number)
        named = company(
            name, id=own, owner=owner, org_number=number, website=person.website, ambiguous="as_upsales"
        )  # home_of would tell it by its name
        return home_at(named)
    return home_of(
        mail,
        id=own,
        owner=owner,
        fallback_company=fallback,
        name=person.company,
        org_number=org_number(person.org_number),
        website=person.website,
        by_domain=True,
        if_ours={"addresses": (place,) if place else ()},
        ambiguous="as_upsales",
    )


def contacts_of_person(
    person: Person, subject: str, home: Home, *, phone_region: str = "", authoritative: bool = False
) -> tuple[Upsert, ...]:
    """One contact, or none for somebody without name and e-mail address.

    `subject`: what is known by itself, as the response to a form: it stands for somebody without id and address.
    `phone_region`: the country of numbers without a country code, where the person's is not known; without either they stay as they
    are written.
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
            "phone": phone(person.phone, region(person.country), phone_region),
            "cellPhone": phone(person.cell_phone, region(person.country), phone_region),
            "title": clip(person.title or "", TITLE),
        }
    )
    key = f"person:{person.id}" if person.id else f"email:{mail}" if mail else subject
    return (contact(key, known, home, authoritative=authoritative, ambiguous="as_upsales"),)


def contact(
    key: str,
    known: dict[str, Value],
    home: Home | None,
    *,
    authoritative: bool = False,
    distinct: bool = False,
    ambiguous: Ambiguous = "review",
) -> Upsert:
    """A contact, known by their e-mail address. Where people placed them, they stay. Without a `home` none is made.

    `distinct`: two contacts of this sender are two, whatever their addresses.
    """
    mail = known.get("email")
    return Upsert(
        key=Key("contact", key),
        match=(Match("email", mail, shared=not distinct),) if isinstance(mail, str) else (),
        set=known if authoritative else {},
        if_empty={} if authoritative else known,
        placed={"client": home.place} if home else {},
        create=home is not None,
        ambiguous=ambiguous,
    )
