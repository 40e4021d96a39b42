"""The list of events: what is asked for is what is shown, counted and gone through."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.integration.store.examples import arrival, event, one, take_in
from tests.integration.web.console.stage import OPERATOR, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.admin import events as listing
from worker.store.db.clock import after
from worker.store.db.tables import lanes
from worker.store.events import stretches
from worker.store.lanes import connections


def filled(stage: Stage, number: int) -> None:
    arrivals = [
        arrival(event(f"e{n}", subject=f"order:{n % 7}"), connection="butik", received_at=None) for n in range(number)
    ]
    take_in(stage.store, *arrivals)


def test_a_page_and_its_neighbours_have_every_event_once(stage: Stage, operator: Visitor) -> None:
    filled(stage, 130)
    path, seen = "/events?limit=50", []
    while path:
        answer = operator.told(path, OPERATOR)
        seen += [event["event_id"] for event in answer["data"]]
        path = f"/events?limit=50&before={answer['next']}" if answer["next"] else ""
    assert sorted(seen) == sorted(f"e{n}" for n in range(130))
    newer = operator.told(f"/events?limit=50&after={answer['prev']}", OPERATOR)
    assert [event["event_id"] for event in newer["data"]] == seen[50:100]


def test_list_and_count_agree(stage: Stage, operator: Visitor) -> None:
    filled(stage, 30)
    asked = "connection=butik&subject=order:1&subject=order:2&fate=waiting&since=1h"
    listed = operator.told(f"/events?{asked}", OPERATOR)["data"]
    counted = operator.told(f"/events/count?{asked}", OPERATOR)
    assert counted == {"count": len(listed), "exact": True} == {"count": 9, "exact": True}
    assert "9 events" in operator.get(f"/events?{asked}").text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=yesterday", "since: &#39;yesterday&#39; is no time"),
        ("fate=deliverd", "did you mean delivered?"),
        ("conection=butik", "did you mean connection?"),
        ("before=nonsense", "is no place in this list"),
        ("limit=100000", "must be a number from 1 to 200"),
    ],
)
def test_what_is_not_understood_is_said_and_nothing_is_searched_without_it(
    stage: Stage, operator: Visitor, asked: str, said: str
) -> None:
    filled(stage, 3)
    page = operator.get(f"/events?{asked}")
    assert page.status_code == 400
    assert said.partition(": ")[2] in page.text
    assert "order:1" not in page.text
    assert faults(page.text) == []
    told = operator.ask("GET", f"/events?{asked}", OPERATOR)
    assert told.status_code == 400
    assert told.get_json()["errors"][0]["parameter"] == asked.partition("=")[0]


def test_what_a_form_sends_empty_is_taken_out_of_the_address(operator: Visitor) -> None:
    answer = operator.get("/events?connection=&fate=dead&type=")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/events?fate=dead")
    assert operator.ask("GET", "/events?connection=", OPERATOR).status_code == 400


def test_the_page_is_well_made_empty_and_full(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    assert faults(operator.get("/events").text) == []
    filled(stage, 60)
    for visitor in (operator, viewer):
        page = visitor.get("/events?connection=butik")
        assert faults(page.text) == []
        assert "60 events" in page.text


def test_a_search_that_was_cut_off_says_how_far_it_came_and_goes_on(
    stage: Stage, operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "FIRST_SLICE", 64)
    filled(stage, 150)
    others = [event(f"n{n}", type="orders/paid") for n in range(150)]
    take_in(stage.store, *(arrival(each, connection="natt", received_at=None) for each in others))
    # There are many of both, and none that is both.
    asked = "type=customers/update&connection=natt"
    monkeypatch.setattr(listing, "SEARCHING", -1.0)
    page = operator.get(f"/events?{asked}")
    assert "No event" not in page.text
    assert "None found so far." in page.text
    assert faults(page.text) == []
    told = operator.told(f"/events?{asked}", OPERATOR)
    assert (told["data"], told["complete"]) == ([], False)
    assert told["searched_to"] is not None
    assert f"before={told['next']}" in page.text
    assert operator.told(f"/events/count?{asked}", OPERATOR) == {"count": 0, "exact": False}
    monkeypatch.setattr(listing, "SEARCHING", 0.4)
    assert "No event has these filters." in operator.get(f"/events?{asked}").text


def test_nothing_within_the_times_says_what_is_there_without_them(stage: Stage, operator: Visitor) -> None:
    filled(stage, 3)
    page = operator.get("/events?connection=butik&until=2026-01-01")
    assert 'Without the times: <a href="/events?connection=butik">3</a>' in page.text
    assert faults(page.text) == []


def test_what_waits_behind_a_pause_says_so_and_what_ends_it(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    waits, paused = one(stage.store, "e1"), "Upsales does not accept the API key"
    with stage.store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(600)))
    connections.pause(stage.store, "butik", paused, probe_in=60.0)
    (row,) = operator.told("/events", OPERATOR)["data"]
    assert (row["paused"], row["next_attempt"]) == (True, None)
    assert '<a href="/connections/butik">butik is paused</a>' in operator.get("/events").text
    assert '<a href="/connections/butik/api-key">→ set a key</a>' in operator.get(f"/events/{waits}").text
    assert "An operator can set a key." in viewer.get(f"/events/{waits}").text
    connections.resume(stage.store, "butik")
    (row,) = operator.told("/events", OPERATOR)["data"]
    assert (row["paused"], row["next_attempt"] is None) == (False, False)
