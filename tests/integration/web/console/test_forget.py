"""A person is forgotten by page and by admin API: nothing of them is left, also not of having looked for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.integration.delivery.conftest import desk
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from tests.integration.delivery.test_forget import ANNA, NAME, WHY, contact, dump, known, traces_left
from tests.integration.web.console.beside_a_worker import (
    console,
    operates,
    redis,
    room,
    running_sandbox,
    sandbox,
    settle,
    valkey_url,
    views,
)
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.delivery.cleanup import tidy
from worker.settings import Delivery
from worker.store.db.clock import after
from worker.store.db.tables import audit, erasure_drafts, erasures
from worker.store.people import audit as audit_of
from worker.store.people.audit import Actor
from worker.store.privacy.forget import execute, plan

__all__ = ["console", "desk", "known", "operates", "redis", "room", "running_sandbox", "sandbox", "valkey_url", "views"]


def deeds(stage: Stage) -> list[tuple[Any, ...]]:
    with stage.store.read() as conn:
        signed = audit.c.act.not_in(["sign-in", "preview"])
        return [
            (row.who, row.via, row.act, row.about, row.why)
            for row in conn.execute(select(audit).where(signed).order_by(audit.c.seq))
        ]


def asked(visitor: Visitor, whom: str = f" {ANNA.title()} ") -> str:
    """The page that tells what was found."""
    answer = visitor.send("/forget", shown_on="/forget", whom=whom)
    assert answer.status_code == 303, answer.text
    settle()
    return answer.headers["Location"]


def erase(visitor: Visitor, page: str, **fields: str) -> Any:
    told: dict[str, Any] = {"whom": ANNA, "why": WHY, "word": "ERASE", **fields}
    answer = visitor.send(f"{page}/start", shown_on=page, **told)
    settle()
    return answer


def test_by_the_page_nothing_is_left(room: Room, known: str, console: Stage, operates: Visitor, views: Visitor) -> None:
    planned = plan(room.store, ANNA)
    page = asked(operates)
    assert "anna" not in page.lower()
    shown = operates.get(page).text
    assert faults(shown) == []
    for table, rows in planned.counts.items():
        assert f">{table}</td>" in shown.replace('<td role="cell" data-label="Table">', ">"), (table, rows)
    assert f'href="/events/{known}"' in shown
    assert "Records of this person stay there" in shown
    assert "Operators can erase it." in views.get(page).text

    assert erase(operates, page).headers["Location"] == page

    assert traces_left(room) == []
    assert plan(room.store, ANNA).empty
    done = operates.get(page).text
    assert faults(done) == []
    assert "Upsales itself is not touched" in done
    assert WHY in done
    with room.store.read() as conn:
        (proof,) = conn.execute(select(erasures)).all()
    assert (proof.id, proof.by, proof.counts) == (page.rpartition("/")[2], "anna", planned.counts)
    about = f"erasure/{proof.id}"
    assert deeds(console) == [
        ("anna", "page", "look for a person", about, None),
        ("anna", "page", "forget", about, WHY),
    ]
    assert [each for each in (ANNA, NAME, "Öst") if each in shown + done] == []


def test_by_the_admin_api_nothing_is_left(room: Room, known: str, console: Stage, operates: Visitor) -> None:
    made = operates.ask("POST", "/erasures", OPERATOR, {"whom": ANNA})
    assert made.status_code == 201
    settle()
    path = f"/erasures/{made.get_json()['id']}"
    planned = plan(room.store, ANNA)
    found = operates.told(path, VIEWER)["draft"]
    assert (found["state"], found["found"]["counts"]) == ("counted", planned.counts)
    assert operates.ask("POST", f"{path}/start", OPERATOR, {"whom": ANNA, "why": WHY}).status_code == 422
    told = {"whom": ANNA, "why": WHY, "word": "ERASE"}
    started = operates.ask("POST", f"{path}/start", OPERATOR, told)
    settle()
    again = operates.ask("POST", f"{path}/start", OPERATOR, told)
    assert (started.status_code, again.status_code) == (202, 200)
    assert traces_left(room) == []
    proof = operates.told(path, VIEWER)["proof"]
    assert (proof["counts"], proof["by"], proof["done_at"] is not None) == (planned.counts, "anna", True)
    assert operates.told("/erasures", VIEWER) == {"data": [proof], "next": None}
    assert [(via, act) for _, via, act, _, _ in deeds(console)][-2:] == [
        ("api", "look for a person"),
        ("api", "forget"),
    ]
    assert len([act for _, _, act, _, _ in deeds(console) if act == "forget"]) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"whom": "bo@exempel.se"}, "is not whom this was counted for"),
        ({"word": "erase"}, "type ERASE"),
        ({"why": " "}, "say why"),
        ({"why": f"{ANNA} asked"}, "must not name the person"),
    ],
)
def test_what_does_not_fit_erases_nothing(
    room: Room, known: str, console: Stage, operates: Visitor, fields: dict[str, str], said: str
) -> None:
    page, before = asked(operates), dump(room)
    answer = erase(operates, page, **fields)
    assert (answer.status_code, faults(answer.text)) == (422, [])
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert ANNA not in answer.text
    assert ANNA in before
    assert [act for _, _, act, _, _ in deeds(console)] == ["look for a person"]


def test_a_reason_that_names_the_person_is_kept_nowhere(
    room: Room, known: str, console: Stage, operates: Visitor
) -> None:
    page = asked(operates)
    erase(operates, page, why=f"{NAME} called")
    shown = operates.get(page).text
    assert "must not name the person" in shown
    assert NAME not in shown
    assert [act for _, _, act, _, _ in deeds(console)] == ["look for a person"]
    assert erase(operates, page).status_code == 303
    assert traces_left(room) == []


def test_what_is_in_the_way_is_said_and_nothing_is_erased(
    room: Room, known: str, console: Stage, operates: Visitor
) -> None:
    waiting = contact(room, 9)
    page = asked(operates)
    assert f"event {waiting} of butik waits, or is being delivered" in operates.get(page).text
    erase(operates, page)
    assert "In the way" in operates.get(page).text
    assert ANNA in dump(room)
    assert "forget" not in [act for _, _, act, _, _ in deeds(console)]
    assert room.run(waiting).status == "delivered"
    erase(operates, page)
    assert traces_left(room) == []


def test_the_command_leaves_the_same_audit(room: Room, known: str, console: Stage, desk: Desk) -> None:
    done = json.loads(desk("forget", ANNA, "--why", WHY, "--by", "per", "--yes", "--json").stdout)
    assert deeds(console) == [("per", "command", "forget", f"erasure/{done['erasure']['id']}", WHY)]


class Killed(BaseException):
    """The process ended."""


def test_a_killed_one_goes_on_when_it_is_said_again_whom_it_was_about(
    room: Room, known: str, console: Stage, operates: Visitor
) -> None:
    steps = iter(range(100))

    def kill(_table: str, _rows: int) -> None:
        if next(steps) == 3:
            raise Killed

    planned = plan(room.store, ANNA)
    with pytest.raises(Killed):
        execute(room.store, planned, by="per", why=WHY, progress=kill)
    with room.store.read() as conn:
        half = conn.execute(select(erasures.c.id)).scalar_one()
    assert "did not end" in operates.get("/forget").text
    page = asked(operates)
    assert page == f"/forget/{half}"
    with room.store.write() as conn:
        conn.execute(update(erasure_drafts).values(state="erasing", seen_at=after(-61)))
    stalled = operates.get(page).text
    assert "Say below again whom it is about" in stalled
    assert faults(stalled) == []
    erase(operates, page, why="again")
    assert traces_left(room) == []
    with room.store.read() as conn:
        (proof,) = conn.execute(select(erasures)).all()
    assert (proof.by, proof.counts, proof.done_at is not None) == ("per", planned.counts, True)


def test_a_search_that_was_killed_says_so(room: Room, known: str, operates: Visitor) -> None:
    page = asked(operates)
    with room.store.write() as conn:
        conn.execute(update(erasure_drafts).values(state="searching", found=None, seen_at=after(-61)))
    shown = operates.get(page).text
    assert faults(shown) == []
    assert "Nothing was erased." in shown
    with room.store.write() as conn:
        conn.execute(update(erasure_drafts).values(state="searching", seen_at=after(0)))
    assert "It is being looked for" in operates.get(page).text
    assert erase_while_searching(operates, page) == 409


def erase_while_searching(visitor: Visitor, page: str) -> int:
    return visitor.send(f"{page}/start", shown_on="/forget", whom=ANNA, why=WHY, word="ERASE").status_code


def test_of_the_question_nothing_stays_after_an_hour(room: Room, known: str, console: Stage, operates: Visitor) -> None:
    page = asked(operates)
    with room.store.write() as conn:
        conn.execute(update(erasure_drafts).values(seen_at=after(-3601)))
    tidy(room.store, Delivery())
    gone = operates.get(page)
    assert (gone.status_code, "kept for an hour" in gone.text) == (404, True)
    erased = asked(operates)
    erase(operates, erased)
    with room.store.write() as conn:
        conn.execute(update(erasure_drafts).values(seen_at=after(-3601)))
    tidy(room.store, Delivery())
    left = operates.get(erased)
    assert (left.status_code, faults(left.text)) == (200, [])
    assert "Proof" in left.text


def test_a_viewer_sees_proofs_and_can_ask_for_nothing(room: Room, known: str, console: Stage, views: Visitor) -> None:
    page = views.get("/forget").text
    assert faults(page) == []
    assert "Nobody was erased yet." in page
    assert 'name="whom"' not in page
    assert views.send("/forget", shown_on="/forget", whom=ANNA).status_code == 403
    assert views.ask("POST", "/erasures", VIEWER, {"whom": ANNA}).status_code == 403
    assert deeds(console) == []


def test_who_is_not_known_is_said_and_not_kept(room: Room, console: Stage, operates: Visitor) -> None:
    page = asked(operates, "nobody@exempel.se")
    shown = operates.get(page).text
    assert "Nothing is kept of this person." in shown
    assert 'name="word"' not in shown
    assert "nobody@" not in dump(room)
    empty = operates.send("/forget", shown_on="/forget", whom="  ")
    assert (empty.status_code, faults(empty.text)) == (422, [])
    assert operates.ask("POST", "/erasures", OPERATOR, {"whom": 4711}).status_code == 422
    assert operates.ask("POST", "/erasures", OPERATOR, {"who": ANNA}).status_code == 422
    assert operates.ask("POST", "/erasures", OPERATOR, {"whom": "a\x00b"}).status_code == 422
    for asked_for in ("befor=1", "before=%00", "limit=0"):
        assert operates.ask("GET", f"/erasures?{asked_for}", OPERATOR).status_code == 400
    assert operates.ask("GET", "/erasures/%00", OPERATOR).status_code == 404


def test_reasons_that_name_the_person_all_the_same_are_erased(room: Room, known: str, console: Stage) -> None:
    theirs, somebodys = f"event/{known}", "event/01KB0000000000000000000000"
    told = [(theirs, f"{NAME} called"), (somebodys, f"{NAME} called"), (somebodys, f"for {ANNA}"), (theirs, "twins")]
    with room.store.write() as conn:
        for about, why in told:
            audit_of.record(conn, Actor("per", "command"), "drop", about, why=why)
    planned = plan(room.store, ANNA)
    assert planned.counts["audit"] == 2
    assert execute(room.store, planned, by="dpo", why=WHY).proof.counts["audit"] == 2
    left = [why for _, _, act, _, why in deeds(console) if act == "drop"]
    assert left == ["[erased]", f"{NAME} called", "[erased]", "twins"], "another one may have the same name"
    assert plan(room.store, ANNA).empty
