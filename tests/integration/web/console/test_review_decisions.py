"""A person decides, by page, program or command, and what waited for it is tried again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from tests.integration.web.console.reviewing import (
    WHY,
    by_hand,
    confirmed,
    contact,
    decide,
    deeds,
    lost,
    send,
    stage,
    text,
    twins,
)
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.db.tables import events

__all__ = ["room", "running_sandbox", "sandbox", "stage", "twins"]


def test_who_decides_is_told_what_it_does_and_everything_that_waited_goes_on(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]
    page = operator.get(f"/review/{people[0]}/decision?decision=adopt-{twins[1]}")
    told = text(page)
    assert f"It links account K-1 of butik to account/{twins[1]}, which Upsales calls: Åkeri B AB, 599•••••46." in told
    assert re.search(r"It will create contact : \d fields \(", told)
    assert "It tries 2 events again." in told

    done = send(operator, people[0], confirmed(operator, people[0], f"adopt-{twins[1]}"))

    assert done.status_code == 303
    after = operator.get(done.headers["Location"])
    assert f"Done: review-adopt, account/{twins[1]}; tried again: 2. By anna" in text(after)
    assert "It waits for no decision." in text(after)
    assert faults(after.text) == []
    assert deeds(stage) == [("anna", "review-adopt", f"event/{people[0]}", WHY, f"account/{twins[1]}; tried again: 2")]
    assert {room.run(each).status for each in people} == {"delivered"}
    assert {record["client"]["id"] for record in room.sandbox.records("contacts")} == {twins[1]}


def test_programs_decide_the_same_and_say_what_they_saw(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    told = operator.ask("GET", f"/reviews/{event}/candidates", VIEWER)
    found = told.get_json()
    assert [(each["record"], each["there"], each["linked_to"]) for each in found["candidates"]] == [
        (twins[0], True, []),
        (twins[1], True, []),
    ]
    assert (found["asked"], found["spent"], found["can"]) == ("account K-1 of butik", 2, ["adopt", "drop"])

    body = {"decision": "adopt", "record": twins[0], "key": "account:K-1"}
    without = operator.ask("POST", f"/reviews/{event}/decision", OPERATOR, {**body, "why": WHY})
    done = decide(operator, event, body, told.headers["ETag"])

    assert without.status_code == 428
    assert (done.status_code, done.get_json()) == (200, {"tried_again": 1})
    assert room.run(event).status == "delivered"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"decision": "adopt"}, 422, "#/record"),
        ({"decision": "adopt", "record": 4711}, 422, "#/record"),
        ({"decision": "adopt", "record": True}, 422, "#/record"),
        ({"decision": "adopt", "record": 4711.0}, 422, "#/record"),
        ({"decision": "adopt", "record": 47.11}, 422, "#/record"),
        ({"decision": "merge"}, 422, "#/decision"),
        ({"decision": "drop", "record": 3}, 422, "#/record"),
        ({"decision": "drop", "why": " "}, 422, "#/why"),
        ({"decision": "drop", "reason": "nej"}, 422, "#/reason"),
        ({"decision": "adopt", "record": 3, "key": "account:K-99"}, 422, "#/key"),
        ({"decision": "create"}, 409, None),
    ],
)
def test_what_is_no_decision_is_refused(
    room: Room,
    stage: Stage,
    operator: Visitor,
    twins: Sequence[int],
    body: dict[str, Any],
    status: int,
    pointer: str | None,
) -> None:
    event = contact(room, "P-1")
    refused = decide(operator, event, body)
    found = refused.get_json()
    assert (refused.status_code, found.get("errors", [{}])[0].get("pointer")) == (status, pointer), found
    assert (room.event(event).status, deeds(stage)) == ("review", [])
    assert len(twins) == 2


def test_a_typed_id_is_looked_up_before_it_is_taken(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event, third = contact(room, "P-1"), by_hand(room, "Ö", "5512340000")
    missing = operator.get(f"/review/{event}/decision?decision=another&record=99999")
    assert (missing.status_code, faults(missing.text)) == (422, [])
    assert "Upsales has no account 99999" in text(missing)
    assert 'value="99999"' in missing.text
    for nonsense in ("", "ett", "-1", "0", "9" * 30):
        refused = operator.get(f"/review/{event}/decision?decision=another&record={nonsense}")
        assert (refused.status_code, faults(refused.text)) == (422, [])
    named = operator.get(f"/review/{event}/decision?decision=another&record={third}")
    assert "which Upsales calls: Åkeri Ö AB" in text(named)
    assert send(operator, event, confirmed(operator, event, "another", record=str(third))).status_code == 303
    room.run(event)
    assert [record["client"]["id"] for record in room.sandbox.records("contacts")] == [third]
    assert len(twins) == 2


def test_a_create_that_got_no_answer_is_made_again(room: Room, stage: Stage, operator: Visitor) -> None:
    event = lost(room)
    page = operator.get(f"/review/{event}")
    assert faults(page.text) == []
    assert "Its create was sent and got no answer." in text(page)
    fields = confirmed(operator, event, "create")
    done = send(operator, event, fields)
    assert done.status_code == 303
    assert deeds(stage) == [("anna", "review-create", f"event/{event}", WHY, "comment made again; tried again: 1")]
    assert room.run(event).status == "delivered"
    assert len(room.sandbox.records("comments")) == 1


def test_what_took_the_place_of_a_deleted_record_is_adopted(room: Room, stage: Stage, operator: Visitor) -> None:
    room.run(room.company("1"))
    (record,) = room.sandbox.records("accounts")
    room.sandbox.client.open(f"/api/v2/accounts/{record['id']}?token={KEYS['butik']}", method="DELETE")
    event = room.company("1", minute=1, notes="ny")
    assert room.run(event).status == "ignored"
    again = by_hand(room, "A")

    page = operator.get(f"/review/{event}")
    assert "A person deleted its record in Upsales." in text(page)
    assert 'value="drop"' not in page.text
    fields = confirmed(operator, event, "another", record=str(again))
    first, second = (send(operator, event, fields) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    with stage.store.read() as conn:
        ids = conn.execute(select(events.c.id).order_by(events.c.seq)).scalars().all()
    assert len(ids) == 3
    assert room.run(ids[-1]).status == "delivered"
    assert [(found["id"], found["notes"]) for found in room.sandbox.records("accounts")] == [(again, "ny")]
    assert len(deeds(stage)) == 1


def test_what_does_not_matter_ends_as_ignored(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event, other = contact(room, "P-1"), contact(room, "P-2")
    page = operator.get(f"/review/{event}/decision?decision=drop")
    assert "1 other event that wait for the same decision" in text(page)
    done = send(operator, event, confirmed(operator, event, "drop"))
    assert done.status_code == 303
    assert room.fate(event) == ("ignored", f"dropped by a person: {WHY}")
    assert room.event(other).status == "review"
    assert deeds(stage) == [("anna", "review-drop", f"event/{event}", WHY, "dropped")]
    assert len(twins) == 2


def test_commands_keep_who_and_why_too(room: Room, stage: Stage, twins: Sequence[int], tmp_path: Path) -> None:
    desk = Desk(room, tmp_path)
    first, second, third = (contact(room, each) for each in ("P-1", "P-2", "P-3"))
    desk("review", "drop", second, "--reason", "dubblett", "--by", "per")
    desk("review", "adopt", first, str(twins[0]), "--yes", "--by", "per", "--why", "kunden sade det")
    assert deeds(stage) == [
        ("per", "review-drop", f"event/{second}", "dubblett", "dropped"),
        ("per", "review-adopt", f"event/{first}", "kunden sade det", f"account/{twins[0]}; tried again: 2"),
    ]
    assert room.event(third).status == "pending"
