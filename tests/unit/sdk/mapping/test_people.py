"""A person becomes a contact of a company, and what happened an activity to follow up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from worker.plan import ActivityType, Key, Match, User
from worker.sdk.connector import Event
from worker.sdk.mapping import Person, company_of_person, contacts_of_person, follow_up

OWNER = "asa.oberg@example.com"
HOME = Key("account", "company:åkeri ab")
DRIVER = Person(id="C-17", email="Asa@Akeri.example", first_name="Åsa", last_name="Öberg", phone="070-174 06 05")


def event(**payload: Any) -> Event:
    return Event(
        id="evt-1",
        type="visit.booked",
        subject="visit:4711",
        time=datetime(2026, 3, 2, 8, tzinfo=UTC),
        payload=payload,
        connection="besök",
    )


def test_company_that_a_person_names_is_filled_where_it_is_empty() -> None:
    person = Person(company="Åkeri AB", org_number="556036-0793", website="akeri.example", city="Luleå", country="SE")

    found = company_of_person(person, owner=OWNER, fallback="Övriga")

    assert found.match == (Match("orgNo", "5560360793", shared=True),)
    assert found.on_create == {"name": "Åkeri AB", "orgNo": "5560360793", "users": (User(OWNER),)}
    assert found.if_empty == {
        "webpage": "akeri.example",
        "addresses": ({"type": "Visit", "city": "Luleå", "country": "Sweden"},),
    }


def test_nothing_else_is_known_of_the_fallback_company() -> None:
    person = Person(name="Åsa Öberg", org_number="556036-0793", website="akeri.example", city="Luleå")

    found = company_of_person(person, owner=OWNER, fallback="Övriga")

    assert found.on_create == {"name": "Övriga", "users": (User(OWNER),)}
    assert found.if_empty == {}


def test_contact_fills_gaps() -> None:
    (found,) = contacts_of_person(DRIVER, event(), HOME, phone_region="SE")

    assert found.key == Key("contact", "person:C-17")
    assert found.match == (Match("email", "asa@akeri.example", shared=True),)
    assert (found.set, found.on_create) == ({}, {"client": HOME})
    assert found.if_empty == {
        "firstName": "Åsa",
        "lastName": "Öberg",
        "email": "asa@akeri.example",
        "phone": "+46701740605",
    }


def test_word_of_the_authority_replaces_what_is_there() -> None:
    (found,) = contacts_of_person(DRIVER, event(), HOME, authoritative=True)

    assert (found.set["firstName"], found.if_empty) == ("Åsa", {})


def test_number_stays_as_it_is_written_without_a_region() -> None:
    (found,) = contacts_of_person(DRIVER, event(), HOME)

    assert found.if_empty["phone"] == "070-174 06 05"


@pytest.mark.parametrize(
    ("person", "key"),
    [
        (Person(id="C-17", name="Åsa"), "person:C-17"),
        (Person(email="Asa@Akeri.example"), "email:asa@akeri.example"),
        (Person(name="Åsa Öberg"), "visit:4711"),
    ],
)
def test_contact_is_known_by_the_best_there_is(person: Person, key: str) -> None:
    (found,) = contacts_of_person(person, event(), HOME)

    assert found.key == Key("contact", key)


@pytest.mark.parametrize("person", [Person(), Person(id="C-17", phone="070-174 06 05"), Person(email="ingen adress")])
def test_nobody_is_no_contact(person: Person) -> None:
    assert contacts_of_person(person, event(), HOME) == ()


def test_activity_tells_what_happened_to_whom() -> None:
    people = contacts_of_person(DRIVER, event(), HOME)

    found = follow_up(
        event(visit={"place": "Södra hallen"}),
        "Visit booked",
        HOME,
        people,
        owner=OWNER,
        activity_type="Besök",
        about="Södra hallen",
        amount=Decimal("450.50"),
        currency="SEK",
    )

    assert found.key == Key("activity", "visit.booked:visit:4711")
    assert found.on_create == {
        "description": "Visit booked: Södra hallen: 450.5 SEK",
        "notes": "visit place: Södra hallen",
        "users": (User(OWNER),),
        "activityType": ActivityType("activity", "Besök"),
        "client": HOME,
        "contacts": (Key("contact", "person:C-17"),),
        "date": datetime(2026, 3, 2, tzinfo=UTC).date(),
    }


def test_activity_of_nobody_says_what_it_can() -> None:
    found = follow_up(event(), "Hall closed", HOME, owner=OWNER, amount=Decimal())

    assert found.on_create.keys() == {"description", "users", "activityType", "client", "date"}
    assert found.on_create["description"] == "Hall closed"
