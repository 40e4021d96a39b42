"""Creates without an answer: ended by a person, or looked for once more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.contracts.ledger import ACME, ORG_NO, make, packed
from tests.integration.store.examples import one
from worker.errors import ConfigError, OutcomeUnknown
from worker.ports import LinkState
from worker.store import Store
from worker.store.clock import after
from worker.store.lanes import claim
from worker.store.ledger import SqlLedger
from worker.store.retention import purge
from worker.store.reviews import adopt, begun, make_again
from worker.store.tables import calls
from worker.store.verify import again, close, due, take


@pytest.fixture
def ledger(store: Store) -> SqlLedger:
    event = one(store, "e1")
    found = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert found is not None
    return SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=event, horizon=300)


def lost(ledger: SqlLedger) -> str:
    call = ledger.intend_create(ACME, [ORG_NO], packed(name="Åkeri"), 0)
    ledger.unknown(call, OutcomeUnknown("timeout"))
    return call


def call_row(store: Store, call: str) -> Any:
    with store.read() as conn:
        return conn.execute(select(calls).where(calls.c.id == call)).one()


def due_ids(store: Store) -> list[str]:
    with store.read() as conn:
        return [found.id for found in due(conn)]


def come(store: Store) -> None:
    """Let the time to look come."""
    with store.write() as conn:
        conn.execute(update(calls).where(calls.c.verify_at.is_not(None)).values(verify_at=after(-1)))


def test_a_person_says_which_record_it_is(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    with store.read() as conn:
        assert begun(conn, "butik") == [ACME]
    adopt(store, "butik", ACME, 17)
    link, identity = ledger.link(ACME), ledger.identity("account", ORG_NO)
    assert link is not None
    assert identity is not None
    assert (link.state, link.record_id, identity.record_id) == (LinkState.LINKED, 17, 17)
    assert (call_row(store, call).state, call_row(store, call).record_id) == ("done", 17)
    with store.read() as conn:
        assert begun(conn, "butik") == []


def test_a_person_says_that_there_is_none(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make_again(store, "butik", ACME, verify_in=0)
    assert ledger.link(ACME) is None
    assert ledger.identity("account", ORG_NO) is None
    assert call_row(store, call).state == "lost"
    assert due_ids(store) == [call]


def test_a_create_that_is_on_its_way_is_not_decided_by_a_person(store: Store, ledger: SqlLedger) -> None:
    ledger.intend_create(ACME, [], {}, 30)
    with pytest.raises(ConfigError, match="is being made right now"):
        make_again(store, "butik", ACME, verify_in=0)


def test_only_a_create_without_an_answer_waits_for_a_decision(store: Store, ledger: SqlLedger) -> None:
    make(ledger, 17)
    with pytest.raises(ConfigError, match="no create of account 'customer:1' is waiting for a decision"):
        adopt(store, "butik", ACME, 18)


def test_a_create_that_was_made_again_is_looked_for_when_its_time_comes(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    assert due_ids(store) == []
    come(store)
    with store.read() as conn:
        (found,) = due(conn)
    assert (found.id, found.connection, found.account, found.resource) == (call, "butik", 4711, "account")
    assert (found.key, found.record_id, found.looks) == (ACME.id, None, 0)
    assert found.event is not None


def test_one_looks_at_a_time(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    assert [take(store, call, 60) for _ in range(2)] == [True, False]
    assert due_ids(store) == []


def test_looking_again_is_counted_and_spaced(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    again(store, call, 60)
    assert due_ids(store) == []
    assert call_row(store, call).looks == 1


@pytest.mark.parametrize(("record_id", "state"), [(None, "failed"), (17, "done")])
def test_a_look_that_decides_ends_the_looking(
    store: Store, ledger: SqlLedger, record_id: int | None, state: str
) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    close(store, call, record_id=record_id, finding="två poster bär samma märke")
    row = call_row(store, call)
    assert (row.state, row.record_id, row.verify_at, row.sent) == (state, record_id, None, None)
    assert row.error == "två poster bär samma märke"
    assert due_ids(store) == []


def test_calls_that_are_not_settled_are_not_purged(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    with store.write() as conn:
        conn.execute(update(calls).values(started_at=after(-400 * 86400)))
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 0
    make(ledger, 18)
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 0
    close(store, call, record_id=None, finding="syns inte")
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 1
