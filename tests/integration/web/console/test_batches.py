"""Batches through the console: counted, started, watched, cancelled, and made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor, form_token
from tests.integration.web.console.structure import faults
from worker.store.batches.steps import go_on
from worker.store.db.clock import after
from worker.store.db.tables import batches, events, lanes
from worker.store.lanes.holds import hold
from worker.store.ledger.write_calls import Caller, intend, new_id
from worker.store.people import audit

DEAD = {"fate": "dead", "connection": "butik"}


def died(stage: Stage, number: int, start: int = 0) -> Sequence[str]:
    new = [event(f"e{n}", subject=f"order:{n}") for n in range(start, start + number)]
    take_in(stage.store, arrival(*new))
    with stage.store.write() as conn:
        dead = {"status": "dead", "reason": "fel", "reason_code": "stage_unknown", "done_at": after(-5)}
        conn.execute(update(events).where(events.c.id.in_([each.id for each in new])).values(**dead))
        conn.execute(update(lanes).values(due_at=None, lease_until=after(-5)))
    return [each.id for each in new]


def make(
    visitor: Visitor, kind: str = "replay", chosen: Mapping[str, Any] = DEAD, *, key: str = "k1", **more: Any
) -> Any:
    body = {"kind": kind, "filter": chosen, **more}
    return visitor.ask("POST", "/batches", OPERATOR, body, **{"Idempotency-Key": key})


def test_a_preview_says_what_is_newer_and_what_calls_it_may_cost(stage: Stage, operator: Visitor) -> None:
    died(stage, 2)
    take_in(stage.store, arrival(event("later", subject="order:1"), event("other", subject="order:9")))
    batch = make(operator).get_json()
    assert (batch["foreseen"]["looked_at"], batch["foreseen"]["newer"], batch["foreseen"]["cost"]) == (2, 1, None)
    delivered = [event(f"d{n}", subject=f"order:{10 + n}") for n in range(2)]
    take_in(stage.store, arrival(*delivered))
    with stage.store.write() as conn:
        conn.execute(update(events).where(events.c.event_id.in_(["d0", "d1"])).values(status="delivered"))
        for each in (0, 0, 0, 1):
            caller = Caller("butik", 1, "0" * 12, delivered[each].id)
            intend(conn, new_id(), caller, "order", {}, 60.0, record_id=1)
    told = operator.get(f"/batches/{batch['id']}").text
    assert "1 has a newer event about the same thing" in told
    assert "Costs about 4 calls to Upsales, at most about 6" in told
    assert faults(told) == []


def test_a_subject_that_may_name_somebody_stands_on_no_page_of_a_batch(stage: Stage, operator: Visitor) -> None:
    died(stage, 1)
    with stage.store.write() as conn:
        conn.execute(update(events).values(subject="Anna Svensson"))
    batch = make(operator, "hold", {"subject": "Anna Svensson"}).get_json()
    assert batch["filters"]["subject"] == ["…"]
    for state in ("draft", "cancelled"):
        with stage.store.write() as conn:
            conn.execute(update(batches).values(state=state, taken_back=1))
        for path in ("/batches", f"/batches/{batch['id']}", f"/api/v1/batches/{batch['id']}"):
            assert "Svensson" not in operator.get(path).text


def deeds(stage: Stage) -> Sequence[tuple[str, str | None]]:
    with stage.store.read() as conn:
        return [(deed.act, deed.outcome) for deed in reversed(audit.listed(conn)) if deed.about.startswith("batch/")]


def statuses(stage: Stage) -> Sequence[str]:
    with stage.store.read() as conn:
        return conn.execute(select(events.c.status).order_by(events.c.seq)).scalars().all()


def now_is_its_turn(stage: Stage) -> None:
    with stage.store.write() as conn:
        conn.execute(update(batches).values(next_at=after(-0.001)))
        conn.execute(update(lanes).values(due_at=None))
    go_on(stage.store)


def test_a_batch_is_counted_started_and_done(stage: Stage, operator: Visitor) -> None:
    died(stage, 3)
    made = make(operator)
    batch = made.get_json()
    assert (made.status_code, batch["state"], batch["count"], len(batch["sample"])) == (201, "draft", 3, 3)
    assert statuses(stage) == ["dead"] * 3
    started = operator.ask("POST", f"/batches/{batch['id']}/start", OPERATOR, {"why": "renamed", "rate": 60})
    assert started.status_code == 202
    assert operator.ask("POST", f"/batches/{batch['id']}/start", OPERATOR).status_code == 200
    for _ in range(4):
        now_is_its_turn(stage)
    told = operator.told(f"/batches/{batch['id']}", OPERATOR)
    assert (told["state"], told["progress"]["taken"], told["progress"]["waiting"]) == ("done", 3, 3)
    assert statuses(stage) == ["pending"] * 3
    assert operator.told(f"/events/count?batch={batch['id']}&fate=waiting", OPERATOR)["count"] == 3
    assert deeds(stage) == [("preview", "replay, 3 events"), ("start", "replay, 3 events, 60/min")]


def test_a_double_click_makes_one_batch_and_the_same_key_is_no_other(stage: Stage, operator: Visitor) -> None:
    died(stage, 2)
    first, second = make(operator), make(operator)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json()["id"] == second.get_json()["id"]
    assert make(operator, "drop").status_code == 422
    assert make(operator, key="").status_code == 400
    sent = [operator.send("/batches", kind="replay", once="of-a-form", fate="dead") for _ in range(2)]
    places = {answer.headers["Location"] for answer in sent}
    assert len(places) == 1
    assert len(operator.told("/batches", OPERATOR)["data"]) == 2


@pytest.mark.parametrize(
    ("kind", "chosen", "said"),
    [
        ("erase", DEAD, "kind: 'erase' is none"),
        ("drop", {"fate": "delivered"}, "can't be taken for drop"),
        ("hold", {"fate": "dead"}, "can't be taken for hold"),
        ("replay", {"fate": "waiting"}, "can't be taken for replay"),
        ("replay", {"colour": "red"}, "no such filter"),
        ("replay", {"fate": 7}, "must be a text"),
        ("drop", {"connection": "butik", "fate": []}, "is empty; leave it out"),
        ("replay", {}, "must be an object"),
    ],
)
def test_what_can_not_be_meant_is_said(operator: Visitor, kind: str, chosen: Mapping[str, Any], said: str) -> None:
    answer = make(operator, kind, chosen)
    assert answer.status_code in (400, 422)
    assert said in answer.get_json()["detail"]


def test_a_viewer_starts_nothing(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    died(stage, 1)
    batch = make(operator).get_json()["id"]
    body = {"kind": "replay", "filter": DEAD}
    assert viewer.ask("POST", "/batches", VIEWER, body, **{"Idempotency-Key": "v"}).status_code == 403
    for act in ("start", "pause", "resume", "cancel"):
        assert viewer.ask("POST", f"/batches/{batch}/{act}", VIEWER, {"why": "x"}).status_code == 403
    assert faults(viewer.get(f"/batches/{batch}").text) == []


def test_it_is_paused_resumed_and_cancelled_each_once(stage: Stage, operator: Visitor) -> None:
    died(stage, 3)
    batch = make(operator, why="renamed").get_json()["id"]
    for act, state in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        answers = [operator.ask("POST", f"/batches/{batch}/{act}", OPERATOR) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 200]
        assert {answer.get_json()["state"] for answer in answers} == {state}
    assert [act for act, _ in deeds(stage)] == ["preview", "start", "pause", "resume", "cancel"]
    assert deeds(stage)[-1] == ("cancel", "0 done, 3 taken back")
    assert operator.ask("POST", f"/batches/{batch}/start", OPERATOR).status_code == 409
    now_is_its_turn(stage)
    assert statuses(stage) == ["dead"] * 3


def test_a_preview_that_is_too_old_is_not_started(stage: Stage, operator: Visitor) -> None:
    died(stage, 1)
    batch = make(operator, why="x").get_json()["id"]
    with stage.store.write() as conn:
        conn.execute(update(batches).values(expires_at=after(-1)))
    answer = operator.ask("POST", f"/batches/{batch}/start", OPERATOR)
    assert (answer.status_code, "the set may have changed" in answer.get_json()["detail"]) == (409, True)
    page = operator.get(f"/batches/{batch}").text
    assert "This preview expired" in page
    assert "Count it again" in page
    assert faults(page) == []


def test_nothing_is_started_without_a_why(stage: Stage, operator: Visitor) -> None:
    died(stage, 1)
    batch = make(operator).get_json()["id"]
    assert operator.ask("POST", f"/batches/{batch}/start", OPERATOR).status_code == 400
    assert operator.told(f"/batches/{batch}", OPERATOR)["state"] == "draft"


def test_from_a_group_of_dead_letters_to_the_end(stage: Stage, operator: Visitor) -> None:
    """Without script: as a browser sends the forms that the pages show."""
    died(stage, 2)
    page = operator.get("/dead").text
    assert "Drop 2…" in page
    sent = operator.send("/batches", shown_on="/dead", kind="drop", once="x", fate="dead", reason="stage_unknown")
    there = sent.headers["Location"]
    preview = operator.get(there).text
    assert "<strong>2 events</strong>" in preview
    assert faults(preview) == []
    given = {"csrf": form_token(preview), "why": "never again"}
    started = operator.client.post(f"{there}/start", data=given, headers={"Sec-Fetch-Site": "same-origin"})
    assert started.headers["Location"].startswith(f"{there}?done=")
    shown = operator.get(started.headers["Location"]).text
    assert "Done: start" in shown
    assert faults(shown) == []
    go_on(stage.store)
    done = operator.get(there).text
    assert "2 dropped" in done
    assert faults(done) == []
    assert statuses(stage) == ["ignored"] * 2
    rows = operator.told("/events?reason=dropped", OPERATOR)["data"]
    assert {row["reason"] for row in rows} == {"dropped by a person: never again"}


@pytest.mark.parametrize("path", ["/batches", "/batches/b-7", "/batches/nonsense"])
def test_pages_without_a_batch_are_well_made(operator: Visitor, path: str) -> None:
    page = operator.get(path)
    assert page.status_code == (200 if path == "/batches" else 404)
    assert faults(page.text) == []


def test_the_list_of_batches_is_well_made(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    died(stage, 1)
    for number in range(3):
        make(operator, key=f"k{number}")
    for visitor in (operator, viewer):
        page = visitor.get("/batches").text
        assert "b-3" in page
        assert faults(page) == []


def test_the_list_of_events_offers_what_can_be_done_to_all_of_it(
    stage: Stage, operator: Visitor, viewer: Visitor
) -> None:
    died(stage, 2)
    page = operator.get("/events?fate=dead").text
    assert "Replay…" in page
    assert "Hold…" not in page
    assert faults(page) == []
    assert "Replay…" not in viewer.get("/events?fate=dead").text
    take_in(stage.store, arrival(event("waits", subject="order:w")))
    assert "Hold…" in operator.get("/events?fate=waiting&connection=butik").text


def test_what_is_held_is_chosen_apart_from_what_waits(stage: Stage, operator: Visitor) -> None:
    take_in(stage.store, arrival(event("a", subject="order:1"), event("b", subject="order:2")))
    died(stage, 1, 7)
    with stage.store.write() as conn:
        assert hold(conn, "butik", "order:2")
    listed = [operator.told(f"/events?{asked}", OPERATOR)["data"] for asked in ("fate=held", "fate=held&fate=dead")]
    assert [[each["event_id"] for each in found] for found in listed] == [["b"], ["e7", "b"]]
    batch = make(operator, "release", {"fate": "held"}).get_json()
    assert (batch["count"], batch["filters"]) == (1, {"fate": ["held"]})
    assert make(operator, "drop", {"fate": ["held", "waiting"]}, key="k2").get_json()["count"] == 2


@pytest.mark.parametrize(("kind", "chosen"), [("hold", {"fate": "waiting"}), ("drop", {"fate": "waiting"})])
def test_the_list_behind_a_batch_that_is_done_holds_what_it_says(
    stage: Stage, operator: Visitor, kind: str, chosen: Mapping[str, Any]
) -> None:
    """A hold marks no event as its own: its page leads to what has its filters, where it is let go."""
    take_in(stage.store, arrival(event("a", subject="order:a"), event("b", subject="order:b")))
    batch = make(operator, kind, chosen).get_json()["id"]
    operator.ask("POST", f"/batches/{batch}/start", OPERATOR, {"why": "flood"})
    now_is_its_turn(stage)
    page = operator.get(f"/batches/{batch}").text
    behind = "/events?fate=waiting" if kind == "hold" else f"/events?batch={batch}"
    assert f'href="{behind}"' in page
    assert "2 events" in operator.get(behind).text
    assert ("Release…" in page) == (kind == "hold")
    assert faults(page) == []
