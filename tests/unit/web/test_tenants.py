"""One address receives the events of several tenants, and each is stored under its connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.senders import ACME, SECRET, KnownSecrets, signed
from tests.unit.web.door import Committed, opened
from worker.instruments.listening import is_listened_to
from worker.sdk.connector import Connector, Incoming
from worker.sdk.mapping import field
from worker.sdk.read import READ
from worker.sdk.request import Request
from worker.sdk.stream import NOTHING, Stream
from worker.settings import Connection
from worker.settings.connections import configured
from worker.settings.routes import astray

PAGES = replace(ACME, name="pages", tenant=field("page"))
TABLES: Mapping[str, Any] = {
    "meta": {"connector": "pages"},
    "meta-shop": {"connector": "pages", "route": {"of": "meta", "value": 7}},
    "meta-club": {"connector": "pages", "route": {"of": "meta", "value": "8"}},
}


def tables(
    found: Mapping[str, Any] = TABLES, connector: Connector = PAGES
) -> tuple[Mapping[str, Connection], Mapping[str, str]]:
    read = configured(found, {"pages": connector, "acme": ACME}, "relay.toml", {})
    return read.connections, read.misconfigured


def lead(number: int, page: object) -> dict[str, object]:
    return {"id": f"e-{number}", "type": "deal.won", "at": "2026-11-23T12:00:00Z", "deal": {"id": "d"}, "page": page}


def posted(*leads: object) -> tuple[Committed, Any]:
    committed = Committed()
    connections, _ = tables()
    body = json.dumps(leads).encode()
    door = opened(committed, connections=connections, keys=KnownSecrets({"meta": (SECRET,)}))
    return committed, door.post("/webhooks/meta", data=body, headers=signed(body))


def test_each_event_is_stored_under_the_connection_of_its_tenant() -> None:
    committed, answer = posted(lead(1, 7), lead(2, "8"), lead(3, 7))

    assert answer.status_code == 202
    stored = {each.connection: [(e.event_id, e.position, e.status) for e in each.events] for each in committed.arrivals}
    assert stored == {
        "meta-shop": [("e-1", 0, "pending"), ("e-3", 2, "pending")],
        "meta-club": [("e-2", 1, "pending")],
    }
    assert len((answer.json or {})["events"]) == 3
    assert len({each.request_id for each in committed.arrivals}) == 2


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("9", 'no connection has the tenant 9: give one route = { of = "meta", value = "9" }'),
        (None, "the event names no tenant, and meta receives those of several"),
    ],
)
def test_unknown_tenant_is_a_dead_letter_that_says_which_value_no_connection_has(page: object, why: str) -> None:
    committed, answer = posted(lead(1, page))

    assert answer.status_code == 202
    ((event,),) = [each.events for each in committed.arrivals]
    assert (committed.arrivals[0].connection, event.status) == ("meta", "dead")
    assert why in (event.reason or "")


def test_sent_again_all_are_duplicates() -> None:
    committed = Committed()
    connections, _ = tables()
    body = json.dumps([lead(1, 7), lead(2, 8)]).encode()
    door = opened(committed, connections=connections, keys=KnownSecrets({"meta": (SECRET,)}))
    door.post("/webhooks/meta", data=body, headers=signed(body))

    answer = door.post("/webhooks/meta", data=body, headers=signed(body))

    assert (answer.status_code, (answer.json or {})["status"]) == (200, "duplicate")


def test_replayed_dead_letter_is_written_by_no_other_connection() -> None:
    connections, _ = tables()
    request = Request("POST", "https://x", (), b"")

    assert "no connection has the tenant 9" in (astray(connections["meta"], Incoming(request, {"page": 9})) or "")
    assert astray(connections["meta-shop"], Incoming(request, {"page": 7})) is None
    assert astray(connections["meta"], Incoming(request, {"page": 7})) == "it is of the connection meta-shop"


WRONG = [
    (
        {"b": {"connector": "pages", "route": {"of": "metta", "value": "1"}}},
        "there is no connection 'metta'; did you mean meta?",
    ),
    ({"b": {"connector": "pages", "route": {"of": "meta", "value": "7"}}}, "meta-shop has the value 7 already"),
    (
        {"b": {"connector": "acme", "route": {"of": "meta", "value": "1"}}},
        "is of the connector pages, and this one is of acme",
    ),
    (
        {"b": {"connector": "pages", "route": {"of": "meta-shop", "value": "1"}}},
        "is itself received by meta; name that one",
    ),
    ({"b": {"connector": "pages", "route": "meta"}}, "route: must be a table such as"),
]


@pytest.mark.parametrize(("more", "told"), WRONG)
def test_wrong_route_is_one_line_and_leaves_the_others_alone(more: Mapping[str, Any], told: str) -> None:
    connections, wrong = tables({**TABLES, **more})

    assert told in wrong["b"]
    assert connections["meta"].tenants == {"7": "meta-shop", "8": "meta-club"}


def test_connector_that_tells_no_tenants_apart_takes_no_route() -> None:
    _, wrong = tables(connector=replace(PAGES, tenant=None))

    assert "doesn't tell tenants apart" in wrong["meta-shop"]


def test_at_the_address_of_one_tenant_another_ones_event_is_dead() -> None:
    """Whoever signs for one may not write into another's, and what was sent there by mistake is seen."""
    committed = Committed()
    connections, _ = tables()
    body = json.dumps([lead(1, 7), lead(2, 8)]).encode()
    door = opened(committed, connections=connections, keys=KnownSecrets({"meta-shop": (SECRET,)}))
    door.post("/webhooks/meta-shop", data=body, headers=signed(body))
    (stored,) = committed.arrivals
    assert stored.connection == "meta-shop"
    assert [(event.event_id, event.status) for event in stored.events] == [("e-1", "pending"), ("e-2", "dead")]
    assert "tenant 8" in (stored.events[1].reason or "")


def test_what_a_connection_reads_itself_is_its_own_where_it_names_no_tenant() -> None:
    connections, _ = tables()
    unnamed = {name: value for name, value in lead(1, 7).items() if name != "page"}
    posted_one, read_one = (Incoming(Request(method, "", (), b""), unnamed) for method in ("POST", READ))
    assert "names no tenant" in (astray(connections["meta"], posted_one) or "")
    assert astray(connections["meta"], read_one) is None
    assert astray(connections["meta-shop"], read_one) is None
    anothers = Incoming(Request(READ, "", (), b""), lead(1, 8))
    assert "tenant 8" in (astray(connections["meta-shop"], anothers) or "")


def test_one_stream_may_tell_of_several() -> None:
    stream = Stream(url="wss://x.example", topics=lambda _: (), opening=lambda _: (), on_message=lambda _: NOTHING)
    connections, wrong = tables(connector=replace(PAGES, stream=stream))
    assert not wrong
    assert [name for name, each in connections.items() if is_listened_to(each)] == ["meta"]
