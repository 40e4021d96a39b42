"""Whoever did not ask for it sees nobody named: on no page, in no answer of the admin API, in no address."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage
from tests.integration.web.console.told import bound, called
from tests.integration.web.console.walk import NOTHING, Filled, Route, routes
from worker.admin import batches
from worker.admin.filters import Filters
from worker.plan import QualifiedKey
from worker.store.db.clock import now
from worker.store.db.tables import events, links, records
from worker.store.people.audit import Actor

EMAIL, NAME, PHONE = "malin.ekdahl@vretgarden.example", "Malin Ekdahl", "+46 70 321 45 67"
WORDS = ("malin", "ekdahl", "vretgarden", "321 45 67", "3214567")
"""In small letters: what may not be found."""
FATES = ("pending", "dead", "review")
BODIES: Mapping[str, Any] = {
    "contact": {"name": NAME, "email": EMAIL, "phone": PHONE, "client": {"id": EMAIL}},
    "order": {"description": f"Beställning av {NAME}", "notes": PHONE, "client": {"id": NAME}, "user": EMAIL},
}
RECORD = "/records/41/contact/7"


@pytest.fixture
def far(stage: Stage) -> Iterator[Stage]:
    """Upsales is nowhere: what is shown is what is stored."""
    made = stage.again({**stage.environ, "UPSALES_BASE_URL": "http://127.0.0.1:1/api/v2"})
    bound(made)
    yield made
    made.close()


def named_everywhere(stage: Stage) -> Iterable[str]:
    """Our ids of events in which somebody is named wherever somebody can be: of the fates that have a reason, by each of the texts."""
    for number, (text, fate) in enumerate((text, fate) for text in (EMAIL, NAME, PHONE) for fate in FATES):
        resource = ("contact", "order")[number % 2]
        told = {"id": f"{text}/{fate}", "type": f"{resource}.upsert", "data": {"id": text, **BODIES[resource]}}
        readable = {**told, "time": "2026-11-02T12:00:00Z"}
        yield one(stage, text, fate, f"{resource}.upsert", json.dumps(readable, ensure_ascii=False).encode())
        yield one(stage, f"{text} {fate}", fate, text, f"{NAME}; {EMAIL}; {PHONE}".encode())


def one(stage: Stage, text: str, fate: str, of_type: str, body: bytes) -> str:
    came = arrival(event(f"{text}/{fate}/{of_type}"[:255], subject=text, type=of_type), connection="butik", body=body)
    (receipt,) = take_in(stage.store, came)
    made = receipt.events[0].id
    reason = f'user "{text}" is unknown; {NAME} ({EMAIL}, {PHONE}) has it'
    with stage.store.write() as conn:
        ended = {"done_at": now(conn)} if fate != "pending" else {}
        key = {"review_key": QualifiedKey("butik", "contact", text)} if fate == "review" else {}
        values = {"status": fate, "reason": reason, "note": f"left out: {text}", **ended, **key}
        conn.execute(update(events).where(events.c.id == made).values(**values))
    error = f"400: {text} is not allowed for {NAME}"
    called(stage, made, write=True, key=text, record_id=7, error=error, changed={"name": NAME, "email": EMAIL})
    return made


def a_record(stage: Stage, by: str) -> None:
    """One that holds them, and that senders call by their names."""
    held = {name: [text, 0, 1, by, "butik"] for name, text in (("name", NAME), ("email", EMAIL), ("phone", PHONE))}
    with stage.store.write() as conn:
        at = {"account": 41, "resource": "contact", "record_id": 7}
        conn.execute(records.insert().values(**at, fields=held, touched_at=now(conn)))
        for key in (EMAIL, NAME, PHONE):
            called_so = {"connection": "butik", "key": key, "state": "linked", "created_at": now(conn)}
            conn.execute(links.insert().values(**at, **called_so))


def addresses(stage: Stage, found: Iterable[str], batch: str) -> Iterator[tuple[Route, str]]:
    """Of all that can be looked at: for each event its own, and once what is about none."""
    looked_at = [route for route in routes(stage.app) if route.looks]
    of_events = [route for route in looked_at if {"event", "event_id"} & set(route.rule.arguments)]
    for route in looked_at:
        if route not in of_events:
            filled = Filled({**NOTHING.values, "account": "41", "resource": "contact", "record": "7", "batch": batch})
            yield route, filled.address(route)
    for made in found:
        names = dict.fromkeys(("event", "event_id"), made)
        for route in of_events:
            yield route, Filled({**NOTHING.values, **names}).address(route)


def naming(answer: TestResponse) -> list[str]:
    said = f"{answer.text} {answer.headers.get('Location', '')}".lower()
    return [word for word in WORDS if word in said]


def around(answer: TestResponse, word: str) -> str:
    said = f"{answer.text} {answer.headers.get('Location', '')}"
    place = said.lower().index(word)
    return said[max(place - 120, 0) : place + 60]


@pytest.mark.parametrize("token", [OPERATOR, VIEWER], ids=["operator", "viewer"])
def test_nobody_is_named_wherever_one_looks(far: Stage, token: str) -> None:
    found = list(named_everywhere(far))
    a_record(far, found[0])
    draft = batches.create(far.store, Actor("anna", "page"), "drop", Filters(fate=("dead",)), key="walk").batch.id
    visitor, wrong = far.visitor(token), dict[str, str]()
    for route, address in addresses(far, found, draft):
        answer = visitor.ask("GET", address.removeprefix("/api/v1"), token) if route.api else visitor.get(address)
        if words := naming(answer):
            wrong.setdefault(str(route), around(answer, words[0]))
    assert not wrong, "\n".join(f"{route}: {said}" for route, said in wrong.items())


def test_the_walk_sees_what_it_looks_for(far: Stage) -> None:
    found = list(named_everywhere(far))
    a_record(far, found[0])
    visitor = far.visitor(OPERATOR)
    assert str(len(found)) in visitor.get("/events").text
    assert len(visitor.told("/events?limit=200", OPERATOR)["data"]) == len(found)
    assert len(visitor.told("/reviews?limit=200", OPERATOR)["data"]) == len(found) / len(FATES)
    assert len(visitor.told("/calls?limit=200", OPERATOR)["data"]) == len(found)
    record = visitor.told(RECORD, OPERATOR)
    assert (len(record["fields"]), len(record["links"]), bool(record["events"])) == (3, 3, True)
    shown = visitor.ask("POST", f"/events/{found[0]}/reveal", OPERATOR, {"why": "to see"})
    assert set(naming(shown)) >= {"malin", "ekdahl", "vretgarden"}


@pytest.mark.parametrize("text", [EMAIL, NAME, PHONE])
def test_who_is_looked_for_is_not_named_by_what_is_found(far: Stage, text: str) -> None:
    list(named_everywhere(far))
    visitor = far.visitor(OPERATOR)
    asked = visitor.send("/searches", value=text)
    assert (asked.status_code, naming(asked)) == (303, [])
    assert naming(visitor.get(asked.headers["Location"])) == []
    told = visitor.ask("POST", "/searches", OPERATOR, {"value": text}, **SAME_SITE)
    assert (told.status_code, naming(told)) == (200, [])


def test_no_field_puts_what_is_typed_as_a_subject_into_an_address(far: Stage) -> None:
    visitor = far.visitor(OPERATOR)
    assert 'name="subject"' not in visitor.get("/events").text
    assert 'name="subject" value="order:1"' in visitor.get("/events?subject=order:1").text
