"""Upsales's ServerError: mostly a moment's trouble, on some records for ever. Only the second kind ends an event."""

from __future__ import annotations

from tests.integration.delivery.room import Room

TRIES = 5


def another_succeeds(room: Room, number: int) -> None:
    """Of the same connection, and without the resource that has trouble."""
    product = {"id": f"A-{number}", "name": f"Skruv {number}", "articleNo": f"SKRUV-{number}"}
    event = room.take("butik", {"id": f"produkt {number}", "type": "product.upsert", "data": product})
    assert room.run(event.id).status == "delivered"


def test_a_server_error_after_failures_of_another_kind_is_the_first_one(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="html_502", resource="accounts")
    for number in range(2 * TRIES):
        room.run(event)
        another_succeeds(room, number)
        room.come()
    room.sandbox.mend()
    room.sandbox.fault(kind="error_before_commit", resource="accounts", count=1)

    assert room.run(event).status == "pending"
    room.come()
    assert room.run(event).status == "delivered"


def test_server_errors_in_a_row_while_others_succeed_end_an_event(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="error_before_commit", resource="accounts", method="GET")
    for number in range(TRIES - 1):
        assert room.run(event).status == "pending"
        another_succeeds(room, number)
        room.come()

    found = room.run(event)

    assert found.status == "dead"
    assert "ServerError" in (found.reason or "")
    assert "5 times in a row" in (found.reason or "")


def test_server_errors_while_nothing_succeeds_end_nothing(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="error_before_commit", resource="accounts", method="GET")
    for _ in range(3 * TRIES):
        assert room.run(event).status == "pending"
        room.come()
    room.sandbox.mend()
    assert room.run(event).status == "delivered"


def test_a_lost_create_that_cant_be_looked_for_is_never_given_up(room: Room) -> None:
    """A dead letter would leave the record that it may have made to nobody, and its natural key reserved."""
    event = room.company("1")
    room.sandbox.fault(kind="drop_after_commit", resource="accounts", method="POST", count=1)
    room.run(event)
    room.sandbox.fault(kind="error_before_commit", resource="accounts", method="GET")
    for number in range(3 * TRIES):
        room.come()
        assert room.run(event).status == "pending"
        another_succeeds(room, number)
    room.sandbox.mend()
    room.come()
    assert room.run(event).status == "delivered"
    assert len(room.sandbox.records("accounts")) == 1
