"""What waits for a decision is listed, and laid side by side for who may see it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import unescape

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.room import Room
from tests.integration.web.console.reviewing import (
    NONE,
    ORG_NO,
    WHY,
    by_hand,
    confirmed,
    contact,
    decide,
    deeds,
    read,
    send,
    stage,
    text,
    twins,
)
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.plan import QualifiedKey

__all__ = ["room", "running_sandbox", "sandbox", "stage", "twins"]


def test_two_companies_that_match_stand_side_by_side(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]

    listed = operator.get("/review")
    page = read(operator, people[0])

    assert (faults(listed.text), faults(page.text)) == ([], [])
    assert f"account K-1 of butik {twins[0]}, {twins[1]} 1 " in text(listed)
    shown = text(page)
    assert "1 other event waits for this" in shown
    assert f"Field The sender says A account/{twins[0]} B account/{twins[1]}" in shown
    assert "orgNo 599•••••46 599•••••46 = 599•••••46 =" in shown
    assert "name Åkeri A AB Åkeri A AB = Åkeri B AB ≠" in shown
    assert f"linked to {NONE} nobody nobody" in shown
    assert "Read again costs 2 calls" in shown
    assert ORG_NO not in page.text


def test_a_key_of_another_connection_is_decided_there(room: Room, stage: Stage, operator: Visitor) -> None:
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="accounts", count=1)
    first = room.company("1", orgNo=ORG_NO)
    room.run(first)
    room.come()
    twins = [by_hand(room, letter) for letter in "AB"]
    assert room.run(first).status == "review"
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO)
    assert room.run(waiting).status == "review"

    page = operator.get(f"/review/{waiting}")
    assert faults(page.text) == []
    assert f'<a href="/review/{first}">it is decided there</a>' in page.text
    assert "The question is account K-1 of butik" in text(page)

    done = decide(operator, first, {"decision": "adopt", "record": twins[0]})
    assert done.get_json() == {"tried_again": 2}
    assert room.event(waiting).status == "pending"


def test_which_of_several_records_is_decided_is_chosen(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    room.ask(event, "något är oklart", None)
    page = operator.get(f"/review/{event}")
    assert "Decided here: none is chosen yet" in text(page)
    (number,) = re.findall(rf"/review/{event}\?about=(\d)\">account K-1<", page.text)
    chosen = read(operator, event, number)
    assert (faults(page.text), faults(chosen.text)) == ([], [])
    assert f"A account/{twins[0]}" in text(chosen)
    done = send(operator, event, confirmed(operator, event, f"adopt-{twins[0]}", about=number))
    assert done.status_code == 303
    assert room.run(event).status == "delivered"
    assert operator.get(f"/review/{event}?about=17").status_code == 404
    assert operator.get(f"/review/{event}?about=x").status_code == 400


def test_a_viewer_sees_it_and_decides_nothing(
    room: Room, stage: Stage, viewer: Visitor, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    page = read(viewer, event)
    assert (page.status_code, faults(page.text)) == (200, [])
    assert "Operators can decide this." in text(page)
    assert "Look at what it will do" not in page.text
    assert viewer.get(f"/review/{event}/decision?decision=drop").status_code == 303
    fields = confirmed(operator, event, "drop")
    assert send(viewer, event, fields).status_code == 403
    assert viewer.send(f"/review/{event}/reveal", shown_on="/review", why=WHY).status_code == 403
    told = viewer.ask(
        "POST", f"/reviews/{event}/decision", VIEWER, {"decision": "drop", "why": WHY}, **{"If-Match": "x"}
    )
    assert told.status_code == 403
    assert (room.event(event).status, len(twins)) == ("review", 2)


def test_what_is_personal_is_shown_to_who_asks_and_says_why(
    room: Room, stage: Stage, operator: Visitor, viewer: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    asked = operator.send(f"/review/{event}/reveal", shown_on="/review", why=WHY)
    assert asked.status_code == 303
    assert "done=" in asked.headers["Location"]
    seen = read(operator, event)
    assert faults(seen.text) == []
    assert f"orgNo {ORG_NO} {ORG_NO} = {ORG_NO} =" in text(seen)
    assert "You see what may be personal until" in text(seen)
    operator.send(f"/review/{event}/reveal", shown_on="/review", why=WHY)
    assert deeds(stage, "reveal") == [("anna", "reveal", f"event/{event}", WHY, None)]
    for other in (viewer, stage.visitor(OPERATOR)):
        assert ORG_NO not in read(other, event).text
    masked = json.dumps(operator.told(f"/reviews/{event}/candidates", OPERATOR))
    told = operator.ask("POST", f"/reviews/{event}/reveal", OPERATOR, {"why": WHY})
    assert (ORG_NO in masked, ORG_NO in told.text) == (False, True)
    assert len(deeds(stage, "reveal")) == len(twins)


def test_an_event_that_is_not_there_and_one_that_waits_for_nothing(room: Room, stage: Stage, operator: Visitor) -> None:
    assert operator.get("/review/01KB0000000000000000000000").status_code == 404
    assert operator.ask("GET", "/reviews/01KB0000000000000000000000", OPERATOR).status_code == 404
    event = room.run(room.company("1")).id
    page = operator.get(f"/review/{event}")
    assert (page.status_code, faults(page.text)) == (200, [])
    assert "It waits for no decision." in text(page)
    assert decide(operator, event, {"decision": "drop"}).status_code == 412


def test_the_list_is_well_made_empty_full_and_narrowed(
    room: Room, stage: Stage, operator: Visitor, viewer: Visitor
) -> None:
    for visitor in (operator, viewer):
        page = visitor.get("/review")
        assert faults(page.text) == []
        assert "Nothing waits for a decision." in text(page)
    ids = [room.company(str(number)) for number in range(3)]
    for event in ids:
        room.ask(
            event, "något är oklart för åsa@example.com", QualifiedKey("butik", "account", "email:åsa@example.com")
        )
    page = viewer.get("/review")
    assert faults(page.text) == []
    assert "åsa@" not in page.text
    first = operator.told("/reviews?limit=2", OPERATOR)
    second = operator.told(f"/reviews?limit=2&before={first['next']}", OPERATOR)
    assert [each["id"] for each in (*first["data"], *second["data"])] == ids[::-1]
    assert {each["others"] for each in first["data"]} == {2}
    assert operator.told("/reviews?connection=kassa", OPERATOR)["data"] == []
    assert operator.get("/review?connection=&type=").headers["Location"] == "/review"
    assert operator.ask("GET", "/reviews?conection=kassa", OPERATOR).status_code == 400


def test_a_key_that_is_an_address_stands_on_no_page(room: Room, stage: Stage, operator: Visitor) -> None:
    event = room.company("1")
    room.ask(event, "något är oklart för åsa@example.com", QualifiedKey("butik", "account", "email:åsa@example.com"))
    fields = confirmed(operator, event, "drop")
    shown = [
        operator.get(f"/review/{event}").text,
        operator.get(f"/review/{event}/decision?decision=drop").text,
        operator.ask("GET", f"/reviews/{event}", OPERATOR).text,
        operator.ask("GET", f"/reviews/{event}/candidates", OPERATOR).text,
    ]
    assert [page for page in shown if "åsa@" in unescape(page)] == []
    assert send(operator, event, fields).status_code == 303
    assert room.fate(event) == ("ignored", f"dropped by a person: {WHY}")


def test_what_the_list_is_not_filtered_by_is_said(stage: Stage, operator: Visitor) -> None:
    for query in ("fate=dead", "field=name&term=text:0000000000000000"):
        page = operator.get(f"/review?{query}")
        told = operator.ask("GET", f"/reviews?{query}", OPERATOR)
        assert (page.status_code, faults(page.text), told.status_code) == (400, [], 400)
        assert told.get_json()["errors"][0]["parameter"] == query.partition("=")[0]
    assert operator.get("/review?connection=butik").status_code == 200
