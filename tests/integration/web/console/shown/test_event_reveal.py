"""An operator sees personal data who asks for it: their session, that event, ten minutes; and it is kept that they asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage, Visitor, form_token
from tests.integration.web.console.structure import faults
from tests.integration.web.console.told import SECRET, company, contact, receive
from web.console.headers import DOWNLOAD
from worker.store.db.clock import after, now
from worker.store.db.tables import audit, reveals
from worker.store.people.reveals import begin, purge, until

WHY = "the customer called"


def reveal(visitor: Visitor, event: str, why: str = WHY) -> Any:
    return visitor.send(f"/events/{event}/reveal", shown_on=f"/events/{event}", why=why)


def asked(stage: Stage) -> list[tuple[str, str, str, str | None]]:
    with stage.store.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.act == "reveal").order_by(audit.c.seq)).all()
    return [(row.who, row.via, row.about, row.why) for row in rows]


def test_who_asked_sees_it_and_it_is_kept_that_they_did(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    answer = reveal(operator, event)
    assert answer.status_code == 303
    page = operator.get(answer.headers["Location"])
    assert faults(page.text) == []
    for word in ("Åsa Öberg", "asa.oberg@example.com", "070-174 06 05"):
        assert word in page.text
    assert "You see personal data, until" in page.text
    assert "Done: reveal. By anna" in page.text
    assert f"“{WHY}”" in page.text
    assert SECRET not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert asked(stage) == [("anna", "page", f"event/{event}", WHY)]


def test_it_is_shown_to_this_session_for_this_event_alone(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    event, other = receive(stage, contact()), receive(stage, contact("e2"))
    reveal(operator, event)
    assert "Öberg" not in operator.get(f"/events/{other}").text
    for visitor in (viewer, stage.visitor(OPERATOR)):
        assert "Öberg" not in visitor.get(f"/events/{event}").text
        assert visitor.get(f"/events/{event}/body").status_code == 403
    assert "Öberg" not in operator.ask("GET", f"/events/{event}/request", OPERATOR).text


def test_asked_again_it_is_the_same_asking(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    reveal(operator, event)
    again = operator.client.post(
        f"/events/{event}/reveal",
        data={"csrf": form_token(operator.get("/events").text), "why": "x"},
        headers=SAME_SITE,
    )
    assert (again.status_code, again.headers["Location"]) == (303, f"/events/{event}")
    assert len(asked(stage)) == 1


def test_after_ten_minutes_it_is_over(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    reveal(operator, event)
    with stage.store.write() as conn:
        left = (conn.execute(select(reveals.c.until)).scalar_one() - now(conn)).total_seconds()
        assert 540 < left <= 600
        conn.execute(update(reveals).values(until=after(-1)))
    assert "Öberg" not in operator.get(f"/events/{event}").text
    assert operator.get(f"/events/{event}/body").status_code == 403
    reveal(operator, event)
    assert "Öberg" in operator.get(f"/events/{event}").text
    assert len(asked(stage)) == 2


def test_what_is_over_is_purged(stage: Stage) -> None:
    with stage.store.write() as conn:
        assert begin(conn, "s1", "e1")
        assert not begin(conn, "s1", "e1")
        assert begin(conn, "s2", "e1")
        conn.execute(update(reveals).where(reveals.c.session == "s1").values(until=after(-1)))
        assert until(conn, "s1", "e1") is None
        assert purge(conn) == 1
        assert until(conn, "s2", "e1") is not None
        assert begin(conn, "s1", "e1")


def test_viewers_and_who_says_no_reason_see_nothing(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    event = receive(stage, contact())
    for refused, status in (
        (viewer.send(f"/events/{event}/reveal", why=WHY), 403),
        (viewer.ask("POST", f"/events/{event}/reveal", VIEWER, {"why": WHY}), 403),
        (reveal(operator, event, why=" "), 422),
        (operator.ask("POST", f"/events/{event}/reveal", OPERATOR, {}), 422),
        (operator.ask("POST", f"/events/{event}/reveal", OPERATOR, {"why": WHY, "all": True}), 422),
        (operator.send(f"/events/{event}/reveal", headers={"Sec-Fetch-Site": "cross-site"}, why=WHY), 403),
    ):
        assert refused.status_code == status
        assert "Öberg" not in refused.text
    assert asked(stage) == []
    assert "Öberg" not in operator.get(f"/events/{event}").text


def test_the_api_answers_request_and_plan_unmasked_once(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    answer = operator.ask("POST", f"/events/{event}/reveal", OPERATOR, {"why": WHY})
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_json()
    assert json.loads(told["request"]["body"]) == contact()
    assert told["request"]["masked"] == 0
    assert {"by": "email", "value": "asa.oberg@example.com"} in told["plan"]["upserts"][0]["match"]
    assert SECRET not in answer.text
    assert asked(stage) == [("anna", "api", f"event/{event}", WHY)]
    assert "Öberg" not in operator.ask("GET", f"/events/{event}/request", OPERATOR).text
    with stage.store.read() as conn:
        assert conn.execute(select(reveals)).all() == []


def test_the_body_is_downloaded_as_it_came_and_as_nothing_that_runs(stage: Stage, operator: Visitor) -> None:
    body = b'{"type":"contact.upsert", "id":"e1","data":{"id": 1.0e3, "name":"<script>alert(1)</script>"}}'
    event = receive(stage, body)
    assert operator.get(f"/events/{event}/body").status_code == 403
    reveal(operator, event)
    answer = operator.get(f"/events/{event}/body")
    assert answer.data == body
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{event}.txt"'
    assert answer.headers["Content-Security-Policy"] == DOWNLOAD
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = operator.get(f"/events/{event}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("size", [70_000, 200_000])
def test_a_long_body_is_cut_on_the_page_and_whole_in_the_answer_to_a_program(
    stage: Stage, operator: Visitor, size: int
) -> None:
    event = receive(stage, company(notes="å" * size))
    reveal(operator, event)
    page = operator.get(f"/events/{event}").text
    assert "These are the first 64 kB." in page
    assert len(page) < 100_000
    told = operator.ask("POST", f"/events/{event}/reveal", OPERATOR, {"why": WHY}).get_json()
    assert told["request"]["whole"]
    assert json.loads(told["request"]["body"])["data"]["notes"] == "å" * size
