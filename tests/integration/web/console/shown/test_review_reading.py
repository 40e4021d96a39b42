"""Upsales is asked by who wants to know, and by itself only while there is plenty of budget."""

from __future__ import annotations

from collections.abc import Sequence

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.room import Room
from tests.integration.web.console.reviewing import (
    NONE,
    ORG_NO,
    contact,
    decide,
    deeds,
    read,
    reads,
    stage,
    text,
    twins,
    until,
    use_up,
)
from tests.integration.web.console.stage import OPERATOR, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.plan import QualifiedKey

__all__ = ["room", "running_sandbox", "sandbox", "stage", "twins"]


def test_for_a_create_without_an_answer_upsales_is_searched(room: Room, stage: Stage, operator: Visitor) -> None:
    room.sandbox.fault(kind="drop_after_commit", method="POST", resource="accounts", count=1)
    event = room.company("1", orgNo=ORG_NO)
    room.run(event)
    room.ask(event, "något är oklart", QualifiedKey("butik", "account", "K-1"))
    (made,) = room.sandbox.records("accounts")
    page = text(read(operator, event))
    assert f"A account/{made['id']}" in page
    assert "orgNo 599•••••46 599•••••46 =" in page


def test_while_upsales_is_away_nothing_is_adopted_and_the_page_says_so(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    room.sandbox.fault(kind="html_502", method="GET", resource="accounts")
    page = operator.get(f"/review/{event}?read=again")
    assert (page.status_code, faults(page.text)) == (200, [])
    assert operator.told(f"/reviews/{event}/candidates", OPERATOR)["not_read"].startswith("GET /accounts/")
    assert "Not read: " in text(page)
    assert f"there {NONE} unknown unknown" in text(page)
    confirmation = operator.get(f"/review/{event}/decision?decision=adopt-{twins[0]}")
    assert confirmation.status_code == 503
    refused = decide(operator, event, {"decision": "adopt", "record": twins[0]})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert (room.event(event).status, deeds(stage)) == ("review", [])
    assert decide(operator, event, {"decision": "drop"}).status_code == 200


def test_where_little_is_left_of_the_budget_only_who_asks_spends_it(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    use_up(stage)
    before = reads(room)
    page = operator.get(f"/review/{event}")
    assert "Nothing was read from Upsales yet. Read from Upsales costs 2 calls" in text(page)
    assert "not read" in text(page)
    assert reads(room) == before
    asked = operator.get(f"/review/{event}?read=again")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/review/{event}")
    assert reads(room) == before + 2
    assert "name Åkeri A AB Åkeri A AB = Åkeri B AB ≠" in text(operator.get(f"/review/{event}"))
    assert reads(room) == before + 2
    confirmation = text(operator.get(f"/review/{event}/decision?decision=adopt-{twins[0]}"))
    assert "What it writes is unknown: more than half of the key's call windows is used" in confirmation
    assert reads(room) == before + 2


def test_looking_again_by_itself_asks_upsales_nothing(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    before = reads(room)
    assert operator.get(f"/review/{event}?live=5").status_code == 200
    assert reads(room) == before
    operator.get(f"/review/{event}")
    until(lambda: "Read from Upsales " in text(operator.get(f"/review/{event}?live=5")))
    operator.get(f"/review/{event}")
    assert reads(room) == before + len(twins)


def test_while_upsales_takes_its_time_the_page_is_there(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    room.sandbox.fault(kind="delay_before_commit", method="GET", resource="accounts", seconds=1.5, count=1)
    before = reads(room)
    pages = [operator.get(f"/review/{event}") for _ in range(2)]
    assert "Not read: Upsales has not answered yet: look again in a moment" in text(pages[0])
    assert [faults(page.text) for page in pages] == [[], []]
    until(lambda: "B AB ≠" in text(operator.get(f"/review/{event}?live=5")))
    assert reads(room) == before + len(twins), "two who look at once ask once"
