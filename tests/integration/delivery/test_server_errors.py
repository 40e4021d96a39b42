"""Upsales's ServerError: mostly a moment's trouble, on some records for ever. Only the second kind ends an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.settings import Connection
from worker.store import Store
from worker.store.db.tables import connections as table
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.lanes.lanes import Claim
from worker.sync.context import Access

TRIES = 5


def state(room: Room) -> State:
    with room.store.read() as conn:
        return connections.get(conn, "butik")


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


def product(room: Room, name: str, number: int) -> str:
    told = {"id": "A-1", "name": name, "articleNo": "SKRUV"}
    return room.take("butik", {"id": f"skruv {number}", "type": "product.upsert", "data": told}, minute=number).id


def unchanged(room: Room, number: int) -> None:
    assert room.run(product(room, "Skruv", number)).status == "delivered"


def refused_before_any_call(room: Room, number: int) -> None:
    """It links to what was never told."""
    told = {"id": f"A-{number}", "description": "Möte", "client": {"id": "K-okänd"}}
    found = room.run(room.take("butik", {"id": f"möte {number}", "type": "activity.upsert", "data": told}).id)
    status, reason = room.fate(found.id)
    assert status == "dead"
    assert (reason or "").startswith("links to account 'K-okänd', which is not in Upsales")


@pytest.fixture(params=[unchanged, refused_before_any_call])
def without_a_call(room: Room, request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Ends an event without asking Upsales anything."""
    assert room.run(product(room, "Skruv", 100)).status == "delivered"
    refused_before_any_call(room, 100)  # the types of activities are known from here on

    def end_one(number: int) -> None:
        before = len(room.sandbox.calls())
        request.param(room, 101 + number)
        assert len(room.sandbox.calls()) == before

    return end_one


def test_what_makes_no_call_is_no_success(room: Room, without_a_call: Callable[[int], None]) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="error_before_commit", resource="accounts", method="GET")
    for number in range(3 * TRIES):
        assert room.run(event).status == "pending"
        without_a_call(number)
        room.come()
    room.sandbox.mend()
    assert room.run(event).status == "delivered"


def test_the_breaker_opens_whatever_ends_without_a_call(room: Room, without_a_call: Callable[[int], None]) -> None:
    room.sandbox.fault(kind="html_502")
    for number in range(3):
        assert room.run(room.company(number)).status == "pending"
        if number < 2:
            without_a_call(number)
    assert state(room).breaks == 1


def test_a_refusal_is_an_answer(room: Room) -> None:
    """Upsales works: it is the event that is wrong."""
    room.sandbox.fault(kind="html_502", count=1, method="GET", resource="accounts")
    assert room.run(room.company("1")).status == "pending"
    assert state(room).failing
    wrong = {"id": "O-1", "description": "Å", "user": "ingen@okänd.se", "stage": "25%", "client": {"id": "K-9"}}
    assert room.run(room.take("butik", {"id": "o", "type": "order.upsert", "data": wrong}).id).status == "dead"
    assert not state(room).failing


def test_one_answer_ends_the_pause(room: Room) -> None:
    """Calls were under way when the breaker opened, and one of them is answered."""
    room.sandbox.fault(kind="html_502", method="GET", resource="accounts")
    waiting = [room.company(number) for number in range(3)]
    for event in waiting:
        room.run(event)
    assert not state(room).runs
    late = room.event(product(room, "Skruv", 1))
    with room.store.write() as conn:
        conn.execute(update(table).where(table.c.name == "butik").values(broken_until=None, failing=["K-0"]))
    room.sandbox.mend()
    open_access = room.delivery.open_access

    def opens_meanwhile(connection: Connection, claim: Claim, behind: bool) -> Access:  # noqa: FBT001 - the port's signature
        access = open_access(connection, claim, behind)
        connections.breaker_failed(room.store, "butik", "K-1", lanes=1, seconds=3600)
        return access

    replace(room.delivery, open_access=opens_meanwhile).run("butik", late.subject)

    assert state(room).runs
    assert state(room).breaks == 0


def test_the_pause_grows_to_five_minutes(store: Store) -> None:
    told = []
    for _ in range(12):
        with store.write() as conn:
            conn.execute(update(table).values(broken_until=None))
        connections.breaker_failed(store, "butik", "Åkeri", lanes=1, seconds=30)
        with store.read() as conn:
            told.append(round(connections.get(conn, "butik").broken_for))
    assert told == [30, 60, 120, 240, *[300] * 8]


def test_a_person_has_upsales_asked_again_now(room: Room, desk: Desk) -> None:
    room.sandbox.fault(kind="html_502", method="GET", resource="accounts")
    waiting = [room.company(number) for number in range(3)]
    for event in waiting:
        room.run(event)
    assert not state(room).runs
    room.sandbox.mend()

    done = desk("connections", "resume", "butik")

    assert done.stdout == "butik was not paused; Upsales is asked again now.\n"
    assert {room.run(event).status for event in waiting} == {"delivered"}
