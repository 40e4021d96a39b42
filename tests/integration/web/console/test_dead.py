"""Dead letters in groups: a group's number is that of its list, by a code that stays what it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.db.clock import after
from worker.store.db.tables import events
from worker.store.events.replay import drop
from worker.store.people import audit
from worker.store.people.audit import Actor


def died(
    stage: Stage, name: str, code: str | None, *, connection: str = "butik", days: float = 0.0, **told: Any
) -> str:
    """A dead letter; answers its id."""
    new = event(name, subject=f"order:{name}", **told)
    take_in(stage.store, arrival(new, connection=connection))
    values = {"status": "dead", "reason": f"{code} for {name}", "reason_code": code, "done_at": after(-86400 * days)}
    with stage.store.write() as conn:
        conn.execute(update(events).where(events.c.id == new.id).values(**values))
    return new.id


@pytest.fixture
def three_groups(stage: Stage) -> Stage:
    for number in range(3):
        died(stage, f"s{number}", "stage_unknown", days=number)
    died(stage, "o", "owner_unknown", connection="natt")
    died(stage, "old", None)
    return stage


def test_a_group_has_as_many_as_its_list(three_groups: Stage, operator: Visitor) -> None:
    told = operator.told("/dead-letters/groups", OPERATOR)
    assert told["count"] == 5
    assert [(group["reason"], group["connection"], group["count"]) for group in told["data"]] == [
        ("stage_unknown", "butik", 3),
        ("none", "butik", 1),
        ("owner_unknown", "natt", 1),
    ]
    for group in told["data"]:
        asked = "&".join(f"{name}={group[name]}" for name in ("reason", "connection", "type"))
        assert operator.told(f"/events/count?fate=dead&{asked}", OPERATOR) == {"count": group["count"], "exact": True}


def test_a_group_tells_its_days_and_what_was_said_of_the_newest(three_groups: Stage, operator: Visitor) -> None:
    group = operator.told("/dead-letters/groups?reason=stage_unknown", OPERATOR)["data"][0]
    assert [day["count"] for day in group["days"]] == [1, 1, 1]
    assert group["example"] == "stage_unknown for …"
    assert group["first"] < group["last"]
    assert operator.told("/events?reason=stage_unknown", OPERATOR)["data"][0]["id"] == group["event"]


@pytest.mark.parametrize(
    ("asked", "said"), [("fate=dead", "does not narrow"), ("reason=nonsense", "no code"), ("by=x", "is one of")]
)
def test_what_does_not_narrow_them_is_said(operator: Visitor, asked: str, said: str) -> None:
    page = operator.get(f"/dead?{asked}")
    assert (page.status_code, said in page.text) == (400, True)


def test_the_page_is_well_made_and_only_operators_are_offered_to_act(
    three_groups: Stage, operator: Visitor, viewer: Visitor
) -> None:
    pages = {visitor: visitor.get("/dead?by=connection").text for visitor in (operator, viewer)}
    assert [faults(page) for page in pages.values()] == [[], []]
    assert "Replay 3…" in pages[operator]
    assert "Replay 3…" not in pages[viewer]
    assert "an order stage is unknown in Upsales" in pages[viewer]
    assert "5 dead letters</strong> in 3 groups" in pages[viewer]


def test_when_there_are_none_the_last_one_is_told(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    assert "No dead letters." in viewer.get("/dead").text
    gone = died(stage, "a", "refused")
    drop(stage.store, gone, "dropped by a person: prov")
    with stage.store.write() as conn:
        audit.record(conn, Actor("per", "command"), "drop", f"event/{gone}", why="prov")
    page = viewer.get("/dead").text
    assert "The last one was dropped" in page
    assert "by per" in page
    assert faults(page) == []
    assert viewer.told("/dead-letters/groups", VIEWER)["last_dropped"]["who"] == "per"
