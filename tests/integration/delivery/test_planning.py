"""The events of one request that are claimed together: it is parsed once, and the connection's row is read once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import event as sqlalchemy_event

from tests.integration.delivery.room import EGEN, NOON, Room
from web.inbound import arrival
from worker.delivery.planning import planned
from worker.sdk.connector import Incoming
from worker.sdk.mapping import header
from worker.sdk.request import Request
from worker.settings import Connection
from worker.store import Store
from worker.store.events.intake import accept
from worker.store.lanes.lanes import Claim, claim


@dataclass
class Counting:
    """Splits a body, which is a list, and counts how often; `broken`: it no longer can."""

    broken: bool = False
    times: int = 0
    ids: list[str] = field(default_factory=list)

    def split(self, body: Any) -> Sequence[Any]:
        self.times += 1
        if self.broken:
            raise ValueError("åäö")
        return list(body)

    def event_id(self, incoming: Incoming) -> str:
        self.ids.append(incoming.payload["id"])
        return self.ids[-1]


def received(room: Room, counting: Counting) -> tuple[Connection, Claim]:
    """Three events of one thing came in one request, and their lane is claimed."""
    connector = replace(EGEN, split=counting.split, event_id=counting.event_id)
    connection = replace(room.settings.connections["egen"], connector=connector)
    body = [{"id": f"e{number}", "resource": "account", "data": {"name": f"Åkeri {number}"}} for number in range(3)]
    headers = (("x-subject", "Ö"), ("x-time", NOON.isoformat()))
    request = Request("POST", "https://relay.example/webhooks/egen", headers, json.dumps(body).encode())
    with room.store.write() as conn:
        accept(conn, [arrival(request, connection, (), lambda _: "***")])
    claimed = claim(room.store, "egen", "Ö", "någon", 20)
    assert claimed is not None
    assert len(claimed.events) == 3
    counting.times, counting.ids = 0, []
    return connection, claimed


@contextmanager
def reads_of(store: Store, table: str) -> Iterator[list[str]]:
    """The statements that read the table."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT") and f"FROM {table}" in statement:
            found.append(statement)

    sqlalchemy_event.listen(store.engine, "before_cursor_execute", note)
    yield found
    sqlalchemy_event.remove(store.engine, "before_cursor_execute", note)


def test_a_request_is_parsed_once_and_its_ids_are_not_read_again(room: Room) -> None:
    counting = Counting()
    connection, claimed = received(room, counting)

    plans, outcomes = planned(room.store, connection, claimed.events, 5)

    assert outcomes == []
    assert [each.plan[0].on_create["name"] for each in plans] == ["Åkeri 0", "Åkeri 1", "Åkeri 2"]
    assert (counting.times, counting.ids) == (1, [])


def test_a_request_that_no_longer_reads_as_it_did_is_tried_once(room: Room) -> None:
    counting = Counting()
    connection, claimed = received(room, counting)
    counting.broken = True

    plans, outcomes = planned(room.store, connection, claimed.events, 5)

    assert plans == []
    assert {each.status for each in outcomes} == {"dead"}
    assert all("egen: the body can't be split into events" in (each.reason or "") for each in outcomes)
    assert counting.times == 1


def test_a_request_that_may_end_the_worker_is_not_parsed_again(room: Room) -> None:
    """Its events have ended as many workers as they may."""
    counting = Counting()
    connection, claimed = received(room, counting)

    plans, outcomes = planned(room.store, connection, claimed.events, 0)

    assert (plans, counting.times) == ([], 0)
    assert {each.status for each in outcomes} == {"dead"}


def test_a_claim_reads_its_connection_once(room: Room) -> None:
    room.run(room.company("1", notes="först"))
    event = room.company("1", minute=1, notes="sedan")

    with reads_of(room.store, "connections") as reads:
        assert room.run(event).status == "delivered"

    assert [call.method for call in room.calls(event)] == ["PUT"]
    assert len(reads) == 1


def test_what_one_time_brought_is_planned_in_the_order_of_the_senders_version(room: Room) -> None:
    """It stands in a header; the request is stored, so nothing else has to be."""
    rule = replace(EGEN.handles["told"], version=header("x-version"), rank=3)
    connection = replace(room.settings.connections["egen"], connector=replace(EGEN, handles={"told": rule}))
    for version in ("2026-11-02T12:00:00.900000002Z", "", "2026-11-02T12:00:00.900000001Z"):
        headers = (
            ("x-id", version or "utan"),
            ("x-subject", "Ö"),
            ("x-time", NOON.isoformat()),
            ("x-version", version),
        )
        body = json.dumps({"resource": "account", "data": {"name": version or "utan"}}).encode()
        request = Request("POST", "https://relay.example/webhooks/egen", headers, body)
        with room.store.write() as conn:
            accept(conn, [arrival(request, connection, (), lambda _: "***")])
    claimed = claim(room.store, "egen", "Ö", "någon", 20)
    assert claimed is not None

    plans, _ = planned(room.store, connection, claimed.events, 5)

    assert [(each.plan[0].on_create["name"], each.seq) for each in plans] == [
        ("utan", claimed.events[1].seq),
        ("2026-11-02T12:00:00.900000001Z", claimed.events[2].seq),
        ("2026-11-02T12:00:00.900000002Z", claimed.events[0].seq),
    ]
    assert {each.rank for each in plans} == {3}
