"""One field finds what a person has in hand, and nothing personal stands in an address or in the audit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import literal, select

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.delivery.searchable import make_searchable
from worker.store.db.clock import now
from worker.store.db.tables import audit, connections, events, records, terms

ANNA = "Anna.Ost@Exempel.se"
PAYLOAD = {
    "order": {"number": 991_234, "buyer": {"email": ANNA.lower(), "orgNo": "556677-8890"}},
    "note": "Åkeri i Norr",
}


def told(stage: Stage, event_id: str, payload: Any, subject: str = "order:1", connection: str = "butik") -> str:
    body = json.dumps(payload).encode()
    (receipt,) = take_in(
        stage.store, arrival(event(event_id, subject), body=body, received_at=None, connection=connection)
    )
    return receipt.events[0].id


def indexed(stage: Stage) -> None:
    make_searchable(stage.store, stage.settings.connections)


def leads_to(visitor: Visitor, value: str, **more: str) -> str:
    answer = visitor.send("/searches", headers=SAME_SITE, value=value, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def audited(stage: Stage) -> list[tuple[str, str, str | None]]:
    with stage.store.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.act == "find").order_by(audit.c.seq)).all()
    return [(row.who, row.about, row.why or row.outcome) for row in rows]


def test_one_hit_of_an_id_goes_to_its_page(stage: Stage, operator: Visitor) -> None:
    ours = told(stage, "sender-4711", PAYLOAD)
    assert leads_to(operator, f" {ours.lower()} ") == f"/events/{ours}"
    assert leads_to(operator, "sender-4711") == f"/events/{ours}"
    assert leads_to(operator, "order:1") == "/events?subject=order%3A1"
    assert audited(stage) == []


def test_a_senders_id_that_several_use_is_a_choice(stage: Stage, operator: Visitor) -> None:
    both = [told(stage, "4711", PAYLOAD, connection=name) for name in ("butik", "natt")]
    page = operator.send("/searches", value="4711")
    assert page.status_code == 200
    assert all(f'href="/events/{each}"' in page.text for each in both)
    assert faults(page.text) == []


@pytest.mark.parametrize(("typed", "path"), [("account/3310", "account/3310"), ("D9912", "order/9912")])
def test_an_upsales_id_goes_to_the_record(stage: Stage, operator: Visitor, typed: str, path: str) -> None:
    resource, _, number = path.partition("/")
    with stage.store.write() as conn:
        conn.execute(connections.insert().values(name="butik", account=41))
        row = {"account": 41, "resource": resource, "record_id": int(number), "fields": {}, "touched_at": now(conn)}
        conn.execute(records.insert().values(**row))
    assert leads_to(operator, typed) == f"/records/41/{path}"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [(ANNA, "e-mail"), ("5566778890", "organisation-number"), ("åkeri i norr", "text"), ("991234", "text")],
)
def test_a_value_is_found_by_its_hash_and_both_roles_may_look(
    stage: Stage, operator: Visitor, viewer: Visitor, typed: str, kind: str
) -> None:
    told(stage, "e1", PAYLOAD)
    told(stage, "e2", {"order": {"number": 991_235}})
    indexed(stage)
    for visitor in (operator, viewer):
        there = leads_to(visitor, typed)
        assert there.startswith(f"/events?term={kind}%3A")
        page = visitor.get(there)
        assert "1 event" in page.text
        assert "found in <code>" in page.text
        assert faults(page.text) == []
        assert typed.lower() not in there.lower()
    hashed = there.partition("term=")[2].replace("%3A", ":")
    assert audited(stage) == [("anna", f"search/{hashed}", None), ("vera", f"search/{hashed}", None)]


def test_a_program_asks_for_a_term_and_lists_by_it(stage: Stage, operator: Visitor) -> None:
    told(stage, "e1", PAYLOAD)
    indexed(stage)
    answer = operator.ask("POST", "/searches", VIEWER, {"kind": "e-mail", "value": ANNA})
    assert answer.status_code == 200
    found = answer.get_json()
    assert (found["kind"], found["matches"].partition("=")[0]) == ("e-mail", "events?term")
    (row,) = operator.told(f"/{found['matches']}", OPERATOR)["data"]
    assert row["found_in"] == ["order.buyer.email"]
    assert operator.told("/" + found["matches"].replace("events?", "events/count?"), OPERATOR) == {
        "count": 1,
        "exact": True,
    }


def test_a_field_and_other_filters_narrow_what_holds_a_value(stage: Stage, operator: Visitor) -> None:
    told(stage, "e1", PAYLOAD)
    told(stage, "e2", {"parent": {"number": 991_234}}, connection="natt")
    indexed(stage)
    for field, names in {"order.number": ["e1"], "number": ["e2", "e1"], "umber": [], "buyer.number": []}.items():
        there = leads_to(operator, "991234", field=field, within="")
        asked = there.partition("?")[2]
        told_by_api = operator.told(f"/events?{asked}", OPERATOR)
        assert [row["event_id"] for row in told_by_api["data"]] == names, field
        assert operator.told(f"/events/count?{asked}", OPERATOR)["count"] == len(names)
    narrowed = leads_to(operator, "991234", within="connection=natt&fate=waiting")
    assert narrowed.startswith("/events?connection=natt&fate=waiting&term=")
    assert "1 event" in operator.get(narrowed).text


def test_the_list_says_how_far_payloads_can_be_found(stage: Stage, operator: Visitor) -> None:
    told(stage, "e1", PAYLOAD)
    indexed(stage)
    told(stage, "e2", PAYLOAD)
    there = leads_to(operator, ANNA)
    page = operator.get(there)
    assert "1 event" in page.text
    assert "Payloads searched up to" in page.text
    indexed(stage)
    page = operator.get(there)
    assert "2 events" in page.text
    assert "All payloads are searched." in page.text


def test_what_is_no_longer_in_the_payload_is_no_hit(stage: Stage, operator: Visitor) -> None:
    """As a value whose hash happens to be the same."""
    told(stage, "e1", PAYLOAD)
    there = leads_to(operator, "stand-in")
    with stage.store.write() as conn:
        hashed = int.from_bytes(bytes.fromhex(there.rpartition("%3A")[2]), "big", signed=True)
        conn.execute(terms.insert().from_select(["term", "seq"], select(literal(hashed), events.c.seq)))
    assert "No event has these filters." in operator.get(there).text.replace("\n", "")


@pytest.mark.parametrize("value", ["", "  ", "åä", "x" * 600])
def test_what_is_too_short_or_too_long_is_said(operator: Visitor, value: str) -> None:
    page = operator.send("/searches", value=value)
    assert page.status_code == 400
    assert "must have 3 to 128 characters" in page.text
    assert faults(page.text) == []
    answer = operator.ask("POST", "/searches", OPERATOR, {"value": value})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/value")


def test_what_a_program_sends_wrong_is_named(operator: Visitor) -> None:
    for body, pointer in [
        ({"valeu": "x"}, "#/valeu"),
        ({"value": 4711}, "#/value"),
        ({"value": "x", "kind": "?"}, "#/kind"),
        ({"value": ANNA, "field": "order\x00"}, "#/field"),
        ({"value": ANNA, "field": ""}, "#/field"),
        ({"value": ANNA, "within": "fate=daed"}, "#/within"),
    ]:
        answer = operator.ask("POST", "/searches", OPERATOR, body)
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_a_search_comes_from_a_page_of_ours(operator: Visitor) -> None:
    assert operator.client.post("/searches", data={"value": ANNA}).status_code == 403
    answer = operator.get("/events?term=e-mail:nonsense")
    assert answer.status_code == 400
    assert operator.get("/events?field=order.number").status_code == 400
