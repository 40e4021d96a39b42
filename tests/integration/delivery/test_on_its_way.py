"""Events that need what another event is about to make: they wait for it, or are kept until it is made."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from redis import Redis
from sqlalchemy import select, update

from tests.integration.delivery.room import Room, Sandbox
from tests.integration.delivery.serving import serving
from web.inbound import arrival
from worker.connectors.hubspot import connector as hubspot
from worker.runtime import Runtime
from worker.sdk.request import Request
from worker.settings import Connection
from worker.store.db.tables import events
from worker.store.events import kept
from worker.store.events.intake import accept

SLOW = 0.15
COMPANY = {"resource": "account", "key": "K-9", "data": {"name": "Åkeri"}}
CHANGE = {"resource": "account", "key": "K-9", "change": {"phone": "0701234567"}}


def together(runtime: Runtime, connection: str, subjects: Sequence[str]) -> None:
    """Each lane in a thread of its own, as workers that were rung for them."""
    threads = [threading.Thread(target=runtime.delivery.run, args=(connection, subject)) for subject in subjects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ordered(room: Room, number: int, **more: object) -> str:
    """An order of company K-`number`."""
    user, stage = room.sandbox.records("users")[0]["email"], room.sandbox.records("orderstages")[0]["name"]
    data = {"id": f"O-{number}", "description": "Skruv", "user": user, "stage": stage, "client": {"id": f"K-{number}"}}
    rows = [{"id": "r", "articleNo": "S-1", "quantity": 1, "price": 10}]
    body = {"id": f"o{number}", "type": "order.upsert", "data": {**data, "rows": rows, **more}}
    return room.take("butik", body).id


def screw(room: Room) -> str:
    body = {"id": "p", "type": "product.upsert", "data": {"id": "A", "name": "Skruv", "articleNo": "S-1"}}
    return room.take("butik", body).id


def status(room: Room, event: str) -> tuple[str, str | None]:
    found = room.event(event)
    return found.status, found.reason


def test_an_order_waits_while_its_company_is_made(room: Room) -> None:
    room.run(screw(room))
    room.run(room.company(0, orgNo="5999998890"))
    assert room.run(ordered(room, 0)).status == "delivered"
    room.sandbox.fault(kind="delay_before_commit", seconds=SLOW)

    for number in range(1, 4):
        company, order = room.company(number, orgNo=f"599999889{number}"), ordered(room, number)
        together(room.runtime, "butik", [room.event(event).subject for event in (order, company)])
        assert room.event(company).status == "delivered"
        assert room.event(order).status in ("pending", "delivered"), room.event(order).reason
        room.come()
        assert room.run(order).status == "delivered"
    room.sandbox.mend()
    assert all(order["client"]["id"] for order in room.sandbox.records("orders"))


def test_an_order_that_came_first_is_delivered_once_its_company_is_made(room: Room) -> None:
    room.run(screw(room))
    order = ordered(room, 1)
    found = room.run(order)
    assert (found.status, found.attempts) == ("dead", 0)
    assert "account 'K-1'" in str(found.reason)
    assert "applied if it is made within 60 min" in str(found.reason)

    room.run(room.company(1, orgNo="5999998891"))

    assert status(room, order) == ("pending", None)
    assert room.run(order).status == "delivered"


def test_an_order_whose_company_waits_costs_no_attempt(room: Room) -> None:
    room.run(screw(room))
    room.company(1, orgNo="5999998891")
    found = room.run(ordered(room, 1))
    assert (found.status, found.attempts) == ("pending", 0)
    assert found.reason == "the account 'K-1' is made by an event that waits"


def test_a_change_that_came_before_its_record_is_applied_once_that_is_made(room: Room) -> None:
    early = room.told("ändring", CHANGE)
    found = room.run(early)
    assert found.status == "ignored"
    assert found.reason == "not in Upsales: account 'K-9'; applied if it is made within 60 min"

    room.run(room.told("kund", COMPANY))

    assert room.run(early).status == "delivered"
    (company,) = room.sandbox.records("accounts")
    assert (company["name"], company["phone"]) == ("Åkeri", "0701234567")


def test_what_a_worker_that_died_did_not_apply_is_applied_later(room: Room) -> None:
    """It died after its record was linked, and before it looked for what was kept."""
    early = room.told("ändring", CHANGE)
    room.run(early)
    assert kept.apply_all(room.store) == 0
    with room.store.read() as conn:
        as_it_was = select(events.c.status, events.c.reason, events.c.waits_for, events.c.waits_until)
        before = conn.execute(as_it_was.where(events.c.id == early)).one()
    room.run(room.told("kund", COMPANY))
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == early).values(**before._asdict()))

    assert kept.apply_all(room.store) == 1
    assert room.run(early).status == "delivered"


def test_what_was_kept_for_long_enough_is_left(room: Room) -> None:
    room.delivery = replace(
        room.delivery, settings=replace(room.settings, delivery=replace(room.settings.delivery, keep_early=0.0))
    )
    early = room.told("ändring", CHANGE)
    assert room.run(early).reason == "not in Upsales: account 'K-9'"
    room.run(room.told("kund", COMPANY))
    assert room.event(early).status == "ignored"


def batch(number: int) -> list[dict[str, object]]:
    """HubSpot tells of a new company, its contact, and that they belong together."""
    base: dict[str, object] = {
        "portalId": 1,
        "appId": 2,
        "attemptNumber": 0,
        "changeSource": "CRM_UI",
        "sourceId": "userId:1",
    }
    base = {**base, "subscriptionId": 7, "occurredAt": 1772439300000 + number * 1000}
    company = {"subscriptionType": "company.propertyChange", "objectId": 500 + number}
    contact = {"subscriptionType": "contact.propertyChange", "objectId": 900 + number}
    belongs: dict[str, object] = {
        "subscriptionType": "contact.associationChange",
        "associationType": "CONTACT_TO_COMPANY",
    }
    belongs = {**belongs, "fromObjectId": 900 + number, "toObjectId": 500 + number}
    return [
        {**base, **company, "eventId": 10 * number + 1, "propertyName": "name", "propertyValue": f"Åkeri {number} AB"},
        {**base, **contact, "eventId": 10 * number + 2, "propertyName": "email", "propertyValue": f"å{number}@b.se"},
        {**base, **belongs, "eventId": 10 * number + 3, "associationRemoved": False, "isPrimaryAssociation": True},
    ]


@pytest.fixture
def hub(room: Room) -> Iterator[Runtime]:
    owner = room.sandbox.records("users")[0]["email"]
    settings = hubspot.settings(owner=owner, product="X", stage_open="25%")
    connection = Connection(name="egen", connector=hubspot, settings=settings, writes=hubspot.writes)
    runtime = Runtime(replace(room.settings, connections={"egen": connection}), room.environ)
    yield runtime
    runtime.close()


def test_a_contact_that_is_associated_in_the_same_request_ends_at_its_company(room: Room, hub: Runtime) -> None:
    def taken(number: int) -> list[str]:
        request = Request("POST", "https://x/webhooks/egen", (), json.dumps(batch(number)).encode())
        came = arrival(request, hub.settings.connections["egen"], (), lambda _: "*")
        with hub.store.write() as conn:
            (receipt,) = accept(conn, [came])
        return [event.id for event in receipt.events]

    for event in taken(0):
        hub.delivery.run("egen", room.event(event).subject)
    room.sandbox.fault(kind="delay_before_commit", seconds=SLOW)
    for number in range(1, 4):
        found = taken(number)
        subjects = list(dict.fromkeys(room.event(event).subject for event in found))
        for _ in range(4):
            together(hub, "egen", subjects)
            room.come()
        assert {room.event(event).status for event in found} <= {"delivered", "superseded"}
        contact = next(each for each in room.sandbox.records("contacts") if each["email"] == f"å{number}@b.se")
        companies = {each["id"]: each["name"] for each in room.sandbox.records("accounts")}
        assert companies[contact["client"]["id"]] == f"Åkeri {number} AB"
    room.sandbox.mend()


def test_an_event_does_not_wait_for_what_is_behind_it_in_its_own_lane(room: Room) -> None:
    """The one behind comes after it, so that both would wait until trying ends."""
    room.delivery = replace(
        room.delivery, settings=replace(room.settings, delivery=replace(room.settings.delivery, batch=1))
    )
    early = room.told("kund", CHANGE)
    company = room.told("kund", COMPANY, minute=1)

    room.run(early)
    room.run(early)

    assert [room.event(event).status for event in (early, company)] == ["delivered", "delivered"]
    (made,) = room.sandbox.records("accounts")
    assert (made["name"], made["phone"]) == ("Åkeri", "0701234567")


def test_what_an_event_makes_is_told_by_the_body_that_came_last(room: Room) -> None:
    """Its sender sent it again, and mended, after it was dead."""
    maker = room.told("kund", {"resource": "account", "key": "K-8", "data": {"name": "Åkeri"}})
    early = room.told("ändring", CHANGE)
    assert room.run(early).status == "ignored"
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == maker).values(status="dead"))
    room.told("kund", COMPANY)

    later = room.told("ändring", CHANGE, minute=1)

    assert room.run(later).status == "pending"


def test_a_neighbour_whose_plan_can_not_be_read_is_not_the_fault_of_who_looks_at_it(room: Room) -> None:
    """A mapping of somebody else's answers a plan that breaks a type."""
    room.told("artikel", {"article": None})
    room.told("kund", COMPANY)
    assert room.run(room.told("ändring", CHANGE)).status == "pending"


@pytest.fixture
def lagging() -> Iterator[Sandbox]:
    """Upsales whose search shows nothing for a minute."""
    with serving(search_lag=60.0) as sandbox:
        yield sandbox


def test_an_order_of_a_product_that_was_just_made(
    database_url: str, redis: Redis, valkey_url: str, lagging: Sandbox
) -> None:
    room = Room(database_url, valkey_url, lagging)
    for number in (1, 2):
        room.run(room.company(number))
    # Its absence is remembered, and search shows nothing for a minute.
    assert "article number 'S-1'" in str(room.run(ordered(room, 1)).reason)
    room.run(screw(room))
    found = room.run(ordered(room, 2))
    assert (found.status, found.reason) == ("delivered", None)
    room.close()
