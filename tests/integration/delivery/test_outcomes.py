"""Events end as delivered, superseded, ignored, dead or in review, each with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.delivery.room import KEYS, Room
from worker.store.db.tables import events
from worker.store.events import replay
from worker.store.lanes.lanes import claim


def test_a_company_is_made_once_by_its_connections_own_key_and_every_call_is_on_record(room: Room) -> None:
    event = room.company("1", orgNo="599999-0046", notes="Åtta höns, Straße 7")

    assert (room.run(event).status, room.event(event).reason) == ("delivered", None)

    (made,) = room.sandbox.records("accounts")
    assert (made["name"], made["orgNo"], made["notes"]) == ("Åkeri 1 AB", "5999990046", "Åtta höns, Straße 7")
    assert {call["key"] for call in room.sandbox.calls()} == {"butik"}
    (post,) = (call for call in room.calls(event) if call.method == "POST")
    assert (post.resource, post.record_id, post.state, post.status) == ("account", made["id"], "done", 200)
    assert post.fingerprint == room.runtime.keys.fingerprint(KEYS["butik"])


def test_a_change_costs_one_call_and_the_same_again_none(room: Room) -> None:
    room.run(room.company("1", notes="först"))
    changed = room.run(room.company("1", minute=1, notes="sedan")).id
    same = room.run(room.company("1", minute=2, notes="sedan")).id

    assert (room.event(changed).status, room.event(same).status) == ("delivered", "delivered")
    assert [call.method for call in (*room.calls(changed), *room.calls(same))] == ["PUT"]
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["sedan"]


def test_what_is_older_than_what_stands_is_superseded(room: Room) -> None:
    room.run(room.company("1", minute=5, notes="nytt"))
    late = room.company("1", minute=1, notes="gammalt")

    room.run(late)

    assert room.fate(late) == ("superseded", "nothing of it was left to write")
    assert room.calls(late) == []
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["nytt"]


def test_events_of_one_thing_that_waited_together_cost_one_call(room: Room) -> None:
    waiting = [room.company("1", minute=minute, notes=f"läge {minute}") for minute in (2, 0, 1)]

    room.run(waiting[0])

    assert [room.event(event).status for event in waiting] == ["delivered", "superseded", "superseded"]
    assert [call["method"] for call in room.sandbox.calls(resource="accounts") if call["write"]] == ["POST"]
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["läge 2"]


DEAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("the payload does not fit", {"type": "account.upsert", "data": {"id": "K-1", "name": 7}}, "data.name"),
    ("the mapping raises", {"raise": "å"}, "told: the egen mapping raised ValueError in as_told"),
    ("it may not", {"resource": "contact", "data": {"name": "Åsa"}}, "this connection may not create contact records"),
    (
        "Upsales has no such user",
        {
            "type": "activity.create",
            "data": {"id": "A-1", "description": "Ring", "date": "2026-11-02", "users": ["ingen@example.com"]},
        },
        "no active user in Upsales has the e-mail address 'ingen@example.com'",
    ),
)


@pytest.mark.parametrize(("body", "reason"), [each[1:] for each in DEAD], ids=[each[0] for each in DEAD])
def test_what_can_never_succeed_is_dead_at_once_and_says_why(room: Room, body: dict[str, Any], reason: str) -> None:
    event = room.take("butik", {"id": "e", **body}).id if "type" in body else room.told("Ö", body)

    status, told = room.run(event).status, room.event(event).reason

    assert status == "dead"
    assert reason in (told or "")
    assert not [call for call in room.sandbox.calls() if call["write"]]


def test_a_mapping_may_want_nothing_by_a_rule_with_a_name(room: Room) -> None:
    event = room.told("Ö", {"ignore": "partial response"})
    room.run(event)
    assert room.fate(event) == ("ignored", "partial response")


def test_an_event_whose_request_is_gone_is_dead(room: Room) -> None:
    event = room.company("1")
    room.forget_requests_of(event)
    room.run(event)
    assert room.fate(event) == ("dead", "its request is no longer stored, or holds fewer events than it did")


def test_what_upsales_refuses_is_dead_in_its_own_words(room: Room) -> None:
    room.run(room.company("1"))
    (account,) = room.sandbox.records("accounts")
    order = {
        "id": "O-1", "description": "Åtta höns", "client": {"id": "K-1"}, "date": "2026-11-02", "stage": "Order",
        "rows": [{"id": "1", "articleNo": "ÖVRIGT", "quantity": 1, "price": 1}], "user": "sales@example.com",
    }  # fmt: skip
    room.sandbox.client.put(f"/sandbox/records/1/accounts/{account['id']}", json={"active": 0})
    event = room.take("butik", {"id": "e", "type": "order.upsert", "data": order}).id

    room.run(event)

    assert room.event(event).status == "dead"
    assert "Client 1 is inactive" in (room.event(event).reason or "")
    assert room.sandbox.records("orders") == []


def test_what_no_machine_can_decide_is_put_up_for_review(room: Room) -> None:
    for _ in range(2):
        row = {"name": "Åkeri 1 AB", "orgNo": "5999990046"}
        room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    event = room.company("1", orgNo="599999-0046")

    room.run(event)

    status, reason = room.fate(event)
    assert status == "review"
    assert (reason or "").startswith("2 records in Upsales match account 'K-1': ")
    assert len(room.sandbox.records("accounts")) == 2


def test_a_record_that_a_person_deleted_is_not_made_again(room: Room) -> None:
    room.run(room.company("1"))
    (account,) = room.sandbox.records("accounts")
    room.sandbox.client.delete(f"/sandbox/records/1/accounts/{account['id']}")
    event = room.company("1", minute=1, notes="igen")

    room.run(event)

    assert room.fate(event) == ("ignored", "its record was deleted in Upsales by a person")
    assert room.sandbox.records("accounts") == []


def test_a_bad_event_does_not_bury_its_neighbours(room: Room) -> None:
    """Together they are refused; one by one only the bad one is."""
    good = room.company("1", notes="före")
    bad = room.take(
        "butik",
        {
            "id": "e",
            "type": "account.upsert",
            "time": "2026-11-02T12:01:00Z",
            "data": {"id": "K-1", "custom": {"FINNS-INTE": "x"}},
        },
    ).id
    after = room.company("1", minute=2, notes="efter")

    room.run(good)

    assert [room.event(each).status for each in (good, bad, after)] == ["delivered", "dead", "delivered"]
    assert "FINNS-INTE" in (room.event(bad).reason or "")
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["efter"]


def test_an_event_that_kills_its_worker_five_times_is_dead_and_the_lane_goes_on(room: Room) -> None:
    poison, subject = room.company("1", notes="gift"), room.event(room.company("1", minute=1, notes="bot")).subject
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == poison).values(claims=4))
    claimed = claim(room.store, "butik", subject, "dies", 0.0)
    assert claimed is not None

    room.come()
    room.run(poison)

    assert room.fate(poison) == ("dead", "its worker stopped 5 times without an outcome")
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["bot"]


def test_claims_that_ended_in_an_outcome_are_no_deaths(room: Room) -> None:
    event = room.company("1")
    room.sandbox.fault(kind="outage", seconds=3600)
    for _ in range(6):
        room.run(event)
        room.come()
    room.sandbox.mend()
    assert room.run(event).status == "delivered"


def test_a_replay_is_an_event_of_its_own_and_tells_no_user_of_upsales(room: Room) -> None:
    order = {
        "id": "O-1", "description": "Åtta höns", "client": {"id": "K-1", "name": "Åkeri AB"}, "stage": "Order",
        "user": "sales@example.com", "rows": [{"id": "1", "articleNo": "HÖNS", "quantity": 8, "price": 120}],
    }  # fmt: skip
    first = room.take("butik", {"id": "e", "type": "order.upsert", "data": order}).id
    assert room.run(first).status == "dead"
    room.sandbox.control(
        "POST", "/seed", {"account": 1, "records": {"products": [{"name": "Höns", "articleNo": "HÖNS"}]}}
    )
    room.runtime.binding.clients.close()

    again = replay.replay(room.store, first)

    assert room.run(again).status == "delivered"
    assert room.event(first).status == "dead"
    (post,) = room.sandbox.calls(resource="orders", method="POST")
    assert post["body"]["notify"] is False
    assert {call.event for call in room.calls(again)} == {again}


def test_a_dead_event_that_is_sent_again_is_tried_again(room: Room) -> None:
    data = {"id": "A-1", "description": "Ring", "date": "2026-11-02", "users": ["ny@example.com"]}
    body = {"id": "e", "type": "activity.create", "data": data}
    event = room.take("butik", body).id
    assert room.run(event).status == "dead"
    room.sandbox.control(
        "POST", "/seed", {"account": 1, "records": {"users": [{"name": "Ny", "email": "ny@example.com"}]}}
    )
    room.runtime.binding.clients.close()

    sent_again = room.take("butik", body)

    assert (sent_again.id, sent_again.taken) == (event, "revived")
    assert room.run(event).status == "delivered"
    assert [record["description"] for record in room.sandbox.records("activities")] == ["Ring"]
