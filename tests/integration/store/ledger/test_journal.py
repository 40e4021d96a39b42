"""The journal of calls: what was called, by whom, with what result, and how much of the budget it used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from tests.integration.store.examples import NOON
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.tables import EPOCH, calls
from worker.store.lanes.accounts import bind
from worker.store.ledger.journal import Call, ReadCall, Used, by_the_hour, listed, noted, used


def reading(**values: Any) -> ReadCall:
    return ReadCall(**{"connection": "butik", "fingerprint": "f00d", "resource": "account", **values})


def note(store: Store, **values: Any) -> str:
    return noted(store, reading(**values), status=200, duration=0.1)


def found(store: Store, **filters: Any) -> list[Call]:
    with store.read() as conn:
        return list(listed(conn, **filters))


def test_a_read_that_failed_is_journalled_with_what_was_answered(store: Store) -> None:
    call = noted(
        store, reading(record_id=17, event="e1", account=4711), status=404, duration=0.25, error="404: finns inte"
    )
    (closed,) = found(store)
    assert (closed.id, closed.record_id, closed.write) == (call, 17, False)
    assert (closed.state, closed.status, closed.duration, closed.error) == ("failed", 404, 0.25, "404: finns inte")


def test_a_read_that_was_made_is_journalled_at_once(store: Store) -> None:
    noted(store, reading(resource="self"), status=200, duration=2.0)
    (call,) = found(store)
    assert (call.state, call.status, call.duration, call.resource) == ("done", 200, 2.0, "self")
    with store.read() as conn:
        assert timedelta(seconds=2) <= now(conn) - call.started_at < timedelta(seconds=10)


def test_calls_are_found_by_what_is_known_of_them_newest_first(store: Store) -> None:
    first = note(store, record_id=17, event="e1")
    second = note(store, record_id=18, event="e1")
    other = noted(store, reading(connection="formulär", record_id=17), status=500, duration=1, error="ServerError")
    with store.write() as conn:
        conn.execute(update(calls).where(calls.c.id == first).values(started_at=NOON))
    assert [call.id for call in found(store, event="e1")] == [second, first]
    assert {call.id for call in found(store, resource="account", record_id=17)} == {first, other}
    assert [call.id for call in found(store, connection="formulär")] == [other]
    assert [call.id for call in found(store, state="failed")] == [other]
    assert [call.id for call in found(store, status=500)] == [other]
    assert {call.id for call in found(store, since=NOON + timedelta(seconds=1))} == {second, other}
    assert [call.id for call in found(store, until=NOON + timedelta(seconds=1))] == [first]
    assert len(found(store, limit=2)) == 2


def test_what_a_key_used_of_its_budget(store: Store) -> None:
    old = note(store)
    note(store)
    written = note(store)
    note(store, fingerprint="beef")
    note(store, connection="formulär")
    with store.write() as conn:
        conn.execute(update(calls).where(calls.c.id == old).values(started_at=after(-700)))
        conn.execute(update(calls).where(calls.c.id == written).values(write=True))
    with store.read() as conn:
        assert used(conn, "butik", "f00d", 600) == Used(calls=2, writes=1)
        assert used(conn, "butik", "f00d", 3600) == Used(calls=3, writes=1)
        assert used(conn, "butik", "0000", 3600) == Used(calls=0, writes=0)


def test_what_an_account_used_by_all_its_connections(store: Store) -> None:
    for connection, account in (("butik", 4711), ("formulär", 4711), ("annan", 4712)):
        bind(store, connection, account=account, account_name=None, user_id=None, user_name=None, fingerprint="f")
        note(store, connection=connection)
    long_ago = note(store, connection="butik")
    with store.write() as conn:
        conn.execute(update(calls).where(calls.c.id == long_ago).values(started_at=after(-26 * 3600)))
    with store.read() as conn:
        assert sum(by_the_hour(conn, 4711, hours=24).values()) == 2
        (hour,) = by_the_hour(conn, 4712, hours=24)
        assert abs((now(conn) - EPOCH) // timedelta(hours=1) - hour) <= 1
