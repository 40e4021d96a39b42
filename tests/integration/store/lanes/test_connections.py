"""Connections: bound to one account, paused and resumed, and stopped by the breaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.event import listen

from tests.contracts.ledger import ACME, ORG_NO, OTHER, answer, make, packed
from tests.integration.conftest import Databases
from tests.integration.store.examples import one
from worker.errors import Busy, LeaseLost
from worker.store import Store, open_store
from worker.store.db.clock import after, db_now, now
from worker.store.db.migrate import migrate
from worker.store.db.tables import calls, connections, lanes, links
from worker.store.events.outcomes import defer
from worker.store.lanes.accounts import bind, rebind
from worker.store.lanes.batches import BATCH
from worker.store.lanes.connections import (
    State,
    breaker_failed,
    breaker_succeeded,
    by_name,
    get,
    pause,
    probe_again,
    resume,
    take_probe,
)
from worker.store.lanes.due import due, mark_rung
from worker.store.lanes.lanes import claim
from worker.store.ledger.ledger import SqlLedger


def state(store: Store, name: str = "butik") -> State:
    with store.read() as conn:
        return get(conn, name)


def bound(store: Store, account: int, name: str = "butik") -> bool:
    return bind(store, name, account=account, account_name="Åkeri AB", user_id=7, user_name="Örjan", fingerprint="f00d")


def fail(store: Store, *subjects: str, lanes: int = 3, seconds: float = 30) -> list[bool]:
    return [breaker_failed(store, "butik", subject, lanes=lanes, seconds=seconds) for subject in subjects]


def wait(store: Store) -> None:
    """Until the breaker lets deliveries through."""
    with store.write() as conn:
        conn.execute(update(connections).values(broken_until=after(-1)))


def test_a_connection_never_heard_of_is_active_and_unbound(store: Store) -> None:
    assert state(store) == State(name="butik")
    assert not state(store).paused


def test_a_connection_is_bound_to_one_account(store: Store) -> None:
    assert bound(store, 4711)
    assert bound(store, 4711)
    assert not bound(store, 4712)
    found = state(store)
    assert (found.account, found.account_name) == (4711, "Åkeri AB")
    assert (found.user_id, found.user_name, found.fingerprint) == (7, "Örjan", "f00d")


def test_a_pause_keeps_its_beginning_and_tells_the_newest_reason(store: Store) -> None:
    pause(store, "butik", "nyckeln gäller inte", probe_in=60)
    first = state(store)
    assert (first.paused, first.reason, first.probes) == (True, "nyckeln gäller inte", 0)
    pause(store, "butik", "fel konto", probe_in=None)
    second = state(store)
    assert (second.since, second.reason, second.probe_at) == (first.since, "fel konto", None)


def test_resuming_lets_everything_that_waits_go_on_at_once(store: Store) -> None:
    one(store, "e1")
    one(store, "e2", connection="formulär")
    for connection in ("butik", "formulär"):
        found = claim(store, connection, "kund:Åsa", "w1", 60)
        assert found is not None
        defer(store, found, seconds=3600, attempts=3, failing=False)
    pause(store, "butik", "nyckeln gäller inte", probe_in=60)
    assert resume(store, "butik")
    assert state(store) == State(name="butik")
    assert not resume(store, "butik")
    with store.read() as conn:
        waiting = conn.execute(select(lanes.c.connection).where(lanes.c.due_at <= now(conn))).scalars().all()
    assert waiting == ["butik"]


def test_what_was_rung_in_vain_before_a_resume_is_rung_again(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        mark_rung(conn, due(conn, "butik", 10, 3600), now(conn))
        assert due(conn, "butik", 10, 3600) == []
    pause(store, "butik", "nyckeln gäller inte", probe_in=60)
    resume(store, "butik")
    with store.write() as conn:
        assert [lane.subject for lane in due(conn, "butik", 10, 3600)] == ["kund:Åsa"]


def test_a_probe_is_made_by_one(store: Store) -> None:
    pause(store, "butik", "nyckeln gäller inte", probe_in=0)
    pause(store, "formulär", "nyckeln gäller inte", probe_in=60)
    pause(store, "bokning", "stoppad för hand", probe_in=None)
    assert [take_probe(store, "butik", 30) for _ in range(2)] == [True, False]
    assert state(store).probes == 1
    assert not take_probe(store, "formulär", 30)


def test_a_probe_that_told_nothing_doesnt_count_and_leaves_the_reason(store: Store) -> None:
    pause(store, "butik", "nyckeln gäller inte", probe_in=0)
    assert take_probe(store, "butik", 300, "f00d")

    probe_again(store, "butik", 0)

    assert (state(store).reason, state(store).probes) == ("nyckeln gäller inte", 0)
    assert take_probe(store, "butik", 300, "f00d")


def test_a_probe_of_what_a_person_paused_or_resumed_meanwhile_changes_nothing(store: Store) -> None:
    pause(store, "butik", "stoppad för hand", probe_in=None)
    for name in ("butik", "formulär"):
        before = state(store, name)
        probe_again(store, name, 0)
        assert state(store, name) == before


def test_the_breaker_opens_when_several_lanes_failed(store: Store) -> None:
    assert fail(store, "a", "b", "a", "b") == [False] * 4
    assert state(store).broken_for == 0
    assert fail(store, "c") == [True]
    assert 25 < state(store).broken_for <= 30


def test_the_breaker_stays_open_longer_each_time(store: Store) -> None:
    assert fail(store, "a", "b", "c")[-1]
    spans = [state(store).broken_for]
    for _ in range(7):
        assert fail(store, "under way when it opened") == [False]
        wait(store)
        assert fail(store, "a") == [True]
        spans.append(state(store).broken_for)
    expected = [30, 60, 120, 240, 300, 300, 300, 300]
    assert all(want - 5 < span <= want for span, want in zip(spans, expected, strict=True))


def succeed(store: Store) -> None:
    with store.write() as conn:
        breaker_succeeded(conn, "butik")


def test_a_success_forgets_what_failed_before(store: Store) -> None:
    fail(store, "a", "b")
    succeed(store)
    assert fail(store, "c", "d") == [False, False]
    assert fail(store, "e") == [True]
    succeed(store)
    assert (state(store).broken_for, state(store).breaks) == (0, 0)


def test_no_lane_is_claimed_while_its_connection_is_paused_or_stopped(store: Store) -> None:
    one(store, "e1")
    pause(store, "butik", "401", probe_in=60.0)
    assert claim(store, "butik", "kund:Åsa", "någon", 20) is None
    resume(store, "butik")
    fail(store, "a", "b", "c")
    assert claim(store, "butik", "kund:Åsa", "någon", 20) is None
    wait(store)

    claimed = claim(store, "butik", "kund:Åsa", "någon", 20)
    assert claimed is not None
    assert (claimed.events[0].claims, claimed.state) == (1, state(store))


def test_the_breaker_lets_deliveries_through_again_by_itself(store: Store) -> None:
    fail(store, "a", "b", "c")
    assert not state(store).runs
    wait(store)
    assert state(store).runs


def test_connections_are_listed_by_name(store: Store) -> None:
    for name in ("butik", "bokning"):
        bound(store, 4711, name)
    with store.read() as conn:
        assert list(by_name(conn)) == ["bokning", "butik"]


def test_rebinding_forgets_what_keys_were_and_overtakes_whoever_works(store: Store) -> None:
    bound(store, 4711)
    one(store, "e1")
    found = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert found is not None
    ledger = SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=None, settled_after=300)
    ledger.adopt(ACME, 17, [], {})
    rebind(store, "butik")
    assert bound(store, 4712)
    assert ledger.link(ACME) is None
    with pytest.raises(LeaseLost):
        ledger.adopt(ACME, 17, [], {})
    again = claim(store, "butik", "kund:Åsa", "w2", 60)
    assert again is not None


def test_only_a_connection_that_was_bound_again_knows_since_when(store: Store) -> None:
    bound(store, 4711)
    assert state(store).rebound_for is None
    rebind(store, "butik")
    assert bound(store, 4712)
    assert 0 <= (state(store).rebound_for or -1) < 60


def test_what_a_connection_had_begun_to_make_is_free_after_rebinding(store: Store) -> None:
    bound(store, 4711)
    ledgers = []
    for connection in ("butik", "formulär"):
        one(store, f"{connection}-1", connection=connection)
        found = claim(store, connection, "kund:Åsa", "w1", 60)
        assert found is not None
        ledgers.append(SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=None, settled_after=300))
    ours, theirs = ledgers
    call = ours.intend_create(ACME, [ORG_NO], packed(name="Åkeri"), 30)
    put = ours.intend_update("account", 17, packed(name="Åkeri"), 30)
    with pytest.raises(Busy):
        theirs.intend_create(OTHER, [ORG_NO], {}, 30)
    rebind(store, "butik")
    make(theirs, 18, OTHER, (ORG_NO,))
    with pytest.raises(LeaseLost):
        ours.created(call, ACME, answer(19), [ORG_NO], {})
    with store.read() as conn:
        rows = {row.id: row for row in conn.execute(select(calls).where(calls.c.connection == "butik"))}
    for unsettled, record_id in ((call, 19), (put, 17)):
        row = rows[unsettled]
        assert (row.state, row.verify_at, row.sent, row.record_id) == ("failed", None, None, record_id)
        assert "another account" in row.error


def test_rebinding_leaves_what_others_had_begun(store: Store) -> None:
    bound(store, 4711)
    one(store, "e1", connection="formulär")
    found = claim(store, "formulär", "kund:Åsa", "w1", 60)
    assert found is not None
    theirs = SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=None, settled_after=300)
    call = theirs.intend_create(ACME, [ORG_NO], {}, 30)
    rebind(store, "butik")
    theirs.created(call, ACME, answer(18), [ORG_NO], {})
    identity = theirs.identity("account", ORG_NO)
    assert identity is not None
    assert identity.record_id == 18


def test_another_key_than_the_refused_one_is_tried_at_once(store: Store) -> None:
    assert pause(store, "butik", "nyckeln gäller inte", probe_in=60, key="f00d")
    assert not take_probe(store, "butik", 60, "f00d")
    assert take_probe(store, "butik", 60, "beef")
    assert not take_probe(store, "butik", 60, "beef")
    assert (state(store).probes, state(store).refused_key) == (1, "beef")
    assert take_probe(store, "butik", 60, "")


def test_what_a_person_paused_no_key_resumes(store: Store) -> None:
    pause(store, "butik", "stoppad för hand", probe_in=None)
    assert not pause(store, "butik", "nyckeln gäller inte", probe_in=0, key="f00d")
    assert state(store).reason == "stoppad för hand"
    assert not take_probe(store, "butik", 60, "beef")


class Killed(Exception):
    """The process ends."""


def changed_at_once(store: Store, table: str, *, killed_at: int | None = None) -> list[int]:
    """Fills up with how many rows each statement changes in a table. `killed_at`: the statement that is the last, uncommitted."""
    counts: list[int] = []

    def note(_conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if re.match(rf"(UPDATE|DELETE FROM) {table}\b", statement):
            counts.append(cursor.rowcount)
            if len(counts) == killed_at:
                raise Killed

    listen(store.engine, "after_cursor_execute", note)
    return counts


@pytest.fixture
def crowded(databases: Databases) -> Iterator[Store]:
    opened = open_store(databases.filled(_crowded))
    yield opened
    opened.close()


def _crowded(store: Store) -> None:
    """`butik` is bound, with more lanes and links than one transaction changes; all its lanes wait."""
    migrate(store)
    bound(store, 4711)
    with store.write() as conn:
        later, numbers, at = after(3600), range(BATCH + 1), now(conn)
        conn.execute(
            lanes.insert().values(connection="butik", due_at=later, subject=bindparam("of")),
            [{"of": f"å{n}"} for n in numbers],
        )
        conn.execute(
            links.insert(),
            [
                {
                    "connection": "butik",
                    "resource": "account",
                    "key": f"å{n}",
                    "account": 4711,
                    "state": "linked",
                    "record_id": n,
                    "created_at": at,
                }
                for n in numbers
            ],
        )


def due_now(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).where(lanes.c.due_at <= db_now())).scalar_one()


def links_left(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(links)).scalar_one()


def test_resuming_changes_lanes_a_batch_at_a_time(crowded: Store) -> None:
    counts = changed_at_once(crowded, "lanes")
    resume(crowded, "butik")
    assert counts == [BATCH, 1]
    assert due_now(crowded) == BATCH + 1


def test_a_connection_is_active_before_its_lanes_are_due(crowded: Store) -> None:
    pause(crowded, "butik", "städning", probe_in=None)
    changed_at_once(crowded, "lanes", killed_at=2)
    with pytest.raises(Killed):
        resume(crowded, "butik")
    assert state(crowded).runs
    assert due_now(crowded) == BATCH


def fresh(store: Store) -> bool:
    """Nothing is known of the connection but that it was bound again."""
    return replace(state(store), rebound_for=None) == State(name="butik")


def test_rebinding_changes_lanes_and_links_a_batch_at_a_time(crowded: Store) -> None:
    of_lanes, of_links = changed_at_once(crowded, "lanes"), changed_at_once(crowded, "links")
    rebind(crowded, "butik")
    assert max(of_lanes) == max(of_links) == BATCH
    assert (fresh(crowded), links_left(crowded), due_now(crowded)) == (True, 0, BATCH + 1)


@pytest.mark.parametrize(("table", "left"), [("lanes", BATCH + 1), ("links", 1)])
def test_a_rebinding_that_was_stopped_leaves_the_connection_paused_and_is_done_once_more(
    crowded: Store, table: str, left: int
) -> None:
    changed_at_once(crowded, table, killed_at=2)
    with pytest.raises(Killed):
        rebind(crowded, "butik")
    assert (state(crowded).paused, state(crowded).account, links_left(crowded)) == (True, 4711, left)
    # Whoever resumes it all the same looks for what is forgotten already.
    assert state(crowded).rebound_for is not None
    assert "run `relay connections rebind butik` again" in (state(crowded).reason or "")

    rebind(crowded, "butik")

    assert (fresh(crowded), links_left(crowded)) == (True, 0)
