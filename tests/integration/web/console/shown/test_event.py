"""The page of one event: its whole truth, whatever became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import Connection, delete, select, update
from ulid import ULID

from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from tests.integration.web.console.told import (
    SECRET,
    WORDS,
    bound,
    called,
    company,
    contact,
    ended,
    receive,
)
from worker.plan import Key, QualifiedKey
from worker.settings import load
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.engine import ReadTimeout
from worker.store.db.tables import audit, calls, events, lanes, requests
from worker.store.events.replay import replay
from worker.store.lanes import connections
from worker.store.ledger import links
from worker.store.people import audit as deeds
from worker.store.people.audit import Actor
from worker.store.privacy.masking import ERASED

SECTIONS = ("stands", "why", "received", "read", "planned", "calls", "records", "later", "people")
PARTS = ("", "/request", "/plan", "/calls", "/records", "/history")


def page_of(visitor: Visitor, event: str, status: int = 200) -> str:
    answer = visitor.get(f"/events/{event}")
    assert answer.status_code == status, answer.text
    assert faults(answer.text) == []
    return answer.text


def section(page: str, name: str) -> str:
    """What is read in a section."""
    found = re.search(rf'<section[^>]* id="{name}">(.*?)</section>', page, re.DOTALL)
    assert found is not None, name
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


def without_person(stage: Stage, visitor: Visitor, event: str) -> None:
    texts = [page_of(visitor, event), *(visitor.ask("GET", f"/events/{event}{part}", VIEWER).text for part in PARTS)]
    for text in texts:
        for word in (*WORDS, SECRET, "192.0.2.7", "Anna"):
            assert word not in text, f"{word}: {text}"


def test_every_section_is_there_for_both_and_only_operators_may_act(
    stage: Stage, operator: Visitor, viewer: Visitor
) -> None:
    event = receive(stage, contact())
    for visitor in (operator, viewer):
        page = page_of(visitor, event)
        assert [section(page, name) for name in SECTIONS]
        for each in ("Received", "Read", "Fetched", "Planned", "Calls", "Records", "Later", "People"):
            assert f"<h2>{each}</h2>" in page
    for action in ("replay", "drop", "urgent", "hold", "ask-now"):
        assert f'href="/events/{event}/{action}"' in page_of(operator, event)
        assert f"/{action}" not in page_of(viewer, event)
    assert "operators can act on this" in page_of(viewer, event)
    assert "/reveal" not in page_of(viewer, event)


def test_nobody_is_named_to_who_did_not_ask(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    bound(stage)
    person, firm = receive(stage, contact()), receive(stage, company())
    ended(stage, person, "dead", "contact: two are called Åsa Öberg, asa.oberg@example.com", note="phone 070-174 06 05")
    called(stage, person, state="failed", status=400, error="no such e-mail: asa.oberg@example.com")
    called(stage, person, record_id=7, changed={"name": "Åsa", "email": "asa.oberg@example.com"})
    for visitor in (operator, viewer):
        without_person(stage, visitor, person)
        without_person(stage, visitor, firm)


def test_what_was_received_and_which_place_told_what(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact(), **{"webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"})
    page = page_of(operator, event)
    received = section(page, "received")
    assert "POST /webhooks/butik · " in received
    assert "Headers (4)" in received
    assert re.search(r"authorization Bearer fingerprint:[0-9a-f]{12}", received)
    assert "x-forwarded-for 1••.•.•.•" in received
    assert "till A•••• (4)" in received
    assert '"type": "contact.upsert"' in received
    assert "Å•••• (9)" in page
    read = section(page, "read")
    assert "time 2026-11-02T12:00:00+00:00 time" in read
    assert 'subject contact:P-7 "contact" + data.id' in read
    assert "type contact.upsert type" in read
    assert "id msg_2KWPBgLlAfxdpx2AI54pPJ85f4W header webhook-id" in read
    told = operator.told(f"/events/{event}/request", OPERATOR)
    assert (told["kind"], told["gone"], told["position"]) == ("json", None, 0)
    assert '"id": "P-7"' in told["body"]
    assert told["masked"] >= 3


def test_what_is_planned_now_with_its_rule_its_fields_and_its_links(stage: Stage, operator: Visitor) -> None:
    bound(stage)
    event = receive(stage, contact())
    plan = operator.told(f"/events/{event}/plan", OPERATOR)
    assert plan["state"] == "planned"
    assert plan["rule"].startswith("generic: contact.upsert → ")
    (upsert,) = [each for each in plan["upserts"] if each["resource"] == "contact"]
    assert upsert["key"] == "P-7"
    assert {"by": "email", "value": "•@e•••.com"} in upsert["match"]
    assert {each["name"] for each in upsert["fields"]} >= {"firstName", "email", "phone"}
    assert {"field": "client", "to": "account K-17"} in upsert["links"]
    assert plan["ending"] or plan["calls"]
    assert "generic: contact.upsert" in section(page_of(operator, event), "planned")


def test_the_calls_in_their_order_with_what_upsales_stored_otherwise(stage: Stage, operator: Visitor) -> None:
    bound(stage)
    event = receive(stage, contact())
    called(stage, event, method="GET")
    called(stage, event, record_id=77, changed={"probability": 10})
    ended(stage, event, "delivered")
    told = operator.told(f"/events/{event}/calls", OPERATOR)
    assert [(call["method"], call["record"], call["unanswered"]) for call in told["data"]] == [
        ("GET", None, False),
        ("POST", 77, False),
    ]
    page = page_of(operator, event)
    assert "200" in section(page, "calls")
    assert "41 ms" in section(page, "calls")
    assert "stored otherwise: probability 10" in section(page, "calls")
    assert 'href="/records/41/contact/77"' in page
    assert 'href="/calls?key=9c1e9c1e9c1e"' in page
    assert "Upsales holds what it says." in section(page, "why")


def test_a_call_without_an_answer_says_when_it_is_looked_for(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    called(stage, event, state="unknown", status=None, looks=2, verify_at=after(60))
    shown = section(page_of(operator, event), "calls")
    assert "sent, not answered; looked for 2 times in vain; looked for again" in shown
    (call,) = operator.told(f"/events/{event}/calls", OPERATOR)["data"]
    assert call["unanswered"]
    assert call["look_at"]


def test_the_records_that_it_means_with_their_links(stage: Stage, operator: Visitor) -> None:
    bound(stage)
    event = receive(stage, contact())
    with stage.store.write() as conn:
        links.join(conn, "butik", Key("contact", "P-7"), 41, 3310)
    (found,) = operator.told(f"/events/{event}/records", OPERATOR)["data"]
    assert (found["resource"], found["key"], found["state"], found["account"], found["id"]) == (
        "contact", "P-7", "linked", 41, 3310,
    )  # fmt: skip
    page = page_of(operator, event)
    assert 'href="/records/41/contact/3310"' in page


def test_what_came_later_about_the_same_thing(stage: Stage, operator: Visitor) -> None:
    first = receive(stage, contact("e1"))
    others = [receive(stage, contact(f"e{n}")) for n in range(2, 25)]
    told = operator.told(f"/events/{first}/history", OPERATOR)["later"]
    assert [each["id"] for each in told["data"]] == others[:20]
    assert told["more"]
    page = page_of(operator, first)
    assert f'href="/events/{others[0]}"' in page
    assert "subject=contact%3AP-7" in page
    assert "23 events about the same thing wait behind it." in section(page, "why")
    assert "1 event about the same thing goes before it." in section(page_of(operator, others[0]), "why")


def test_what_people_did_about_it(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    with stage.store.write() as conn:
        deeds.record(conn, Actor("per", "command"), "urgent", f"event/{event}", why="the customer waits")
        seq = deeds.record(conn, Actor("anna", "page"), "hold", f"event/{event}", outcome="held")
        other = deeds.record(conn, Actor("anna", "page"), "hold", "event/other")
    shown = section(page_of(operator, event), "people")
    assert re.search(r"per \(command\): urgent “the customer waits” .* anna \(page\): hold, held", shown)
    assert "Done: hold, held. By anna" in operator.get(f"/events/{event}?done={seq}").text
    for no in (other, "x", "9" * 30, "٣"):
        assert "Done:" not in operator.get(f"/events/{event}?done={no}").text


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("dead", 'stage "Vunnen" is unknown', 'stage "Vunnen" is unknown It is not tried again by itself'),
        ("review", "2 companies match", "2 companies match It waits for a person to decide."),
        ("delivered", None, "Upsales holds what it says."),
        ("superseded", None, "Nothing of it was left to write."),
        ("ignored", "ignores ping", "ignores ping"),
    ],
)
def test_how_it_ended_and_why(stage: Stage, operator: Visitor, status: str, reason: str | None, said: str) -> None:
    event = receive(stage, contact())
    ended(stage, event, status, reason, done_at=after(0))
    page = page_of(operator, event)
    assert said in section(page, "why")
    assert f"{status} since" in section(page, "stands")
    assert ("a person is needed" in section(page, "calls")) is (status in ("dead", "review"))
    assert operator.told(f"/events/{event}", OPERATOR)["fate"] == status


def test_what_is_asked_of_a_person(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    key = QualifiedKey("butik", "account", "K-17")
    ended(stage, event, "review", "2 companies match", review_key=key, candidates=[3310, 8842])
    page = page_of(operator, event)
    assert "which record butik:account:K-17 is; in question: 3310, 8842" in section(page, "why")
    assert f'href="/review/{event}"' in page


def test_what_waits_says_for_what_and_until_when(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    assert "It is due: the next free worker takes it." in section(page_of(operator, event), "why")
    with stage.store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(600)))
        conn.execute(update(events).values(reason="the call windows are full"))
    assert "the call windows are full It is tried again at" in section(page_of(operator, event), "why")
    with stage.store.write() as conn:
        connections.locked(conn, "butik")
        connections.change(conn, "butik", state="paused", reason="Upsales does not accept the API key", since=after(0))
    assert "The connection is paused: Upsales does not accept the API key. Since" in section(
        page_of(operator, event), "why"
    )
    with stage.store.write() as conn:
        connections.change(conn, "butik", state="active", reason=None, broken_until=after(60))
    assert "Upsales does not answer. It is asked again at" in section(page_of(operator, event), "why")
    with stage.store.write() as conn:
        conn.execute(update(lanes).values(owner="worker-1", lease_until=after(30)))
    assert "A worker has it in hand now." in section(page_of(operator, event), "why")


def test_a_replay_says_that_it_is_one(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    ended(stage, event, "delivered", done_at=after(0))
    again = replay(stage.store, event)
    assert "delivers an older event once more" in section(page_of(operator, again), "stands")
    assert [each["id"] for each in operator.told(f"/events/{event}/history", OPERATOR)["later"]["data"]] == [again]


def test_a_body_that_was_deleted_or_erased_says_so(stage: Stage, operator: Visitor) -> None:
    old, erased, without = (receive(stage, contact(f"e{n}", id=f"P-{n}")) for n in range(3))
    ended(stage, old, "delivered", received_at=after(-31 * 86400))
    ended(stage, erased, "delivered", ERASED)
    ended(stage, without, "delivered")
    with stage.store.write() as conn:
        conn.execute(delete(requests))
    for event, said in ((old, "kept for 30 days"), (erased, "it was erased"), (without, "it was erased")):
        page = page_of(operator, event)
        assert said in section(page, "received")
        assert "its request is not kept any more" in section(page, "planned")
        assert "nobody can tell any more" in section(page, "read")
        assert "/reveal" not in page
        assert operator.told(f"/events/{event}/request", OPERATOR)["body"] is None
        assert operator.ask("POST", f"/events/{event}/reveal", OPERATOR, {"why": "frågad"}).status_code == 409


def test_a_body_that_was_erased_in_part_is_not_planned(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact(name=ERASED))
    page = page_of(operator, event)
    assert ERASED in page
    assert "its request was erased, in whole or in part" in section(page, "planned")


def test_what_can_no_longer_be_read_or_planned_has_its_page(stage: Stage, operator: Visitor) -> None:
    unread, wrong = receive(stage, contact()), receive(stage, contact("e2", email=17))
    with stage.store.write() as conn:
        mine = requests.c.id == select(events.c.request_id).where(events.c.id == unread).scalar_subquery()
        conn.execute(update(requests).where(mine).values(body=b"Asa Oberg \xff"))
    page = page_of(operator, unread)
    assert "masked as a whole" in section(page, "received")
    assert "Asa" not in page
    assert "It can't be planned now: …: the body is not JSON." in section(page, "planned")
    assert "It can't be planned now: contact.upsert: " in section(page_of(operator, wrong), "planned")
    assert operator.told(f"/events/{wrong}/plan", OPERATOR)["state"] == "impossible"


def test_a_type_that_no_rule_takes_is_told_with_its_near_ones(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, {**contact(), "type": "contact.upsrt"})
    page = page_of(operator, event)
    assert "did you mean contact.upsert" in section(page, "planned")
    assert "no rule for contact.upsrt" in section(page, "planned")


def test_a_connection_that_is_misconfigured_or_gone_has_its_events_pages(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact(), "natt")
    config = stage.settings.config
    assert config is not None
    environ = {
        "RELAY_CONFIG": str(config),
        "DATABASE_URL": stage.settings.database_url,
        "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
    }
    for table, said in (
        ('[connections.natt]\nconnector = "generik"\n', "misconfigured"),
        ("", "not in the settings any more"),
    ):
        config.write_text(f'[connections.butik]\nconnector = "generic"\n{table}', "utf-8")
        later = Stage(load(environ), environ)
        page = page_of(later.visitor(OPERATOR), event)
        assert said in section(page, "planned")
        assert "It waits until that is mended." in section(page, "why")
        assert "Å•••• (9)" in page
        assert "Öberg" not in page
        later.store.close()


def test_an_id_that_nothing_has_says_how_long_events_are_kept(stage: Stage, operator: Visitor) -> None:
    old = str(ULID.from_datetime(datetime.now(UTC) - timedelta(days=40)))
    page = page_of(operator, old, 404)
    assert "kept for 30 days, so it was deleted since" in page
    assert "Nothing came under it" in page_of(operator, str(ULID()), 404)
    for no_id in ("nonsense", "01KB%20", "8" * 26, "å" * 26):
        page = page_of(operator, no_id, 404)
        assert "holds no id of an event" in page
    told = operator.ask("GET", f"/events/{old}", OPERATOR)
    assert (told.status_code, told.content_type) == (404, "application/problem+json")
    assert "kept for 30 days" in told.get_json()["detail"]
    for part in PARTS:
        assert operator.ask("GET", f"/events/{old}{part}", OPERATOR).status_code == 404
    assert operator.send(f"/events/{old}/reveal", why="frågad").status_code == 404


def test_a_tag_stays_as_long_as_all_that_is_told(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    first = operator.ask("GET", f"/events/{event}", OPERATOR)
    tag = first.headers["ETag"]
    assert first.get_json()["version"] == tag.strip('"')
    same = operator.ask("GET", f"/events/{event}", OPERATOR, **{"If-None-Match": tag})
    assert (same.status_code, same.text) == (304, "")
    ended(stage, event, "dead", "it is wrong")
    changed = operator.ask("GET", f"/events/{event}", OPERATOR, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_subject_that_is_an_address_is_in_no_address_of_a_page(stage: Stage, operator: Visitor) -> None:
    told = {"id": "e1", "type": "contact.upsert", "subject": "asa.oberg@example.com", "data": {"id": "P-7"}}
    first = receive(stage, told)
    for n in range(25):
        receive(stage, {**told, "id": f"f{n}"})
    page = page_of(operator, first)
    assert "asa.oberg" not in page
    assert "And more." in section(page, "later")


def test_one_event_of_many_is_shown_with_the_place_of_its_own(stage: Stage, operator: Visitor) -> None:
    receive(stage, [company("a"), contact("b")])
    with stage.store.read() as conn:
        second = conn.execute(select(events.c.id).where(events.c.event_id == "b")).scalar_one()
    page = page_of(operator, second)
    assert "element 2 of its body" in section(page, "received")
    without_person(stage, operator, second)


def test_nobody_else_sees_it(stage: Stage) -> None:
    event = receive(stage, contact())
    assert stage.visitor().get(f"/events/{event}").status_code == 303
    assert stage.visitor().client.get(f"/api/v1/events/{event}").status_code == 401
    for method in ("POST", "PUT", "DELETE"):
        sent = stage.visitor(OPERATOR).client.open(f"/events/{event}", method=method, headers=SAME_SITE)
        assert sent.status_code in (403, 405)
    with stage.store.read() as conn:
        assert conn.execute(select(audit.c.act).where(audit.c.about == f"event/{event}")).all() == []
        assert conn.execute(select(calls)).all() == []


class Slow(Store):
    """Answers the first question in time, and none after it."""

    left = 1

    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        if self.left == 0:
            raise ReadTimeout("too slow")
        self.left -= 1
        with super().read_within(seconds) as conn:
            yield conn


def test_what_does_not_come_in_time_is_unknown_and_the_rest_of_the_page_stands(stage: Stage, operator: Visitor) -> None:
    event = receive(stage, contact())
    stage.parts.store = Slow(stage.store.engine, "slow", None)
    page = page_of(operator, event)
    for part in ("Calls", "Records", "Later events about the same thing", "What people did"):
        assert f"{part}: unknown (the database did not answer in time)" in page
    assert "Å•••• (9)" in page
    answer = operator.get(f"/events/{event}")
    assert answer.status_code == 503
    assert faults(answer.text) == []
    assert operator.ask("GET", f"/events/{event}/calls", OPERATOR).status_code == 503
