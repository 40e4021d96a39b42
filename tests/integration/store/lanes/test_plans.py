"""The questions that are asked all the time are answered from an index, however much waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from tests.contracts.ledger import ACME, ORG_NO
from tests.integration.conftest import Databases
from tests.integration.store.explained import plans
from worker.admin.call_filters import CallFilters
from worker.admin.call_filters import found as found_calls
from worker.store import Store, open_store
from worker.store.batches import members
from worker.store.db.clock import after, now
from worker.store.db.migrate import migrate
from worker.store.db.retention import Purged, purge
from worker.store.db.tables import calls, events, lanes, paces, past_ids, requests
from worker.store.events import dead_letters, latest, replay_cancel
from worker.store.events.chosen import Chosen
from worker.store.events.replay_rate import let_go
from worker.store.lanes.backlog import rescue
from worker.store.lanes.due import due, mark_rung
from worker.store.lanes.lanes import claim
from worker.store.ledger import recent
from worker.store.ledger.call_pages import Place
from worker.store.ledger.journal import used
from worker.store.ledger.ledger import SqlLedger
from worker.store.ledger.rechecks import connections_due
from worker.store.ledger.rechecks import due as to_verify
from worker.store.privacy.expiry import Ages, expire

MANY = 5000


@pytest.fixture
def busy(databases: Databases) -> Iterator[Store]:
    opened = open_store(databases.filled(_busy))
    yield opened
    opened.close()


def _busy(store: Store) -> None:
    """Thousands of lanes wait, thousands are idle, thousands of calls were made."""
    migrate(store)
    with store.write() as conn:
        at = now(conn)
        conn.execute(
            lanes.insert(), [{"connection": "butik", "subject": f"kund:{n}", "due_at": at} for n in range(MANY)]
        )
        conn.execute(lanes.insert(), [_idle(n, at) for n in range(MANY)])
        conn.execute(events.insert(), [_event(n, at) for n in range(MANY)])
        conn.execute(requests.insert(), [_request(n, at) for n in range(MANY)])
        conn.execute(calls.insert(), [_call(n, at) for n in range(MANY)])
        past = [{"digest": n.to_bytes(16), "event": f"e{n}", "until": at + timedelta(days=1)} for n in range(MANY)]
        conn.execute(past_ids.insert(), past)
    with store.write() as conn:
        conn.execute(text("ANALYZE"))


def _event(n: int, at: Any) -> dict[str, Any]:
    names = {"id": f"e{n}", "request_id": f"r{n}", "event_id": f"e{n}", "subject": f"kund:{n}"}
    fixed = {"position": 0, "connection": "butik", "type": "t", "status": "pending"}
    return {**names, **fixed, "time": at, "received_at": at}


def _idle(n: int, at: Any) -> dict[str, Any]:
    return {"connection": "butik", "subject": f"vilande:{n}", "lease_until": at}


def _request(n: int, at: Any) -> dict[str, Any]:
    fixed = {"connection": "butik", "method": "POST", "url": "/", "headers": [], "body": b""}
    return {**fixed, "id": f"r{n}", "received_at": at}


def _call(n: int, at: Any) -> dict[str, Any]:
    names = {"id": f"c{n:05}", "record_id": n, "started_at": at, "deadline_at": at, "event": f"e{n}"}
    fixed = {"connection": "butik", "account": 4711, "fingerprint": "f00d", "resource": "account"}
    return {**names, **fixed, "method": "PUT", "write": True, "state": "done", "status": 200}


def ask_due(conn: Connection) -> object:
    return due(conn, "butik", 50, 30)


def take_back_of(conn: Connection) -> object:
    return replay_cancel.parked(conn, "butik", ("", ""))


def calls_shown(conn: Connection, **wanted: tuple[str, ...]) -> object:
    return found_calls(conn, CallFilters(**wanted), Place(50))


def next_of_batch(conn: Connection) -> object:
    wanted = Chosen(connection=("butik",), status=("dead",), reason=("stage_unknown",))
    return members.first(conn, members.members("replay", wanted, MANY, now(conn)), 20)


ASKED: list[tuple[str, Callable[[Connection], object], list[str]]] = [
    ("due", ask_due, ["ix_lanes_due", "ix_events_waiting"]),
    ("to_verify", lambda conn: to_verify(conn, "butik", runs=True, patience=900), ["ix_calls_verify"]),
    ("connections_due", lambda conn: connections_due(conn, ["butik", "formulär"], 900), ["ix_calls_verify"]),
    ("new_events", lambda conn: latest.places(conn, MANY - 100), [""]),
    ("ended_events", lambda conn: latest.ended(conn, range(1, 300)), [""]),
    ("changed_calls", lambda conn: recent.states(conn, []), ["ix_calls_age", "ix_calls_verify"]),
    ("parked", take_back_of, ["ix_lanes_parked"]),
    ("calls_of_a_key", lambda conn: calls_shown(conn, key=("beef",)), ["ix_calls_key"]),
    ("calls_of_an_event", lambda conn: calls_shown(conn, event=("e7",)), ["ix_calls_event"]),
    ("calls_of_a_record", lambda conn: calls_shown(conn, record=("account/17",)), ["ix_calls_record"]),
    ("used", lambda conn: used(conn, "butik", "0000", 1), ["ix_calls_key"]),
    ("dead_groups", lambda conn: dead_letters.groups(conn, Chosen(connection=("butik",))), [""]),
    ("next_of_batch", next_of_batch, ["ix_events_"]),
    ("outcomes_of_batch", lambda conn: members.outcomes(conn, 7), ["ix_events_batch"]),
]


@pytest.mark.parametrize(("ask", "indexes"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_an_index_answers(busy: Store, ask: Callable[[Connection], object], indexes: list[str]) -> None:
    with plans(busy) as found, busy.write() as conn:
        ask(conn)
    for index in indexes:
        assert any(index in plan for plan in found), found
    assert not any(scan in plan for plan in found for scan in ("SCAN lanes", "SCAN events", "SCAN calls", "Seq Scan"))


@pytest.mark.parametrize(
    ("wanted", "index"), [({}, "ix_calls_age"), ({"state": ("failed",)}, "ix_calls_unwell")], ids=["all", "failed"]
)
def test_the_newest_calls_are_read_from_an_index(busy: Store, wanted: dict[str, tuple[str, ...]], index: str) -> None:
    """Here they were made one after the other, and some failed."""
    with busy.write() as conn:
        for n in range(0, MANY, 50):
            values = {"started_at": after(n - MANY), "deadline_at": after(n), "state": "failed" if n == 100 else "done"}
            conn.execute(update(calls).where(calls.c.record_id.between(n, n + 49)).values(values))
    with busy.write() as conn:
        conn.execute(text("ANALYZE"))
    with plans(busy) as found, busy.write() as conn:
        calls_shown(conn, **wanted)
    assert any(index in plan for plan in found), found
    assert not [plan for plan in found if "Seq Scan on calls" in plan or plan.startswith("SCAN calls\n")]


def test_claiming_and_the_ledger_are_answered_from_indexes(busy: Store) -> None:
    with plans(busy) as found:
        claimed = claim(busy, "butik", "kund:7", "w1", 60)
        assert claimed is not None
        ledger = SqlLedger(busy, claimed.fence, account=4711, fingerprint="f00d", event="e7", settled_after=300)
        call = ledger.intend_create(ACME, [ORG_NO], {}, 30)
        ledger.link(ACME)
        ledger.later_create(call)
        ledger.hold("account", 17, 30)
    assert len(found) > 5
    _only(found)


def test_the_first_events_of_a_long_lane_are_found_without_sorting_it(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        conn.execute(lanes.insert(), [{"connection": "butik", "subject": "kund:7", "due_at": at}])
        conn.execute(events.insert(), [_event(n, at) | {"subject": "kund:7"} for n in range(MANY)])
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
    with plans(store) as found:
        assert claim(store, "butik", "kund:7", "w1", 60) is not None
    assert any("ix_events_waiting" in plan for plan in found)
    assert not [plan for plan in found if "TEMP B-TREE" in plan or "Sort" in plan]


def test_whose_turn_it_is_is_answered_from_indexes(busy: Store) -> None:
    with busy.write() as conn:
        parked = {"due_at": None, "parked_at": now(conn)}
        conn.execute(update(lanes).where(lanes.c.subject.like("vilande:%")).values(**parked))
        # Lanes that have been due for long would hold the parked ones up.
        conn.execute(update(lanes).where(lanes.c.subject.like("kund:%")).values(due_at=now(conn)))
        conn.execute(paces.insert(), {"connection": "butik", "a_minute": 60, "next_at": now(conn)})
    with busy.write() as conn:
        conn.execute(text("ANALYZE"))
    with plans(busy) as found, busy.write() as conn:
        assert let_go(conn, "butik") == 1
    _only(found, "ix_lanes_parked", "ix_lanes_due")


def test_what_is_old_is_found_from_indexes_and_no_writer_waits_for_it(busy: Store) -> None:
    with busy.write(), plans(busy) as found:
        assert not purge(busy, keep_events=86400, keep_calls=86400)
    assert len(found) == 7
    _only(found, "ix_events_status", "ix_requests_received_at", "ix_calls_age", "ix_lanes_idle", "ix_past_ids_until")


def test_what_was_kept_long_enough_is_found_from_indexes_and_no_writer_waits_for_it(busy: Store) -> None:
    ages = Ages(payloads=86400, dead=86400, review=86400, calls=86400, records=86400)
    with busy.write(), plans(busy) as found:
        assert not expire(busy, ages)
    assert len(found) == 7
    # Of the events' indexes one by status, or the one of those that wait for people.
    _only(found, "ix_requests_received_at", "ix_events_", "ix_calls_age")


def test_what_is_old_is_deleted_by_its_key(busy: Store) -> None:
    with busy.write() as conn:
        old = after(-2 * 86400)
        few = [f"r{n}" for n in range(5)]
        conn.execute(update(events).where(events.c.request_id.in_(few)).values(status="delivered", received_at=old))
        conn.execute(update(requests).where(requests.c.id.in_(few)).values(received_at=old))
        conn.execute(update(calls).where(calls.c.id < "c00005").values(started_at=old))
        conn.execute(update(lanes).where(lanes.c.subject.in_(["vilande:1", "vilande:2"])).values(lease_until=old))
    with plans(busy) as found:
        purged = purge(busy, keep_events=86400, keep_calls=86400)
    assert purged == Purged(events=5, requests=5, calls=5, lanes=2)
    assert len(found) == 13
    _only(found)


def test_no_writer_waits_while_forgotten_lanes_are_looked_for(busy: Store) -> None:
    with busy.write(), plans(busy) as found:
        assert rescue(busy) == 0
    assert len(found) == 1


def _only(found: list[str], *indexes: str) -> None:
    """These indexes were used, and no big table was read from one end to the other."""
    for index in indexes:
        assert any(index in plan for plan in found), found
    big = ("lanes", "events", "calls", "requests", "past_ids")
    scans = [f"{scan} {table}" for scan in ("SCAN", "Seq Scan on") for table in big]
    assert not [plan for plan in found for scan in scans if scan in plan]


def test_due_looks_at_no_more_lanes_than_it_was_asked_for(busy: Store) -> None:
    """Also when almost all of them were rung just now."""
    with busy.write() as conn:
        first = due(conn, "butik", 50, 30, urgent=0)
        mark_rung(conn, first, now(conn))
        second = due(conn, "butik", 50, 30, urgent=0)
    assert len(first) == len(second) == 50
    assert not {d.subject for d in first} & {d.subject for d in second}
