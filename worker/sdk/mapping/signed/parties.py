"""Maps who signs: the company that the document is with, and its people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.plan import Upsert, User, folded
from worker.sdk.mapping.companies import Home
from worker.sdk.mapping.contacts import is_personal
from worker.sdk.mapping.people import Person, contacts_of_person, home_of_person
from worker.sdk.mapping.signed.document import Document
from worker.sdk.mapping.signed.settings import Signing


@dataclass(frozen=True, slots=True)
class Parties:
    """`home`: the company of the first who names one. `people`: their contacts, those of that company first."""

    home: Home
    people: Sequence[Upsert]
    upserts: Sequence[Upsert]


def owner_of(document: Document, settings: Signing) -> User:
    """Who sent it, if that is a user of Upsales."""
    return User(document.author or settings.owner, settings.owner if document.author else None)


def parties(document: Document, settings: Signing) -> Parties:
    people = [_without_private_number(each.person) for each in document.participants]
    first = next((each for each in people if each.company), next(iter(people), Person()))
    home = _home(first, settings)
    homes, here, elsewhere = [*home.upserts], list[Upsert](), list[Upsert]()
    for number, person in enumerate(people):
        own = home if _same(person, first) else _home(person, settings)
        homes += own.upserts
        found = contacts_of_person(person, f"{document.id}:{number}", own, phone_region=settings.phone_region)
        (here if own is home else elsewhere).extend(found)
    contacts = _once([*here, *elsewhere])
    return Parties(home, contacts, (*_once(homes), *contacts))


def _home(person: Person, settings: Signing) -> Home:
    return home_of_person(person, owner=settings.owner, fallback=settings.fallback_company)


def _same(person: Person, first: Person) -> bool:
    """Whether they sign for the same company: they name it, or none."""
    number = person.org_number and first.org_number
    return not person.company or (
        person.org_number == first.org_number if number else folded(person.company) == folded(first.company or "")
    )


def _without_private_number(person: Person) -> Person:
    """A number that begins with a day of birth is nobody's company, unless a company is named."""
    return replace(person, org_number=None) if is_personal(person.org_number) and not person.company else person


def _once(upserts: Sequence[Upsert]) -> list[Upsert]:
    return list({each.key: each for each in reversed(upserts)}.values())[::-1]
