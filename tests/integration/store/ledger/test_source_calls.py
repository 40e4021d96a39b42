"""What was read of senders' APIs: written down apart from the calls to Upsales, without what names anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from tests.integration.store.examples import one
from worker.admin.source_calls import Filters
from worker.cli.source_calls import SourceTail
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.retention import purge
from worker.store.db.tables import source_calls as table
from worker.store.ledger import journal, source_calls
from worker.store.ledger.call_pages import Spot
from worker.store.ledger.source_calls import SourceCall
from worker.store.ledger.statistics import statistics

DAY = 86400


def note(store: Store, thing: str | None = "4771123", **values: Any) -> str:
    fixed = {
        "connection": "avtal",
        "fingerprint": "f00d",
        "kind": "contract",
        "event": None,
        "status": 200,
        "code": None,
    }
    return source_calls.noted(store, thing=thing, duration=0.25, **{**fixed, **values})


def found(store: Store, **filters: Any) -> list[SourceCall]:
    with store.read() as conn:
        return list(source_calls.listed(conn, **filters))


def test_a_reading_is_told_with_its_event(store: Store) -> None:
    event = one(store, "evt-1", "contract:4771123", connection="avtal")
    call = note(store, event=event, status=404, code="gone_at_source")
    (told,) = found(store)
    assert (told.id, told.connection, told.fingerprint, told.kind, told.thing) == (
        call,
        "avtal",
        "f00d",
        "contract",
        "4771123",
    )
    assert (told.status, told.code, told.duration, told.event) == (404, "gone_at_source", 0.25, event)
    assert told.subject == "contract:4771123"
    with store.read() as conn:
        assert timedelta(0) <= now(conn) - told.started_at - timedelta(seconds=0.25) < timedelta(minutes=1)


def test_an_id_that_may_be_somebodys_is_masked_before_it_is_written(store: Store) -> None:
    uuid = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    for thing in ("anna.ost@exempel.se", "+46701234567", "19811228-9874", "Anna-Ost", uuid, "gid://shopify/Order/45"):
        note(store, thing)
    shown = [each.thing or "" for each in found(store)]
    assert uuid in shown
    for telling in ("anna", "ost", "1234567", "9874", "Anna"):
        assert telling not in "".join(shown)


def test_each_is_found_by_what_it_has_and_once(store: Store) -> None:
    calls = [note(store, status=200 + n, kind="contract" if n % 2 else "party", event=f"e{n}") for n in range(6)]
    at = found(store)[0].started_at
    with store.write() as conn:
        conn.execute(update(table).values(started_at=at))
    assert [each.id for each in found(store)] == calls[::-1]
    assert [each.id for each in found(store, kind=["party"], connection=["avtal", "annan"])] == [
        calls[4],
        calls[2],
        calls[0],
    ]
    assert [each.id for each in found(store, status=[201], event=["e1"])] == [calls[1]]
    assert found(store, connection=["annan"]) == found(store, fingerprint=["beef"]) == []
    assert found(store, until=at) == found(store, since=at + timedelta(seconds=1)) == []
    seen: list[str] = []
    while page := found(store, limit=4, before=Spot(at, seen[-1]) if seen else None):
        seen += [each.id for each in page]
    assert seen == calls[::-1]


def test_it_is_no_call_to_upsales(store: Store) -> None:
    note(store, connection="butik")
    with store.read() as conn:
        assert journal.listed(conn) == []
        assert journal.used(conn, "butik", "f00d", 3600) == journal.Used(0, 0)
        assert statistics(conn, "butik", 3600).reads == 0
        assert journal.last_call(conn, "butik", "f00d") is None


def test_it_goes_when_calls_go(store: Store) -> None:
    old, new = note(store), note(store)
    with store.write() as conn:
        conn.execute(update(table).where(table.c.id == old).values(started_at=now(conn) - timedelta(days=91)))
    assert purge(store, keep_events=30 * DAY, keep_calls=90 * DAY).source_calls == 1
    assert not purge(store, keep_events=30 * DAY, keep_calls=90 * DAY)
    assert [each.id for each in found(store)] == [new]


def test_it_is_told_once_to_who_follows(store: Store) -> None:
    note(store)
    tail = SourceTail(store, Filters(connection=("avtal",)))
    assert tail.news() == []
    first, second, _ = note(store), note(store), note(store, connection="annan")
    assert [each.id for each in tail.news()] == [first, second]
    assert tail.news() == []
