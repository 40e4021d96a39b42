"""A person sees side by side what comes into question, decides, and what waited for it is tried again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.integration.delivery.conftest import room, running_sandbox, sandbox
from tests.integration.delivery.desk import CONFIG, Desk
from tests.integration.delivery.room import KEYS, Room
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.plan import QualifiedKey
from worker.settings import load
from worker.store.db.tables import audit, events
from worker.upsales.budget import Budget, Past

__all__ = ["room", "running_sandbox", "sandbox"]

ORG_NO = "5999990046"
WHY = "telefon med kunden"
NONE = "\N{EN DASH}"


@pytest.fixture
def stage(room: Room, tmp_path: Path) -> Iterator[Stage]:
    """The console of the room's installation."""
    config = tmp_path / "relay.toml"
    config.write_text(CONFIG, "utf-8")
    environ = {
        **{name: key for name, key in room.environ.items() if "EGEN" not in name},
        "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
        "RELAY_VIEWER_TOKEN": f"vera:{VIEWER}",
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": room.settings.database_url,
        "REDIS_URL": str(room.settings.redis_url),
        "UPSALES_BASE_URL": room.settings.upsales.base_url,
    }
    made = Stage(load(environ), environ)
    yield made
    made.store.close()
    if "runtime" in made.parts.__dict__:
        made.parts.runtime.close()


@pytest.fixture
def twins(room: Room) -> Sequence[int]:
    return [by_hand(room, letter) for letter in "AB"]


def by_hand(room: Room, letter: str, org_no: str = ORG_NO) -> int:
    row = {"name": f"Åkeri {letter} AB", "orgNo": org_no}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


def contact(room: Room, number: str) -> str:
    client = {"id": "K-1", "name": "Åkeri A AB", "orgNo": ORG_NO}
    person = {"id": number, "email": f"{number}@example.com", "firstName": "Åsa", "client": client}
    return room.run(room.take("butik", {"id": number, "type": "contact.upsert", "data": person}).id).id


def lost(room: Room) -> str:
    """An event whose create got no answer, in review for it."""
    data = {
        "id": "M-1",
        "description": "Hälsade på",
        "client": {"id": "K-1", "name": "Å AB"},
        "user": "sales@example.com",
    }
    event = room.take("butik", {"id": "e", "type": "comment.create", "data": data}).id
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="comments", count=1)
    room.run(event)
    room.come()
    assert room.run(event).status == "review"
    return event


def reads(room: Room) -> int:
    return len([call for call in room.sandbox.calls(resource="accounts") if call["method"] == "GET"])


def text(answer: TestResponse) -> str:
    """What is read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, answer.text
    return unescape(found[1])


def confirmed(visitor: Visitor, event: str, decision: str, **more: str) -> dict[str, str]:
    """What the confirmation page would send."""
    query = "&".join(f"{name}={value}" for name, value in {"decision": decision, **more}.items())
    page = visitor.get(f"/review/{event}/decision?{query}")
    assert page.status_code == 200, text(page)
    assert faults(page.text) == []
    return {name: hidden(page, name) for name in ("decision", "record", "key", "tag")}


def send(visitor: Visitor, event: str, fields: Mapping[str, str], why: str = WHY) -> TestResponse:
    return visitor.send(f"/review/{event}/decision", shown_on="/review", **{**fields, "why": why})


def deeds(stage: Stage, act: str = "review-%") -> list[tuple[str, str, str, str | None, str | None]]:
    with stage.store.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.act.like(act)).order_by(audit.c.seq))
        return [(row.who, row.act, row.about, row.why, row.outcome) for row in rows]


def tag(visitor: Visitor, event: str) -> str:
    return visitor.ask("GET", f"/reviews/{event}", OPERATOR).headers["ETag"]


def decide(visitor: Visitor, event: str, body: Mapping[str, Any], match: str | None = None) -> TestResponse:
    told = {"If-Match": match or tag(visitor, event)}
    return visitor.ask("POST", f"/reviews/{event}/decision", OPERATOR, {"why": WHY, **body}, **told)


def use_up(stage: Stage, connection: str = "butik") -> None:
    """More than half of a window of its key."""
    keys, upsales = stage.parts.keys, stage.settings.upsales
    key = keys.fingerprint(keys.api_key(connection))
    budget = Budget(stage.parts.redis, key, upsales, lambda *_: Past(()))
    for _ in range(upsales.calls[0].limit // 2 + 1):
        budget.take(write=False)
        budget.learn({})


def test_two_companies_that_match_stand_side_by_side(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]

    listed = operator.get("/review")
    page = operator.get(f"/review/{people[0]}")

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


def test_who_decides_is_told_what_it_does_and_everything_that_waited_goes_on(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]
    page = operator.get(f"/review/{people[0]}/decision?decision=adopt-{twins[1]}")
    told = text(page)
    assert f"It links account K-1 of butik to account/{twins[1]}, which Upsales calls: Åkeri B AB, 599•••••46." in told
    assert re.search(r"It will create contact : \d fields \(", told)
    assert "It tries 2 events again." in told

    done = send(operator, people[0], confirmed(operator, people[0], f"adopt-{twins[1]}"))

    assert done.status_code == 303
    after = operator.get(done.headers["Location"])
    assert f"Done: review-adopt, account/{twins[1]}; tried again: 2. By anna" in text(after)
    assert "It waits for no decision." in text(after)
    assert faults(after.text) == []
    assert deeds(stage) == [("anna", "review-adopt", f"event/{people[0]}", WHY, f"account/{twins[1]}; tried again: 2")]
    assert {room.run(each).status for each in people} == {"delivered"}
    assert {record["client"]["id"] for record in room.sandbox.records("contacts")} == {twins[1]}


def test_programs_decide_the_same_and_say_what_they_saw(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    told = operator.ask("GET", f"/reviews/{event}/candidates", VIEWER)
    found = told.get_json()
    assert [(each["record"], each["there"], each["linked_to"]) for each in found["candidates"]] == [
        (twins[0], True, []),
        (twins[1], True, []),
    ]
    assert (found["asked"], found["spent"], found["can"]) == ("account K-1 of butik", 2, ["adopt", "drop"])

    body = {"decision": "adopt", "record": twins[0], "key": "account:K-1"}
    without = operator.ask("POST", f"/reviews/{event}/decision", OPERATOR, {**body, "why": WHY})
    done = decide(operator, event, body, told.headers["ETag"])

    assert without.status_code == 428
    assert (done.status_code, done.get_json()) == (200, {"tried_again": 1})
    assert room.run(event).status == "delivered"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"decision": "adopt"}, 422, "#/record"),
        ({"decision": "adopt", "record": 4711}, 422, "#/record"),
        ({"decision": "adopt", "record": True}, 422, "#/record"),
        ({"decision": "merge"}, 422, "#/decision"),
        ({"decision": "drop", "record": 3}, 422, "#/record"),
        ({"decision": "drop", "why": " "}, 422, "#/why"),
        ({"decision": "drop", "reason": "nej"}, 422, "#/reason"),
        ({"decision": "adopt", "record": 3, "key": "account:K-99"}, 422, "#/key"),
        ({"decision": "create"}, 409, None),
    ],
)
def test_what_is_no_decision_is_refused(
    room: Room,
    stage: Stage,
    operator: Visitor,
    twins: Sequence[int],
    body: dict[str, Any],
    status: int,
    pointer: str | None,
) -> None:
    event = contact(room, "P-1")
    refused = decide(operator, event, body)
    found = refused.get_json()
    assert (refused.status_code, found.get("errors", [{}])[0].get("pointer")) == (status, pointer), found
    assert (room.event(event).status, deeds(stage)) == ("review", [])
    assert len(twins) == 2


def test_a_typed_id_is_looked_up_before_it_is_taken(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event, third = contact(room, "P-1"), by_hand(room, "Ö", "5512340000")
    missing = operator.get(f"/review/{event}/decision?decision=another&record=99999")
    assert (missing.status_code, faults(missing.text)) == (422, [])
    assert "Upsales has no account 99999" in text(missing)
    assert 'value="99999"' in missing.text
    for nonsense in ("", "ett", "-1", "0", "9" * 30):
        refused = operator.get(f"/review/{event}/decision?decision=another&record={nonsense}")
        assert (refused.status_code, faults(refused.text)) == (422, [])
    named = operator.get(f"/review/{event}/decision?decision=another&record={third}")
    assert "which Upsales calls: Åkeri Ö AB" in text(named)
    assert send(operator, event, confirmed(operator, event, "another", record=str(third))).status_code == 303
    room.run(event)
    assert [record["client"]["id"] for record in room.sandbox.records("contacts")] == [third]
    assert len(twins) == 2


def test_a_create_that_got_no_answer_is_made_again(room: Room, stage: Stage, operator: Visitor) -> None:
    event = lost(room)
    page = operator.get(f"/review/{event}")
    assert faults(page.text) == []
    assert "Its create was sent and got no answer." in text(page)
    fields = confirmed(operator, event, "create")
    done = send(operator, event, fields)
    assert done.status_code == 303
    assert deeds(stage) == [("anna", "review-create", f"event/{event}", WHY, "comment made again; tried again: 1")]
    assert room.run(event).status == "delivered"
    assert len(room.sandbox.records("comments")) == 1


def test_for_a_create_without_an_answer_upsales_is_searched(room: Room, stage: Stage, operator: Visitor) -> None:
    room.sandbox.fault(kind="drop_after_commit", method="POST", resource="accounts", count=1)
    event = room.company("1", orgNo=ORG_NO)
    room.run(event)
    room.ask(event, "något är oklart", QualifiedKey("butik", "account", "K-1"))
    (made,) = room.sandbox.records("accounts")
    page = text(operator.get(f"/review/{event}"))
    assert f"A account/{made['id']}" in page
    assert "orgNo 599•••••46 599•••••46 =" in page


def test_what_took_the_place_of_a_deleted_record_is_adopted(room: Room, stage: Stage, operator: Visitor) -> None:
    room.run(room.company("1"))
    (record,) = room.sandbox.records("accounts")
    room.sandbox.client.open(f"/api/v2/accounts/{record['id']}?token={KEYS['butik']}", method="DELETE")
    event = room.company("1", minute=1, notes="ny")
    assert room.run(event).status == "ignored"
    again = by_hand(room, "A")

    page = operator.get(f"/review/{event}")
    assert "A person deleted its record in Upsales." in text(page)
    assert 'value="drop"' not in page.text
    fields = confirmed(operator, event, "another", record=str(again))
    first, second = (send(operator, event, fields) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    with stage.store.read() as conn:
        ids = conn.execute(select(events.c.id).order_by(events.c.seq)).scalars().all()
    assert len(ids) == 3
    assert room.run(ids[-1]).status == "delivered"
    assert [(found["id"], found["notes"]) for found in room.sandbox.records("accounts")] == [(again, "ny")]
    assert len(deeds(stage)) == 1


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


def test_what_does_not_matter_ends_as_ignored(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event, other = contact(room, "P-1"), contact(room, "P-2")
    page = operator.get(f"/review/{event}/decision?decision=drop")
    assert "1 other event that wait for the same decision" in text(page)
    done = send(operator, event, confirmed(operator, event, "drop"))
    assert done.status_code == 303
    assert room.fate(event) == ("ignored", f"dropped by a person: {WHY}")
    assert room.event(other).status == "review"
    assert deeds(stage) == [("anna", "review-drop", f"event/{event}", WHY, "dropped")]
    assert len(twins) == 2


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
    chosen = operator.get(f"/review/{event}?about={number}")
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
    page = viewer.get(f"/review/{event}")
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


def test_while_upsales_is_away_nothing_is_adopted_and_the_page_says_so(
    room: Room, stage: Stage, operator: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    room.sandbox.fault(kind="html_502", method="GET", resource="accounts")
    page = operator.get(f"/review/{event}")
    assert (page.status_code, faults(page.text)) == (200, [])
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
    for _ in range(2):
        operator.get(f"/review/{event}")
    assert reads(room) == before + 2 == before + len(twins)


def test_what_is_personal_is_shown_to_who_asks_and_says_why(
    room: Room, stage: Stage, operator: Visitor, viewer: Visitor, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    asked = operator.send(f"/review/{event}/reveal", shown_on="/review", why=WHY)
    assert asked.status_code == 303
    seen = operator.get(asked.headers["Location"])
    assert faults(seen.text) == []
    assert f"orgNo {ORG_NO} {ORG_NO} = {ORG_NO} =" in text(seen)
    assert "You see what may be personal until" in text(seen)
    operator.send(f"/review/{event}/reveal", shown_on="/review", why=WHY)
    assert deeds(stage, "reveal") == [("anna", "reveal", f"event/{event}", WHY, None)]
    for other in (viewer, stage.visitor(OPERATOR)):
        assert ORG_NO not in other.get(f"/review/{event}").text
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


def test_commands_keep_who_and_why_too(room: Room, stage: Stage, twins: Sequence[int], tmp_path: Path) -> None:
    desk = Desk(room, tmp_path)
    first, second, third = (contact(room, each) for each in ("P-1", "P-2", "P-3"))
    desk("review", "drop", second, "--reason", "dubblett", "--by", "per")
    desk("review", "adopt", first, str(twins[0]), "--yes", "--by", "per", "--why", "kunden sade det")
    assert deeds(stage) == [
        ("per", "review-drop", f"event/{second}", "dubblett", "dropped"),
        ("per", "review-adopt", f"event/{first}", "kunden sade det", f"account/{twins[0]}; tried again: 2"),
    ]
    assert room.event(third).status == "pending"
