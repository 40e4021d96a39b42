"""One record: who changed this phone number is answered, and nothing of a person is shown unasked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.integration.delivery.room import Room
from tests.integration.delivery.test_forget import ANNA, NAME, PHONE, contact
from tests.integration.web.console.beside_a_worker import (
    console,
    operates,
    redis,
    room,
    running_sandbox,
    sandbox,
    valkey_url,
    views,
)
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.db.clock import after
from worker.store.db.tables import audit, calls, connections, links, records, reveals

__all__ = ["console", "operates", "redis", "room", "running_sandbox", "sandbox", "valkey_url", "views"]

WHY = "customer on the phone"
PHONE_SENT = "+46701234567"
SECRETS = (ANNA, "anna.ost", NAME, "Anna", "Öst", PHONE, "123 45 67", PHONE_SENT, "1234567")


def path_to(room: Room, resource: str) -> str:
    with room.store.read() as conn:
        row = conn.execute(select(links).where(links.c.resource == resource)).mappings().first()
    assert row is not None
    return f"/records/{row['account']}/{resource}/{row['record_id']}"


@pytest.fixture
def anna(room: Room) -> str:
    """Anna's page. Her number was told twice."""
    for minute, phone in enumerate(["08-11 22 33", PHONE]):
        done = room.run(contact(room, minute, phone=phone))
        assert done.status == "delivered", done.reason
    return path_to(room, "contact")


def acts(stage: Stage) -> list[tuple[Any, ...]]:
    with stage.store.read() as conn:
        others = audit.c.act != "sign-in"
        rows = conn.execute(select(audit).where(others).order_by(audit.c.seq))
        return [(row.who, row.via, row.act, row.why) for row in rows]


def shown(texts: str) -> list[str]:
    return [each for each in SECRETS if each in texts]


def test_who_changed_the_phone_number(room: Room, console: Stage, anna: str, operates: Visitor, views: Visitor) -> None:
    told = operates.told(anna, VIEWER)
    phone = next(field for field in told["fields"] if field["name"] == "phone")
    last = next(event for event in told["events"] if "phone" in event["decided"])
    assert (phone["event"], phone["connection"], phone["sent"]) == (last["id"], "butik", True)
    assert phone["time"] == "2026-11-02T12:01:00.000Z"
    assert (told["masked"], phone["value"]) == (True, "+467••••••67")
    assert [event["fate"] for event in told["events"]] == ["delivered", "delivered"]
    for visitor in (operates, views):
        page = visitor.get(anna).text
        assert faults(page) == []
        assert f'href="/events/{last["id"]}"' in page
        assert shown(page) == []
        for call in told["calls"]["data"]:
            assert f'href="/events/{call["event"]}"' in page


def test_calls_of_a_record_are_gone_through_without_loss(
    room: Room, console: Stage, anna: str, operates: Visitor
) -> None:
    whole = [row["id"] for row in operates.told(anna, OPERATOR)["calls"]["data"]]
    assert len(whole) > 1
    path, seen = f"{anna}?limit=1", []
    while path:
        page = operates.told(path, OPERATOR)["calls"]
        seen += [row["id"] for row in page["data"]]
        path = f"{anna}?limit=1&before={page['next']}" if page["next"] else ""
    assert seen == whole
    resource = "/".join(anna.split("/")[3:])
    listed = operates.told(f"/calls?record={resource}", OPERATOR)["data"]
    assert [row["id"] for row in listed] == whole


def test_values_are_shown_to_who_says_why_and_to_nobody_else(
    room: Room, console: Stage, anna: str, operates: Visitor, views: Visitor
) -> None:
    other = console.visitor(OPERATOR)
    answer = operates.send(f"{anna}/reveal", shown_on=anna, why=WHY)
    assert shown(other.get(anna).text) == [], "another session of the same name, which was there before"
    assert answer.status_code == 303
    page = operates.get(answer.headers["Location"])
    assert faults(page.text) == []
    assert (PHONE_SENT in page.text, "Öst" in page.text, ANNA in page.text) == (True, True, True)
    assert "Done: reveal" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert shown(views.get(answer.headers["Location"]).text) == []
    assert acts(console) == [("anna", "page", "reveal", WHY)]
    assert PHONE_SENT in operates.get(anna).text
    operates.send(f"{anna}/reveal", shown_on=anna, why="again")
    assert acts(console) == [("anna", "page", "reveal", WHY)]
    with room.store.write() as conn:
        conn.execute(update(reveals).values(until=after(-1)))
    assert shown(operates.get(anna).text) == []
    assert shown(other.get(anna).text) == []


def test_values_that_were_asked_for_before_this_session_began_are_masked(
    room: Room, console: Stage, anna: str, operates: Visitor
) -> None:
    operates.send(f"{anna}/reveal", shown_on=anna, why=WHY)
    operates.send("/sign-out", shown_on=anna)
    assert shown(console.visitor(OPERATOR).get(anna).text) == []


def test_the_admin_api_shows_values_to_operators(room: Room, console: Stage, anna: str, operates: Visitor) -> None:
    assert operates.ask("POST", f"{anna}/reveal", VIEWER, {"why": WHY}).status_code == 403
    assert operates.ask("POST", f"{anna}/reveal", OPERATOR, {}).status_code == 422
    told = operates.ask("POST", f"{anna}/reveal", OPERATOR, {"why": WHY}).get_json()
    assert PHONE_SENT in [field["value"] for field in told["fields"]]
    assert acts(console) == [("anna", "api", "reveal", WHY)]
    assert shown(operates.ask("GET", anna, OPERATOR).text) == []


def test_what_people_changed_is_known_when_it_is_read(
    room: Room, console: Stage, anna: str, operates: Visitor, views: Visitor
) -> None:
    number = anna.rpartition("/")[2]
    url = f"/api/v2/contacts/{number}?token=nyckel-kassa"
    assert room.sandbox.client.open(url, method="PUT", json={"phone": "+46 31 99 88 77"}).status_code == 200
    before = len(room.sandbox.calls())
    operates.get(anna)
    assert len(room.sandbox.calls()) == before, "opening the page costs no call"
    page = operates.send(f"{anna}/read", shown_on=anna, why=WHY)
    assert (page.status_code, faults(page.text)) == (200, [])
    assert "1 of " in page.text
    assert "= the same" in page.text
    assert "99 88 77" not in page.text
    told = operates.ask("POST", f"{anna}/read", OPERATOR, {"why": WHY}).get_json()
    assert [each["name"] for each in told["fields"] if each["same"] is False] == ["phone"]
    assert "99 88 77" not in str(told)
    assert acts(console) == [("anna", via, "read from Upsales", WHY) for via in ("page", "api")]
    assert "until it is read" in operates.get(f"{anna}/read").text
    assert views.send(f"{anna}/read", shown_on="/calls", why=WHY).status_code == 403
    with room.store.read() as conn:
        reads = conn.execute(select(calls).where(calls.c.method == "GET", calls.c.record_id == int(number))).all()
    assert len(reads) >= 2


def test_a_record_that_upsales_no_longer_has_is_said(room: Room, console: Stage, anna: str, operates: Visitor) -> None:
    url = f"/api/v2/contacts/{anna.rpartition('/')[2]}?token=nyckel-kassa"
    assert room.sandbox.client.open(url, method="DELETE").status_code == 200
    page = operates.send(f"{anna}/read", shown_on=anna, why=WHY).text
    assert "Upsales has no such record" in page
    assert faults(page) == []


def test_why_upsales_was_not_read_is_said(room: Room, console: Stage, anna: str, operates: Visitor) -> None:
    with room.store.write() as conn:
        conn.execute(update(connections).values(broken_until=after(60)))
    page = operates.send(f"{anna}/read", shown_on=anna, why=WHY)
    assert (page.status_code, faults(page.text)) == (503, [])
    assert "no connection has a key of account" in page.text
    assert operates.ask("POST", f"{anna}/read", OPERATOR, {"why": WHY}).status_code == 503
    assert acts(console) == []


def test_what_upsales_stored_otherwise_is_shown(room: Room, console: Stage, anna: str, operates: Visitor) -> None:
    with room.store.write() as conn:
        conn.execute(update(calls).where(calls.c.write).values(changed={"phone": "0701234567"}))
    (phone,) = (each for each in operates.told(anna, OPERATOR)["fields"] if each["name"] == "phone")
    assert (phone["stored"], phone["stored_at"] is not None) == ("070•••••67", True)
    assert "070•••••67" in operates.get(anna).text


def test_a_record_of_which_little_is_kept_and_one_of_which_nothing_is(
    room: Room, console: Stage, anna: str, operates: Visitor, views: Visitor
) -> None:
    with room.store.write() as conn:
        conn.execute(delete(records))
        conn.execute(delete(calls))
    for visitor in (operates, views):
        page = visitor.get(anna).text
        assert faults(page) == []
        assert "What it holds is not known" in page
        assert "No call about it is kept." in page
    gone = operates.get("/records/1/contact/999999")
    assert (gone.status_code, faults(gone.text)) == (404, [])
    for missing in ("/records/1/company/1", "/records/1/contact/99999999999999999999", "/records/x/contact/1"):
        assert operates.get(missing).status_code == 404
    assert operates.ask("GET", "/records/1/contact/999999", OPERATOR).status_code == 404
    assert operates.ask("POST", "/records/1/contact/999999/reveal", OPERATOR, {"why": WHY}).status_code == 404
    assert acts(console) == []
