"""Tells of persons and companies as a form, a shop and a CRM do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from worker.plan import Key, Product, Row, Stage, Upsert, User, Value
from worker.sdk.mapping import Person, contacts_of_person, home_of_person
from worker.sdk.mapping.buyers import contact, home
from worker.sdk.mapping.companies import company, home_at
from worker.sdk.mapping.people import contact as contact_of
from worker.sdk.mapping.told import Buyer

OWNER = "säljare@öberg.se"
FALLBACK = "Övriga"


@dataclass(frozen=True)
class Shop:
    owner: str = OWNER
    fallback_company: str = FALLBACK
    consumers: Literal["own", "fallback"] = "own"


def response(number: str, person: Person, *, fallback: str = FALLBACK) -> tuple[Upsert, ...]:
    """Somebody fills in a form."""
    return _visit(Key("activity", f"svar:{number}"), person, fallback)


def booking(number: str, person: Person, *, fallback: str = FALLBACK) -> tuple[Upsert, ...]:
    """Somebody books a meeting."""
    return _visit(Key("appointment", f"möte:{number}"), person, fallback)


def _visit(key: Key, person: Person, fallback: str) -> tuple[Upsert, ...]:
    place = home_of_person(person, owner=OWNER, fallback=fallback)
    who = contacts_of_person(person, key.id, place)
    told: dict[str, Value] = {"description": "Hej", "contacts": tuple(each.key for each in who)}
    return (*place.upserts, *who, Upsert(key=key, on_create=told, placed={"client": place.place}))


def buyer(mail: str | None, name: str = "Åsa Öberg", number: str | None = None, **said: str) -> Buyer:
    first, _, last = name.partition(" ")
    id_ = f"kund:{number}" if number else f"email:{mail}" if mail else None
    return Buyer(
        id=id_,
        first=first,
        last=last,
        email=mail,
        phone=None,
        company=said.get("company"),
        org_number=said.get("org_number"),
        company_key=said.get("company_key"),
    )


def customer(who: Buyer, shop: Shop | None = None) -> tuple[Upsert, ...]:
    """A shop tells of a customer."""
    place = home(who, shop or Shop(), buys=False)
    person = contact(who, place, authoritative=True)
    return (*place.upserts, *([person] if person else []))


def sale(number: str, who: Buyer, shop: Shop | None = None) -> tuple[Upsert, ...]:
    """A shop tells of an order."""
    place = home(who, shop or Shop(), buys=True)
    person = contact(who, place, authoritative=False)
    row = Row("a", Product("A-1"), Decimal(1), Decimal(100))
    order = Upsert(
        key=Key("order", f"order:{number}"),
        set={"orderRow": (row,), "stage": Stage("Vunnen")},
        on_create={"user": User(OWNER)},
        if_empty={"contact": person.key} if person else {},
        placed={"client": place.place},
    )
    return (*place.upserts, *([person] if person else []), order)


def member(
    number: str, name: str, mail: str, *, org_number: str | None = None, website: str | None = None
) -> Sequence[Upsert]:
    """A CRM tells of a company of its own and of somebody there."""
    there = company(name, id=f"bolag:{number}", owner=OWNER, org_number=org_number, website=website)
    known = {"firstName": "Åsa", "email": mail}
    return (there, contact_of(f"person:{number}", dict(known), home_at(there), authoritative=True))
