"""Guesses about senders are right, and say why."""

from __future__ import annotations

import pytest

from tests.unit.devkit.scaffold.senders import captures
from worker.devkit.scaffold.infer import guessed

ENVELOPES = [
    ("wrapped", "senders.STRIPE", "id", "type"),
    ("in headers", "senders.GITHUB", "header X-GitHub-Delivery", "header X-GitHub-Event"),
    ("batch", 'StaticHeader("Authorization", prefix="Bearer ")', "sg_event_id", "event"),
    ("form", "UrlToken()", "CallSid, Timestamp", "nowhere"),
    ("bare", "UrlToken()", "hej", "nowhere"),
    ("swedish", 'HmacSha256("X-Signature", encoding="base64")', "typ, kund.kundnr, tid", "typ"),
    ("standard", "senders.STANDARD_WEBHOOKS", "header webhook-id", "type"),
    ("one id", "UrlToken()", "id, updated_at", "nowhere"),
    ("odd names", 'StaticHeader("X-Api-Key")', "id", "nowhere"),
]


@pytest.mark.parametrize(("sender", "signature", "event_id", "event_type"), ENVELOPES)
def test_envelope_is_found(sender: str, signature: str, event_id: str, event_type: str) -> None:
    found = guessed("acme", captures(sender))

    assert found.signature.code == signature
    assert (found.event_id.shown, found.event_type.shown) == (event_id, event_type)
    assert all(guess.why for guess in (found.signature, found.event_id, found.event_type))


TYPES = [
    ("wrapped", "invoice.paid", 'joined(":", constant("invoice"), field("data.object.id"))', "created"),
    ("wrapped", "customer.created", 'joined(":", constant("customer"), field("data.object.id"))', "created"),
    ("in headers", "issues", 'joined(":", constant("issue"), field("issue.id"))', "issue.created_at"),
    ("swedish", "kund.ändrad", 'joined(":", constant("kund"), field("kund.kundnr"))', "tid"),
    ("standard", "lead.created", 'joined(":", constant("lead"), field("data.id"))', "timestamp"),
    ("one id", "message", 'joined(":", constant("message"), field("id"))', "updated_at"),
    ("bare", "message", 'digest_of(field("hej"))', "nowhere"),
]


@pytest.mark.parametrize(("sender", "event_type", "subject", "time"), TYPES)
def test_subject_and_time_of_a_type_are_found(sender: str, event_type: str, subject: str, time: str) -> None:
    found = {each.event_type: each for each in guessed("acme", captures(sender)).types}[event_type]

    assert found.subject.code == subject
    assert found.time.shown == time


MEANT = [
    ("wrapped", "invoice.paid", {"email": "data.object.customer_email", "name": "data.object.customer_name", "amount": "data.object.amount_paid", "currency": "data.object.currency"}, False),
    ("wrapped", "customer.created", {"id": "data.object.id", "email": "data.object.email", "name": "data.object.name"}, True),
    ("in headers", "issues", {"about": "issue.title"}, False),
    ("standard", "lead.created", {"email": "data.lead.email", "name": "data.lead.name", "company": "data.lead.company.name"}, False),
    ("swedish", "kund.ändrad", {"email": "kund.epost", "name": "kund.namn", "company": "kund.företag"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "event_type", "said", "about_person"), MEANT)
def test_people_and_things_are_found(
    sender: str,
    event_type: str,
    said: dict[str, str],
    about_person: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Those who work for the sender are left out."""
    found = {each.event_type: each for each in guessed("acme", captures(sender)).types}[event_type]

    assert {what: guess.shown for what, guess in found.meanings.items()} == said
    assert found.about_person is about_person


def test_an_object_with_an_organisation_number_is_a_company() -> None:
    (capture,) = captures("bare")
    keeper = {"name": "Åkeri & Söner AB", "org_number": "599999-0012", "contact": {"name": "Åsa", "email": "a@b.se"}}
    capture.body.update(event="ticket.issued", keeper=keeper)

    (found,) = guessed("parking", [capture]).types

    assert {name: found.meanings[name].shown for name in ("company", "org_number", "name")} == {
        "company": "keeper.name",
        "org_number": "keeper.org_number",
        "name": "keeper.contact.name",
    }


def test_what_is_null_in_one_type_is_told_by_another() -> None:
    first, second = captures("wrapped")
    first.body["data"]["object"]["customer_email"] = None
    second.body["data"]["object"]["customer_email"] = "bo@ek.example"

    found = {each.event_type: each for each in guessed("acme", [first, second]).types}

    assert found["invoice.paid"].meanings["email"].shown == "data.object.customer_email"


HINT = "looks like the time of sending: is there one of what happened?"
NOON = "2026-03-02T12:00:00Z"
TIMES = [
    ({"sent_at": NOON}, "sent_at", True),
    ({"delivered": NOON, "created_at": NOON}, "created_at", False),
    ({"timestamp": NOON, "order": {"happened_at": NOON}}, "order.happened_at", False),
    ({"timestamp": NOON, "order": {"created_at": NOON}}, "timestamp", True),
    ({"timestamp": NOON, "date": "2026-03-02"}, "timestamp", True),
]


@pytest.mark.parametrize(("told", "time", "doubtful"), TIMES)
def test_time_of_sending_is_the_last_choice(told: dict[str, object], time: str, doubtful: bool) -> None:  # noqa: FBT001 - a column of the table
    (capture,) = captures("bare")
    capture.body.update(id="å1", event="order.ny", **told)

    (found,) = guessed("acme", [capture]).types

    assert found.time.shown == time
    assert (HINT in found.time.why) is doubtful


def test_mobile_numbers_are_no_switchboards() -> None:
    (capture,) = captures("bare")
    capture.body.update(customer={"name": "Åsa Öberg", "mobile": "070-174 06 05", "phone": "08-123 456 00"})

    (found,) = guessed("acme", [capture]).types

    assert {what: found.meanings[what].shown for what in ("phone", "cell_phone")} == {
        "phone": "customer.phone",
        "cell_phone": "customer.mobile",
    }
