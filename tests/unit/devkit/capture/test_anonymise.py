"""Invented people stand in for real ones, the same one everywhere."""

from __future__ import annotations

import json

from tests.unit.devkit.scaffold.senders import NOW
from worker.devkit.capture.anonymise import masked, masked_settings
from worker.devkit.capture.capture import Capture
from worker.devkit.capture.fake_people import StandIns

BODY = {
    "id": 4711,
    "customer": {
        "first_name": "Ingegerd",
        "last_name": "Svärdström",
        "email": "Ingegerd@Svardstrom.SE",
        "phone": "070-123 45 67",
        "ssn": "811228-9874",
        "born": None,
        "company": "Svärdströms Åkeri AB",
        "address": {"street": "Kungsgatan 12", "zip": "11122", "city": "Sundbyberg", "country": "SE"},
    },
    "contact": {"name": "Ingegerd Svärdström", "email": "ingegerd@svardstrom.se", "mobile": "+46701234567"},
    "product": {"name": "Sko"},
    "lat": 59.3,
    "ip": "81.2.69.142",
    "note": "Ring Ingegerd på +46 70 123 45 67 eller skriv till INGEGERD@svardstrom.se, svärdström hälsar.",
    "count": 3,
}
REAL = [
    "ingegerd",
    "svärdström",
    "svardstrom",
    "1234567",
    "123 45 67",
    "811228",
    "kungsgatan",
    "11122",
    "sundbyberg",
    "81.2.69.142",
    "59.3",
]


def disguised(body: object, people: StandIns | None = None) -> Capture:
    capture = Capture("ö", {"X-From": "ingegerd@svardstrom.se", "User-Agent": "Acme"}, body, NOW, title="Ingegerd")
    return masked(capture, people or StandIns())


def test_nothing_of_the_person_is_left() -> None:
    found = disguised(BODY)

    text = json.dumps([found.body, dict(found.headers), found.title], ensure_ascii=False).casefold()

    assert [real for real in REAL if real in text] == []


def test_what_is_no_person_stays() -> None:
    body = disguised(BODY).body

    assert (body["id"], body["count"], body["product"]) == (4711, 3, {"name": "Sko"})
    assert body["customer"]["address"]["country"] == "SE"
    assert body["customer"]["born"] is None
    assert isinstance(body["lat"], float)


def test_a_person_is_the_same_one_in_every_place_and_spelling() -> None:
    body = disguised(BODY).body

    assert body["customer"]["email"] == body["contact"]["email"]
    assert body["customer"]["phone"] == body["contact"]["mobile"]
    assert body["contact"]["name"] == f"{body['customer']['first_name']} {body['customer']['last_name']}"
    assert body["customer"]["first_name"] in body["note"]
    assert body["contact"]["email"] in body["note"]


def test_a_person_is_the_same_one_in_every_request() -> None:
    people = StandIns()
    first, second = disguised(BODY, people), disguised({"contact": BODY["contact"]}, people)

    assert first.body["contact"] == second.body["contact"]


def test_different_people_are_different() -> None:
    people = StandIns()
    names = {people.of("phone", f"+4670123{number:04}") for number in range(300)}
    mails = {people.of("email", f"person{number}@acme{number}.se") for number in range(300)}

    assert len(names) == len(mails) == 300


def test_masking_twice_changes_no_more() -> None:
    once = disguised(BODY)
    people = StandIns()
    assert masked(masked(once, people), people).body == masked(once, people).body


def test_private_mail_is_told_from_mail_at_work() -> None:
    people = StandIns()
    assert people.of("email", "åsa@gmail.com").endswith("@privat.example")
    assert people.of("email", "asa@akeri.se").endswith("@foretag2.example")


def test_settings_are_masked_with_the_same_people() -> None:
    people = StandIns()
    settings = masked_settings({"owner": "ingegerd@svardstrom.se", "stage": "Order"}, people)

    assert settings == {"owner": people.of("email", "ingegerd@svardstrom.se"), "stage": "Order"}
