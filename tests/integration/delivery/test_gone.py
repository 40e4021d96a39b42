"""What counts as deleted in Upsales comes back: by a later event, by a replay, by a person's word."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from worker.store.db.tables import events

ORG_NO = "5999990046"


def deleted(room: Room, **known: Any) -> str:
    """A company that was made and deleted, and the event that found that out."""
    assert room.run(room.company("1", **known)).status == "delivered"
    (record,) = room.sandbox.records("accounts")
    url = f"/api/v2/accounts/{record['id']}?token={quote(KEYS['butik'])}"
    assert room.sandbox.client.open(url, method="DELETE").status_code == 200
    event = room.company("1", minute=1, notes="ny", **known)
    assert room.run(event).status == "ignored"
    assert "deleted in Upsales by a person" in (room.event(event).reason or "")
    return event


def made_by_hand(room: Room, **data: str) -> int:
    row = {"name": "Åkeriet AB", **data}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


def newest(room: Room) -> str:
    with room.store.read() as conn:
        return str(conn.execute(select(events.c.id).order_by(events.c.seq.desc()).limit(1)).scalar_one())


def test_a_replay_finds_the_record_that_a_person_made_again(room: Room, desk: Desk) -> None:
    event = deleted(room, orgNo=ORG_NO)
    again = made_by_hand(room, orgNo=ORG_NO)
    assert desk("replay", event).exit_code == 0
    assert room.run(newest(room)).status == "delivered"
    assert [(found["id"], found["notes"]) for found in room.sandbox.records("accounts")] == [(again, "ny")]


def test_a_person_says_which_record_took_the_place_of_a_deleted_one(room: Room, desk: Desk) -> None:
    event = deleted(room)
    again = made_by_hand(room)
    done = desk("review", "adopt", event, str(again), "--yes")
    assert (done.exit_code, done.stdout) == (0, f"account K-1 is {again}; 1 will be tried again.\n")
    assert room.run(newest(room)).status == "delivered"
    assert [(found["id"], found["notes"]) for found in room.sandbox.records("accounts")] == [(again, "ny")]


def test_an_event_whose_record_is_there_waits_for_no_decision(room: Room, desk: Desk) -> None:
    event = room.run(room.company("1")).id
    done = desk("review", "adopt", event, "17", "--yes")
    assert done.exit_code == 2
    assert "waits for no decision" in done.stderr


def test_what_links_to_a_deleted_record_says_so(room: Room) -> None:
    deleted(room)
    body = {
        "id": "k1",
        "type": "contact.upsert",
        "data": {"id": "P-1", "email": "åsa@example.com", "client": {"id": "K-1"}},
    }
    event = room.run(room.take("butik", body).id)
    assert (event.status, event.reason) == ("dead", "the account 'K-1' that it links to was deleted in Upsales")
