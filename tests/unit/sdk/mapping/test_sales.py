"""Lines that a sender tells become an order at a company, with its contact."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.plan import Key, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import Line, Person, contacts_of_person, sale, taken_in

OWNER = "asa.oberg@example.com"
HOME = taken_in("Övriga", owner=OWNER)
CONFIRMED = Event(
    id="e-1",
    type="rental.confirmed",
    subject="rental:1",
    time=datetime(2026, 3, 2, 8, tzinfo=UTC),
    payload={},
    connection="hyra",
)
LIFT = Line(None, "LYFT", Decimal(2), Decimal(3450))


def sold(title: str | None = None, *lines: Line, **more: Any) -> Upsert | None:
    return sale(CONFIRMED, title, HOME, lines, owner=OWNER, at_stage="100%", fallback_product="ÖVRIGT", **more)


def test_first_contact_is_the_orders_until_somebody_chose_another() -> None:
    people = contacts_of_person(Person(email="asa@akeri.example"), "rental:1", HOME)

    order = sold(None, LIFT, contacts=people)

    assert order is not None
    assert order.if_empty == {"contact": Key("contact", "email:asa@akeri.example")}


def test_order_is_called_by_its_title_else_by_its_number_else_by_its_subject() -> None:
    orders = [sold("Båtplats", LIFT, number="H-1"), sold(None, LIFT, number="H-1"), sold(None, LIFT)]

    assert [each and each.on_create["description"] for each in orders] == ["Båtplats", "H-1", "rental:1"]
    assert [each and each.number for each in orders] == ["H-1", "H-1", None]


def test_nothing_is_sold_without_lines() -> None:
    assert sold("Båtplats") is None
