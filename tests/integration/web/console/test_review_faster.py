"""Of two people who decide about one event the second is told what the first one did."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.room import Room
from tests.integration.web.console.reviewing import (
    confirmed,
    contact,
    decide,
    deeds,
    send,
    stage,
    tag,
    text,
    twins,
)
from tests.integration.web.console.stage import OPERATOR, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.plan import QualifiedKey

__all__ = ["room", "running_sandbox", "sandbox", "stage", "twins"]


def test_who_comes_second_sees_what_it_is_now(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    seen, fields = tag(operator, event), confirmed(operator, event, f"adopt-{twins[0]}")
    assert decide(operator, event, {"decision": "adopt", "record": twins[1]}, seen).status_code == 200

    late = send(operator, event, fields)
    program = decide(operator, event, {"decision": "drop"}, seen)

    assert (late.status_code, faults(late.text)) == (412, [])
    assert f"anna was faster (review-adopt: account/{twins[1]}; tried again: 1, " in text(late)
    assert "The event is waiting now." in text(late)
    found = program.get_json()
    assert (program.status_code, found["type"], found["current"]) == (
        412,
        "urn:upsales-relay:problem:changed-meanwhile",
        {"fate": "waiting"},
    )
    assert len(deeds(stage)) == 1
    room.run(event)
    assert [record["client"]["id"] for record in room.sandbox.records("contacts")] == [twins[1]]


def test_what_changed_since_it_was_seen_is_not_decided(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    fields = confirmed(operator, event, f"adopt-{twins[0]}")
    room.ask(event, "något annat är oklart", QualifiedKey("butik", "contact", "P-1"))
    late = send(operator, event, fields)
    assert late.status_code == 412
    assert "It is no longer as you saw it. The event is review now." in text(late)
    assert (room.event(event).status, deeds(stage)) == ("review", [])


def test_a_form_that_is_sent_twice_decides_once(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    fields = confirmed(operator, event, f"adopt-{twins[0]}")
    assert [send(operator, event, fields).status_code for _ in range(2)] == [303, 303]
    assert len(deeds(stage)) == 1


def test_of_two_decisions_at_once_one_is_taken(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    seen = tag(operator, event)
    # What each of them takes was read before: nothing but the database decides who comes first.
    operator.told(f"/reviews/{event}/candidates", OPERATOR)
    both = Barrier(2)

    def decided(record: int) -> int:
        visitor = stage.visitor()
        both.wait(30)
        return decide(visitor, event, {"decision": "adopt", "record": record}, seen).status_code

    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(decided, twins))

    assert sorted(answers) == [200, 412]
    assert [(act, outcome) for _, act, _, _, outcome in deeds(stage)] == [
        ("review-adopt", f"account/{twins[answers.index(200)]}; tried again: 1")
    ]
    room.run(event)
    assert [record["client"]["id"] for record in room.sandbox.records("contacts")] == [twins[answers.index(200)]]


def test_a_form_whose_record_is_gone_decides_about_no_other(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    fields = {**confirmed(operator, event, f"adopt-{twins[0]}"), "about": "17"}
    assert send(operator, event, fields).status_code == 404
    assert send(operator, event, {**fields, "tag": "another"}).status_code == 412
    assert (room.event(event).status, deeds(stage)) == ("review", [])
