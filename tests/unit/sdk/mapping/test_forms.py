"""A form that was filled in: consents keep their text, and what no field takes is named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.plan import Ignored, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import Answer
from worker.sdk.mapping.forms import Form, FormSettings, consent, form_plan, written

OWNER = "asa.oberg@example.com"
EVENT = Event(
    id="1",
    type="form_submitted",
    subject="submission:1",
    time=datetime(2026, 3, 2, 8, 15, tzinfo=UTC),
    payload={},
    connection="web-form",
)
MAIL = Answer("E-post", "asa@akeri.example")


def planned(*answers: Answer, details: frozenset[str] = frozenset(), **settings: Any) -> tuple[Upsert, ...]:
    form = Form(id="7", name="Kontakta oss", answers=answers, page="https://akeri.example/kontakt", details=details)
    plan = form_plan(form, EVENT, FormSettings(owner=OWNER, **settings))
    assert not isinstance(plan, Ignored)
    return plan


def notes(*answers: Answer, **settings: Any) -> str:
    return str(planned(*answers, **settings)[-1].on_create["notes"])


def left_out(*answers: Answer, **settings: Any) -> tuple[str, ...]:
    return planned(*answers, **settings)[-1].left_out


def test_the_page_stands_below_the_answers() -> None:
    assert notes(MAIL) == "E-post: asa@akeri.example\nPage: https://akeri.example/kontakt"


def test_a_consent_is_kept_with_the_text_that_was_agreed_to() -> None:
    assert consent(Answer("Samtycke", "1"), "Jag godkänner villkoren") == Answer(
        "Consent given", "Jag godkänner villkoren", "other", frozenset({"Samtycke"})
    )
    given = Answer("GDPR", "on", names=frozenset({"field_1"}))
    assert "Consent given: GDPR" in notes(MAIL, given, consents=("FIELD_1",))
    assert "Consent given: GDPR" in notes(MAIL, given, consents=(" gdpr ",))


@pytest.mark.parametrize("value", ["", "No", "0", "false"])
def test_a_consent_that_was_not_given_is_not_told(value: str) -> None:
    assert "Consent" not in notes(MAIL, Answer("GDPR", value), consents=("GDPR",))


def test_a_consent_that_is_required_counts_as_answered_if_it_was_given() -> None:
    form = Form(id="7", name="x", answers=(MAIL, Answer("GDPR", "No")))
    settings = FormSettings(owner=OWNER, consents=("GDPR",), required=("GDPR",))
    assert form_plan(form, EVENT, settings) == Ignored("spam: GDPR is missing")
    assert planned(MAIL, Answer("GDPR", "Yes"), consents=("GDPR",), required=("GDPR",))


def test_what_no_field_takes_is_named_once() -> None:
    asked = (Answer("  Antal\n anställda", "40"), Answer("Region", "Norr", "other"), Answer("Region", "Syd", "other"))
    assert left_out(MAIL, *asked) == ("No field takes Antal anställda, Region: see the notes",)


@pytest.mark.parametrize(
    "answer",
    [
        MAIL,
        Answer("Meddelande", "Rad ett\nrad två"),
        Answer("Meddelande", "x" * 101),
        Answer("utm_source", "google", "hidden"),
        Answer("Region", ""),
        Answer("Villkor", "on"),
        Answer("Budget", "10"),
        Answer("Datum", "2 mars"),
    ],
    ids=lambda each: f"{each.question}-{each.value[:3]}",
)
def test_a_message_a_consent_and_what_is_taken_are_not_named(answer: Answer) -> None:
    taken = {"budget": "account.BUDGET"}
    assert left_out(answer, fields=taken, consents=("villkor",), details=frozenset({"Datum"})) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "Yes"),
        (False, "No"),
        (12, "12"),
        (0.50, "0.5"),
        (["A", 2, None, ""], "A, 2"),
        ("Tak &amp; fasad\u200b", "Tak & fasad"),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_answers_are_written_as_people_read_them(value: Any, text: str) -> None:
    assert written(value) == text
