"""Creates without an answer: ended by a person, or looked for once more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.contracts.ledger import ACME, ORG_NO, answer, make, packed
from tests.integration.store.examples import one
from worker.errors import ConfigError, LeaseLost, NeedsReview, OutcomeUnknown
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.retention import purge
from worker.store.db.tables import calls, events, lanes
from worker.store.events.events import show
from worker.store.events.replay import report, revive_reviewed
from worker.store.lanes.accounts import bind
from worker.store.lanes.lanes import claim
from worker.store.ledger.ledger import SqlLedger
from worker.store.ledger.rechecks import again, due, leave, take
from worker.store.ledger.reviews import adopt, begun, make_again
from worker.sync.records import LinkState, Recheck


@pytest.fixture
def ledger(store: Store) -> SqlLedger:
    event = one(store, "e1")
    found = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert found is not None
    return SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=event, settled_after=300)


def lost(ledger: SqlLedger) -> str:
    call = ledger.intend_create(ACME, [ORG_NO], packed(name="Åkeri"), 0)
    ledger.unknown(call, OutcomeUnknown("timeout"))
    return call


def call_row(store: Store, call: str) -> Any:
    with store.read() as conn:
        return conn.execute(select(calls).where(calls.c.id == call)).one()


def set_status(store: Store, event: str, status: str) -> None:
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(status=status))


def status_of(store: Store, event: str) -> str:
    with store.read() as conn:
        return str(conn.execute(select(events.c.status).where(events.c.id == event)).scalar_one())


def due_ids(store: Store) -> list[str]:
    with store.read() as conn:
        return [found.recheck.call for found in due(conn, "butik", runs=True, patience=900)]


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


def test_only_a_create_without_an_answer_can_be_made_again(store: Store, ledger: SqlLedger) -> None:
    make(ledger, 17)
    with pytest.raises(ConfigError, match="no create of account 'customer:1' is waiting for a decision"):
        make_again(store, "butik", ACME, verify_in=0)


def test_a_person_says_which_record_is_left_of_two(store: Store, ledger: SqlLedger) -> None:
    make(ledger, 17)
    adopt(store, "butik", ACME, 18)
    link = ledger.link(ACME)
    assert link is not None
    assert (link.state, link.record_id) == (LinkState.LINKED, 18)


def test_a_person_says_which_record_it_is_before_anything_was_made(store: Store, ledger: SqlLedger) -> None:
    with pytest.raises(ConfigError, match="butik is bound to no Upsales account yet"):
        adopt(store, "butik", ACME, 17)
    bind(store, "butik", account=4711, account_name=None, user_id=None, user_name=None, fingerprint="f00d")
    adopt(store, "butik", ACME, 17)
    link = ledger.link(ACME)
    assert link is not None
    assert (link.state, link.record_id) == (LinkState.LINKED, 17)


def test_what_waits_for_a_decision_in_a_lane_is_tried_again_together(store: Store) -> None:
    ids = [one(store, name) for name in ("e1", "e2", "e3")]
    with store.write() as conn:
        conn.execute(
            update(events).where(events.c.id != ids[2]).values(status="review", attempts=3, reason="två finns")
        )
        conn.execute(update(events).where(events.c.id == ids[2]).values(status="dead"))
    assert revive_reviewed(store, "butik", "kund:Åsa", QualifiedKey.of("butik", ACME)) == 2
    found = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert found is not None
    assert [(event.id, event.attempts) for event in found.events] == [(ids[0], 0), (ids[1], 0)]


def test_what_is_in_review_for_the_same_record_is_tried_again_in_every_lane(store: Store) -> None:
    decided, same_words = QualifiedKey.of("butik", ACME), QualifiedKey.of("kassa", ACME)
    for name, asked in {"väntar": decided, "annan": same_words, "okänd": None, "död": decided}.items():
        reviewed(store, one(store, name, name, connection="kassa"), asked)
    with store.write() as conn:
        conn.execute(update(events).where(events.c.subject == "väntar").values(priority=True))
        conn.execute(update(events).where(events.c.subject == "död").values(status="dead"))

    assert revive_reviewed(store, "butik", "kund:Åsa", decided) == 1

    with store.read() as conn:
        rows = conn.execute(select(events.c.subject, events.c.status)).all()
        due = conn.execute(select(lanes.c.priority).where(lanes.c.subject == "väntar", lanes.c.due_at.is_not(None)))
        assert due.scalar_one()
    assert {row.subject: row.status for row in rows} == {
        "väntar": "pending",
        "annan": "review",
        "okänd": "review",
        "död": "dead",
    }


def reviewed(store: Store, event: str, key: QualifiedKey | None) -> None:
    with store.write() as conn:
        report(conn, event, NeedsReview("två finns", key=key))


def test_a_create_that_was_made_again_is_looked_for_when_its_time_comes(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    assert due_ids(store) == []
    come(store)
    with store.read() as conn:
        (found,) = due(conn, "butik", runs=True, patience=900)
    assert (found.connection, found.account, found.fingerprint) == ("butik", 4711, "f00d")
    assert found.recheck == Recheck(call, "account", None, ACME, packed(name="Åkeri"), found.recheck.event)
    assert found.recheck.event is not None


def test_an_update_whose_outcome_was_never_known_is_looked_for(store: Store, ledger: SqlLedger) -> None:
    call = ledger.intend_update("account", 17, packed(name="Åkeri"), 30)
    ledger.unknown(call, OutcomeUnknown("timeout"))
    assert due_ids(store) == []
    come(store)
    with store.read() as conn:
        (found,) = due(conn, "butik", runs=True, patience=900)
    assert found.recheck == Recheck(call, "account", 17, None, packed(name="Åkeri"), found.recheck.event)
    ledger.settled(call, effective=True)
    assert due_ids(store) == []


def test_an_update_that_was_answered_is_not_looked_for(store: Store, ledger: SqlLedger) -> None:
    call = ledger.intend_update("account", 17, {}, 30)
    ledger.updated(call, "account", 17, answer(17), [], {})
    assert call_row(store, call).verify_at is None


def test_one_rechecks_at_a_time_and_in_a_lane_of_its_own(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    with store.read() as conn:
        (found,) = due(conn, "butik", runs=True, patience=900)
    fence = take(store, found, "w1", 60)
    assert fence is not None
    assert take(store, found, "w2", 60) is None
    look = SqlLedger(store, fence, account=4711, fingerprint="f00d", event=found.recheck.event, settled_after=300)
    look.settled(call, effective=False)
    leave(store, fence)
    assert (call_row(store, call).state, due_ids(store)) == ("failed", [])
    with pytest.raises(LeaseLost):
        look.rechecked(call)


def test_whoever_takes_a_recheck_over_overtakes_the_one_before(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    with store.read() as conn:
        (found,) = due(conn, "butik", runs=True, patience=900)
    slow = take(store, found, "w1", 60)
    come(store)
    quick = take(store, found, "w2", 60)
    assert slow is not None
    assert quick is not None
    leave(store, slow)
    with pytest.raises(LeaseLost):
        SqlLedger(store, slow, account=4711, fingerprint="f", event=None, settled_after=300).settled(
            call, effective=False
        )
    SqlLedger(store, quick, account=4711, fingerprint="f", event=None, settled_after=300).settled(call, effective=False)


def test_looking_again_is_counted_and_spaced(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    come(store)
    again(store, call, 60)
    assert due_ids(store) == []
    assert call_row(store, call).failed_looks == 1


def test_two_records_of_one_thing_are_reported(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    make(ledger, 18)
    set_status(store, call_row(store, call).event, "delivered")
    ledger.duplicated(call, [17, 18])
    row = call_row(store, call)
    assert (row.state, row.verify_at, row.sent) == ("done", None, None)
    with store.read() as conn:
        event = show(conn, row.event)
    assert event is not None
    assert event.status == "review"
    assert event.reason == "account 'customer:1' was made more than once: 17, 18. Merge them in Upsales."
    assert (event.review_key, event.candidates) == (QualifiedKey.of("butik", ACME), (17, 18))


def test_an_event_that_is_to_be_delivered_again_is_delivered_before_its_two_records_are_reported(
    store: Store, ledger: SqlLedger
) -> None:
    call = lost(ledger)
    make(ledger, 18)
    event = call_row(store, call).event
    set_status(store, event, "pending")

    ledger.duplicated(call, [17, 18])

    row = call_row(store, call)
    assert status_of(store, event) == "pending"
    assert row.error == "account 'customer:1' was made more than once: 17, 18"
    assert row.sent is not None
    assert due_ids(store) == []
    come(store)
    assert due_ids(store) == [call]

    set_status(store, event, "delivered")
    ledger.duplicated(call, [17, 18])

    assert status_of(store, event) == "review"
    assert (call_row(store, call).state, call_row(store, call).verify_at) == ("done", None)


def test_calls_that_are_not_settled_are_not_purged(store: Store, ledger: SqlLedger) -> None:
    call = lost(ledger)
    with store.write() as conn:
        conn.execute(update(calls).values(started_at=after(-400 * 86400)))
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 0
    make(ledger, 18)
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 0
    ledger.settled(call, effective=False)
    assert purge(store, keep_events=86400, keep_calls=86400).calls == 1
