"""A person becomes a contact where they belong, and what happened an activity to follow up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from worker.plan import ActivityType, Key, Match, Placed, Standing, Sure, User
from worker.sdk.connector import Event
from worker.sdk.mapping import Person, contacts_of_person, follow_up, home_of_person, taken_in

OWNER = "asa.oberg@example.com"
HOME = taken_in("Övriga", owner=OWNER)
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


def test_known_contact_counts_more_than_the_company_that_is_written() -> None:
    person = Person(email="asa@akeri.example", company="Åkeri AB", org_number="599999-0007", city="Luleå", country="SE")

    (found,) = home_of_person(person, owner=OWNER, fallback="Övriga").upserts

    assert [match.field for match in found.match] == ["orgNo", "contact", "webpage", "name"]
    assert found.on_create == {"name": "Åkeri AB", "users": (User(OWNER),)}
    assert found.if_empty == {"orgNo": "599999-0007"}
    assert found.surest == {"webpage": Sure("akeri.example", Standing.OWN, fills=True)}
    assert found.if_ours == {"addresses": ({"type": "Visit", "city": "Luleå", "country": "Sweden"},)}
    assert found.ambiguous == "as_upsales"


def test_nothing_is_known_of_the_fallback_company_but_its_name() -> None:
    person = Person(name="Åsa Öberg", org_number="599999-0007", website="akeri.example", city="Luleå")

    home = home_of_person(person, owner=OWNER, fallback="Övriga")

    (found,) = home.upserts
    assert found.on_create == {"name": "Övriga", "users": (User(OWNER),)}
    assert (found.if_empty, found.if_ours) == ({}, {})
    assert home.place == (Placed(found.key, Standing.FALLBACK),)


def test_fallback_company_stands_in_for_one_that_nobody_knows() -> None:
    home = home_of_person(Person(email="asa@gmail.com"), owner=OWNER, fallback="Övriga")

    known, stand_in = home.upserts
    assert (known.create, known.match) == (False, (Match("contact", "asa@gmail.com", shared=True),))
    assert stand_in.instead_of == known.key
    assert home.place == (Placed(known.key, Standing.OWN), Placed(stand_in.key, Standing.FALLBACK))


def test_contact_fills_gaps() -> None:
    (found,) = contacts_of_person(DRIVER, "visit:4711", HOME, phone_region="SE")

    assert found.key == Key("contact", "person:C-17")
    assert found.match == (Match("email", "asa@akeri.example", shared=True),)
    assert (found.set, found.placed) == ({}, {"client": HOME.place})
    assert found.if_empty == {
        "firstName": "Åsa",
        "lastName": "Öberg",
        "email": "asa@akeri.example",
        "phone": "+46701740605",
    }


def test_word_of_the_authority_replaces_what_is_there() -> None:
    (found,) = contacts_of_person(DRIVER, "visit:4711", HOME, authoritative=True)

    assert (found.set["firstName"], found.if_empty) == ("Åsa", {})


def test_number_stays_as_it_is_written_without_a_region() -> None:
    (found,) = contacts_of_person(DRIVER, "visit:4711", HOME)

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
    (found,) = contacts_of_person(person, "visit:4711", HOME)

    assert found.key == Key("contact", key)


@pytest.mark.parametrize("person", [Person(), Person(id="C-17", phone="070-174 06 05"), Person(email="ingen adress")])
def test_nobody_is_no_contact(person: Person) -> None:
    assert contacts_of_person(person, "visit:4711", HOME) == ()


def test_activity_tells_what_happened_to_whom() -> None:
    people = contacts_of_person(DRIVER, "visit:4711", HOME)

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
    assert found.placed == {"client": HOME.place}
    assert found.on_create == {
        "description": "Visit booked: Södra hallen: 450.5 SEK",
        "notes": "visit place: Södra hallen",
        "users": (User(OWNER),),
        "activityType": ActivityType("activity", "Besök"),
        "contacts": (Key("contact", "person:C-17"),),
        "date": datetime(2026, 3, 2, tzinfo=UTC).date(),
    }


def test_activity_of_nobody_says_what_it_can() -> None:
    found = follow_up(event(), "Hall closed", HOME, owner=OWNER, amount=Decimal())

    assert found.on_create.keys() == {"description", "users", "activityType", "date"}
    assert found.on_create["description"] == "Hall closed"


def test_phone_is_of_the_country_where_the_person_is() -> None:
    dane = Person(email="mads@havn.example", phone="20 12 34 56", cell_phone="070-174 06 05", country="Danmark")

    (found,) = contacts_of_person(dane, "response:1", HOME, phone_region="SE")

    assert (found.if_empty["phone"], found.if_empty["cellPhone"]) == ("+4520123456", "+46701740605")


@pytest.mark.parametrize("mail", ["asa@akeri.example", "bo@akeri.example", None])
def test_company_with_an_id_of_the_senders_is_one_whoever_is_named(mail: str | None) -> None:
    person = Person(email=mail, name="Åsa Öberg", company="Åkeri AB", company_id="9", org_number="599999-0012")

    (found,) = home_of_person(person, owner=OWNER, fallback="Övriga").upserts

    assert found.key == Key("account", "customer:9")
    assert Match("orgNo", "5999990012", shared=True) in found.match
    assert found.ambiguous == "as_upsales"


def test_id_of_a_company_without_a_name_makes_none() -> None:
    person = Person(name="Åsa Öberg", company="-", company_id="9")

    assert home_of_person(person, owner=OWNER, fallback="Övriga") == taken_in("Övriga", owner=OWNER)
