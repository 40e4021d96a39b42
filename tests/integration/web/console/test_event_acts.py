"""What a person does to one event: said first, done once, kept in the audit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from tests.integration.store.examples import one
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.admin.event_acts import ACTS
from worker.store.db.clock import after
from worker.store.db.tables import events, lanes
from worker.store.events.outcomes import Outcome, release
from worker.store.instruments.gauges import oldest_waiting
from worker.store.lanes.backlog import lanes_due, rescue
from worker.store.lanes.due import due
from worker.store.lanes.holds import held
from worker.store.lanes.lanes import claim
from worker.store.people import audit
from worker.store.people.audit import Deed

REASON = "the stage was renamed"
WHY = {"why": REASON}


def ended(stage: Stage, status: str, name: str = "e1") -> str:
    found = one(stage.store, name)
    with stage.store.write() as conn:
        as_ended = {"status": status, "reason": "fel", "reason_code": "refused", "done_at": after(-5)}
        conn.execute(update(events).where(events.c.id == found).values(**as_ended))
        conn.execute(update(lanes).values(due_at=None, lease_until=after(-5)))
    return found


def deeds(stage: Stage) -> Sequence[Deed]:
    with stage.store.read() as conn:
        return [deed for deed in audit.listed(conn) if deed.act in ACTS]


def statuses(stage: Stage) -> Sequence[str]:
    with stage.store.read() as conn:
        return conn.execute(select(events.c.status).order_by(events.c.seq)).scalars().all()


def claimable(stage: Stage) -> bool:
    with stage.store.write() as conn:
        rung = due(conn, "butik", 10, 0)
    return bool(rung) and claim(stage.store, "butik", "kund:Åsa", "w1", 60) is not None


@pytest.mark.parametrize("act", ACTS)
def test_the_page_says_what_it_will_do_and_a_viewer_only_reads_it(
    stage: Stage, operator: Visitor, viewer: Visitor, act: str
) -> None:
    event = ended(stage, "dead") if act == "replay" else one(stage.store, "e1")
    one(stage.store, "e2", minute=1)
    for visitor in (operator, viewer):
        page = visitor.get(f"/events/{event}/{act}")
        assert (page.status_code, faults(page.text)) == (200, [])
        assert "1 later event" in page.text
    assert viewer.ask("POST", f"/events/{event}/{act}", VIEWER, WHY).status_code == 403
    assert viewer.send(f"/events/{event}/{act}", why=REASON).status_code == 403
    assert operator.get(f"/events/01UNKNOWN/{act}").status_code == 404
    body = {} if act == "ask-now" else WHY
    assert operator.ask("POST", f"/events/01UNKNOWN/{act}", OPERATOR, body).status_code == 404
    assert deeds(stage) == []


@pytest.mark.parametrize("act", [act for act in ACTS if act != "ask-now"])
def test_nothing_is_done_without_a_why(stage: Stage, operator: Visitor, act: str) -> None:
    event = one(stage.store, "e1")
    assert operator.ask("POST", f"/events/{event}/{act}", OPERATOR, {}).status_code == 422
    assert deeds(stage) == []


def test_what_is_dead_is_tried_again_once_however_often_it_is_asked_for(stage: Stage, operator: Visitor) -> None:
    event = ended(stage, "dead")
    for _ in range(2):
        answer = operator.ask("POST", f"/events/{event}/replay", OPERATOR, WHY)
        assert (answer.status_code, answer.get_json()["id"], answer.get_json()["fate"]) == (200, event, "waiting")
    (deed,) = deeds(stage)
    assert (deed.who, deed.via, deed.act, deed.about, deed.why) == (
        "anna",
        "api",
        "replay",
        f"event/{event}",
        REASON,
    )
    assert statuses(stage) == ["pending"]


def test_a_replay_of_what_was_delivered_is_one_new_event(stage: Stage, operator: Visitor) -> None:
    event = ended(stage, "delivered")
    found = {operator.ask("POST", f"/events/{event}/replay", OPERATOR, WHY).get_json()["id"] for _ in range(2)}
    assert len(found) == 1
    assert event not in found
    assert statuses(stage) == ["delivered", "pending"]
    assert len(deeds(stage)) == 1


def test_a_form_leads_to_the_event_and_says_what_was_done(stage: Stage, operator: Visitor) -> None:
    event = one(stage.store, "e1")
    first = operator.send(f"/events/{event}/drop", shown_on=f"/events/{event}/drop", why=REASON)
    (deed,) = deeds(stage)
    assert (first.status_code, first.headers["Location"]) == (303, f"/events/{event}?done={deed.seq}")
    again = operator.send(f"/events/{event}/drop", why=REASON)
    assert again.headers["Location"] == f"/events/{event}"
    assert len(deeds(stage)) == 1
    row = operator.told("/events?reason=dropped", OPERATOR)["data"][0]
    assert (row["fate"], row["reason"]) == ("ignored", "dropped by a person: the stage was renamed")


def test_what_was_delivered_is_not_dropped_and_what_ended_is_not_held(stage: Stage, operator: Visitor) -> None:
    event = ended(stage, "delivered")
    for act in ("drop", "urgent", "hold", "release"):
        answer = operator.ask("POST", f"/events/{event}/{act}", OPERATOR, WHY)
        assert (answer.status_code, "is delivered" in answer.get_json()["detail"]) == (409, True)
    assert deeds(stage) == []


def test_a_held_lane_waits_with_all_that_comes_and_goes_on_when_released(stage: Stage, operator: Visitor) -> None:
    event = one(stage.store, "e1")
    for _ in range(2):
        assert operator.ask("POST", f"/events/{event}/hold", OPERATOR, WHY).get_json()["held"] is True
    assert len(deeds(stage)) == 1
    one(stage.store, "e2", minute=1)
    assert not claimable(stage)
    assert rescue(stage.store) == 0
    with stage.store.read() as conn:
        assert oldest_waiting(conn, ["butik"]) == {"butik": 0.0}
        assert lanes_due(conn, "butik") == 0
        assert (held(conn, "butik").lanes, held(conn, "natt").lanes) == (1, 0)
    assert "held" in operator.get("/events").text
    for _ in range(2):
        assert operator.ask("POST", f"/events/{event}/release", OPERATOR, WHY).get_json()["held"] is False
    assert len(deeds(stage)) == 2
    assert claimable(stage)


def test_what_is_held_while_it_is_delivered_holds_nothing_that_comes_later(stage: Stage, operator: Visitor) -> None:
    event = one(stage.store, "e1")
    claimed = claim(stage.store, "butik", "kund:Åsa", "w1", 60)
    assert claimed is not None
    operator.ask("POST", f"/events/{event}/hold", OPERATOR, WHY)
    release(stage.store, claimed, [Outcome(event, "delivered")])
    one(stage.store, "e2", minute=1)
    assert claimable(stage)


def test_dropping_all_that_is_held_ends_the_hold(stage: Stage, operator: Visitor) -> None:
    event = one(stage.store, "e1")
    for act in ("hold", "drop"):
        assert operator.ask("POST", f"/events/{event}/{act}", OPERATOR, WHY).status_code == 200
    one(stage.store, "e2", minute=1)
    assert claimable(stage)


def test_what_is_urgent_goes_first(stage: Stage, operator: Visitor) -> None:
    one(stage.store, "e0", subject="kund:0")
    event = one(stage.store, "e1")
    for _ in range(2):
        assert operator.ask("POST", f"/events/{event}/urgent", OPERATOR, WHY).get_json()["urgent"] is True
    assert len(deeds(stage)) == 1
    with stage.store.write() as conn:
        assert [each.subject for each in due(conn, "butik", 10, 0)] == ["kund:Åsa", "kund:0"]


def test_what_waits_for_later_is_asked_now(stage: Stage, operator: Visitor) -> None:
    event = one(stage.store, "e1")
    with stage.store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(3600), attempts=3))
    assert not claimable(stage)
    for _ in range(2):
        assert operator.ask("POST", f"/events/{event}/ask-now", OPERATOR).status_code == 200
    assert [deed.why for deed in deeds(stage)] == [None]
    assert claimable(stage)
