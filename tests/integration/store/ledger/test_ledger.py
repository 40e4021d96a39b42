"""The ledger in real databases: the contract, and what only a database can get wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.contracts.ledger import ACME, ORG_NO, OTHER, LedgerContract, Ledgers, answer, held, make, open_write, packed
from tests.integration.store.examples import one
from worker.errors import Busy, LeaseLost, OutcomeUnknown, Refused
from worker.plan import Key, Match
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.tables import calls, lanes, links
from worker.store.lanes.accounts import bind
from worker.store.lanes.lanes import claim
from worker.store.ledger.ledger import SqlLedger
from worker.sync.ports import Ledger
from worker.sync.records import CallState, LinkState

HORIZON = 300.0


@pytest.fixture
def ledgers(store: Store) -> Ledgers:
    def ledger(connection: str = "butik", subject: str = "kund:Åsa") -> SqlLedger:
        event = one(store, f"{connection}-{subject}", subject, connection=connection)
        bind(store, connection, account=4711, account_name=None, user_id=None, user_name=None, fingerprint="f00d")
        found = claim(store, connection, subject, "w1", 60)
        assert found is not None
        return SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=event, settled_after=HORIZON)

    return ledger


class TestSqlLedger(LedgerContract):
    pass


def call_row(store: Store, call: str) -> Any:
    with store.read() as conn:
        return conn.execute(select(calls).where(calls.c.id == call)).one()


def overtake(store: Store) -> None:
    with store.write() as conn:
        conn.execute(update(lanes).values(token=lanes.c.token + 1))


WRITES: list[tuple[str, Callable[[Ledger, str], object]]] = [
    ("forget", lambda ledger, _: ledger.forget("account", ORG_NO, 17)),
    ("confirm", lambda ledger, _: ledger.confirm("account", ORG_NO, 17)),
    ("adopt", lambda ledger, _: ledger.adopt(ACME, 17, [], {})),
    ("intend_create", lambda ledger, _: ledger.intend_create(ACME, [], {}, 30)),
    ("hold", lambda ledger, _: ledger.hold("account", 17, 30)),
    ("release", lambda ledger, _: ledger.release("account", 17, {})),
    ("intend_update", lambda ledger, _: ledger.intend_update("account", 17, {}, 30)),
    ("updated", lambda ledger, call: ledger.updated(call, "account", 17, answer(17), [], {})),
    ("settled", lambda ledger, call: ledger.settled(call, effective=True)),
    ("failed", lambda ledger, call: ledger.failed(call, Refused("400"))),
    ("unknown", lambda ledger, call: ledger.unknown(call, OutcomeUnknown("timeout"))),
    ("duplicated", lambda ledger, call: ledger.duplicated(call, [17, 18])),
    ("looked", lambda ledger, call: ledger.rechecked(call)),
    ("missing", lambda ledger, _: ledger.missing(ACME, 17)),
    ("found", lambda ledger, _: ledger.found(ACME, 17)),
    ("gone", lambda ledger, _: ledger.gone(ACME, 17, final=True)),
]


@pytest.mark.parametrize("write", [write for _, write in WRITES], ids=[name for name, _ in WRITES])
def test_an_overtaken_worker_writes_nothing(
    store: Store, ledgers: Ledgers, write: Callable[[Ledger, str], object]
) -> None:
    ledger = ledgers()
    call = ledger.intend_create(Key("account", "ö"), [], {}, 30)
    before = call_row(store, call)
    overtake(store)
    with pytest.raises(LeaseLost):
        write(ledger, call)
    assert call_row(store, call) == before


def test_what_two_accounts_have_under_the_same_number_is_told_apart(store: Store, ledgers: Ledgers) -> None:
    ours = ledgers()
    one(store, "e9", "kund:Örjan", connection="dotterbolag")
    found = claim(store, "dotterbolag", "kund:Örjan", "w1", 60)
    assert found is not None
    theirs = SqlLedger(store, found.fence, account=4712, fingerprint="beef", event=None, settled_after=HORIZON)
    lost = ours.intend_create(OTHER, [], {}, 30)
    ours.unknown(lost, OutcomeUnknown("timeout"))
    make(theirs, 17, ACME, (ORG_NO,), name=held("Dotterbolaget"))
    assert ours.later_create(lost) is None
    assert ours.identity("account", ORG_NO) is None
    make(ours, 17, ACME, (ORG_NO,), name=held("Åkeri"))
    assert ours.later_create(lost) == ("account", 17)
    unanswered = ours.intend_update("account", 17, {}, 30)
    ours.unknown(unanswered, OutcomeUnknown("timeout"))
    ours.adopt(ACME, 18, [], {}, lost=17)
    ours.gone(ACME, 18, final=False)
    link = theirs.link(ACME)
    assert link is not None
    assert (link.state, link.record_id, theirs.owner("account", 17)) == (LinkState.LINKED, 17, ACME)
    record = theirs.record("account", 17)
    assert (dict(record.fields), record.open_writes) == ({"name": held("Dotterbolaget")}, ())
    assert theirs.natural_fields(ACME) == {"orgNo"}


def test_of_two_keys_that_were_linked_at_one_time_every_worker_takes_the_same_for_the_first(
    store: Store, ledgers: Ledgers
) -> None:
    ledger = ledgers()
    for key in (OTHER, ACME):
        ledger.adopt(key, 17, [], {})
    with store.write() as conn:
        conn.execute(update(links).values(created_at=now(conn)))
    assert ledger.owner("account", 17) == min(ACME, OTHER, key=lambda key: key.id)


def test_the_lane_is_kept_for_longer_than_the_call_may_take(store: Store, ledgers: Ledgers) -> None:
    ledger = ledgers()
    ledger.intend_create(ACME, [], {}, 500)
    with store.read() as conn:
        left = conn.execute(select(lanes.c.lease_until)).scalar_one() - now(conn)
    assert left > timedelta(seconds=505)
    ledger.hold("account", 17, 0)
    with store.read() as conn:
        assert conn.execute(select(lanes.c.lease_until)).scalar_one() - now(conn) > timedelta(seconds=495)


def test_a_call_is_journalled_before_and_after(store: Store, ledgers: Ledgers) -> None:
    ledger = ledgers()
    call = ledger.intend_create(ACME, [], packed(name="Åkeri"), 30)
    row = call_row(store, call)
    assert (row.connection, row.account, row.fingerprint, row.method) == ("butik", 4711, "f00d", "POST")
    assert (row.resource, row.key, row.write, row.state) == ("account", ACME.id, True, "open")
    assert row.event is not None
    ledger.created(call, ACME, answer(17, phone="08-1"), [], {})
    row = call_row(store, call)
    assert (row.state, row.record_id, row.status, row.duration) == ("done", 17, 200, 250_000)
    assert (row.sent, row.changed) == (None, {"phone": "08-1"})


def test_a_refusal_is_journalled_in_upsaless_words_whatever_they_contain(store: Store, ledgers: Ledgers) -> None:
    ledger = ledgers()
    call = ledger.intend_create(ACME, [], {}, 30)
    ledger.failed(call, Refused("400: \x00 \ud83d namnet är för långt", status=400, duration=0.5))
    row = call_row(store, call)
    assert (row.state, row.status, row.duration, row.sent) == ("failed", 400, 500_000, None)
    assert row.error.endswith("namnet är för långt")


def test_a_lost_create_is_looked_for_once_more(store: Store, ledgers: Ledgers) -> None:
    ledger = ledgers()
    lost = ledger.intend_create(ACME, [], packed(name="Åkeri"), 0)
    make(ledger, 18)
    row = call_row(store, lost)
    assert row.state == "lost"
    with store.read() as conn:
        assert timedelta(0) < row.verify_at - now(conn) <= timedelta(seconds=HORIZON)


def test_an_answer_that_comes_after_another_create_is_reported_and_changes_nothing(
    store: Store, ledgers: Ledgers
) -> None:
    slow, quick = ledgers(subject="a"), ledgers(subject="b")
    lost = slow.intend_create(ACME, [ORG_NO], {}, 0)
    make(quick, 18, ACME, (ORG_NO,), name=held("ny"))
    with pytest.raises(LeaseLost):
        slow.created(lost, ACME, answer(17), [ORG_NO], {"name": held("gammal")})
    link = quick.link(ACME)
    assert link is not None
    assert link.record_id == 18
    row = call_row(store, lost)
    assert (row.state, row.record_id) == ("lost", 17)
    with store.read() as conn:
        assert row.verify_at <= now(conn)


def test_an_answer_to_a_worker_that_was_overtaken_is_journalled_for_the_next(store: Store, ledgers: Ledgers) -> None:
    ledger, other = ledgers(), ledgers("formulär", "b")
    call = ledger.intend_create(ACME, [ORG_NO], packed(name="Åkeri"), 30)
    overtake(store)
    with pytest.raises(LeaseLost):
        ledger.created(call, ACME, answer(17), [ORG_NO], {"name": held("Åkeri")})
    found = open_write(ledger)
    assert (found.id, found.state, found.record_id) == (call, CallState.UNKNOWN, 17)
    assert dict(found.sent) == packed(name="Åkeri")
    assert other.record("account", 17).open_writes == ()
    row = call_row(store, call)
    assert (row.status, row.duration) == (200, 250_000)


@pytest.mark.parametrize("adopted", [17, 18])
def test_an_answer_that_comes_after_its_record_was_found_is_looked_at_if_it_tells_of_another(
    store: Store, ledgers: Ledgers, adopted: int
) -> None:
    slow, quick = ledgers(subject="a"), ledgers(subject="b")
    call = slow.intend_create(ACME, [], {}, 0)
    quick.adopt(ACME, adopted, [], {})
    with pytest.raises(LeaseLost):
        slow.created(call, ACME, answer(17), [], {})
    row = call_row(store, call)
    assert (row.state, row.record_id) == ("done" if adopted == 17 else "lost", 17)
    assert (row.verify_at is None) == (adopted == 17)


def test_a_create_that_has_just_been_answered_is_neither_made_again_nor_another_record(
    store: Store, ledgers: Ledgers
) -> None:
    slow, quick = ledgers(subject="a"), ledgers(subject="b")
    call = slow.intend_create(ACME, [], {}, 0)
    assert quick.link(ACME) is not None
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "a").values(token=lanes.c.token + 1))
    with pytest.raises(LeaseLost):
        slow.created(call, ACME, answer(17), [], {})
    with pytest.raises(Busy):
        quick.intend_create(ACME, [], {}, 30)
    with pytest.raises(Busy):
        quick.adopt(ACME, 18, [], {})
    quick.adopt(ACME, 17, [], {})
    assert call_row(store, call).state == "done"


def test_a_failure_that_comes_after_another_create_leaves_that_one(store: Store, ledgers: Ledgers) -> None:
    slow, quick = ledgers(subject="a"), ledgers(subject="b")
    lost = slow.intend_create(ACME, [ORG_NO], {}, 0)
    again = quick.intend_create(ACME, [ORG_NO], {}, 30)
    slow.failed(lost, Refused("400"))
    quick.created(again, ACME, answer(18), [ORG_NO], {})
    assert (call_row(store, lost).state, call_row(store, lost).verify_at) == ("failed", None)


def test_a_create_that_may_be_on_its_way_is_not_adopted_over(ledgers: Ledgers) -> None:
    first, second = ledgers(subject="a"), ledgers(subject="b")
    first.intend_create(ACME, [], {}, 30)
    with pytest.raises(Busy):
        second.adopt(ACME, 17, [], {})


def test_a_record_known_to_have_the_natural_key_and_not_meant_keeps_it(ledgers: Ledgers) -> None:
    """Two customers who share an e-mail address: the second one is made, and isn't found by it."""
    ledger = ledgers()
    email = Match("email", "info@öberg.se")
    make(ledger, 17, Key("contact", "1"), (email,))
    assert ledger.identity("contact", email) is not None
    make(ledger, 18, Key("contact", "2"), (email,))
    identity = ledger.identity("contact", email)
    assert identity is not None
    assert identity.record_id == 17


def test_a_natural_key_that_no_database_could_store_is_known_again(ledgers: Ledgers) -> None:
    ledger = ledgers()
    odd = Match("name", "Å\x00\ud83d")
    make(ledger, 17, ACME, (odd,))
    assert ledger.identity("account", odd) is not None


def test_of_many_at_once_one_makes_the_natural_key(store: Store, ledgers: Ledgers) -> None:
    several = [ledgers(subject=f"kund:{n}") for n in range(6)]
    start = threading.Barrier(len(several))
    outcomes: list[str] = []

    def run(n: int) -> None:
        start.wait()
        try:
            several[n].intend_create(Key("account", f"{n}"), [Match("name", f"x{n}"), ORG_NO], {}, 30)
        except Busy:
            outcomes.append("busy")
        else:
            outcomes.append("made")

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(several))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy"] * 5 + ["made"]
    with store.read() as conn:
        assert len(conn.execute(select(calls.c.id)).all()) == 1


def test_of_many_at_once_one_holds_the_record(store: Store, ledgers: Ledgers) -> None:
    several = [ledgers(subject=f"kund:{n}") for n in range(6)]
    start = threading.Barrier(len(several))
    outcomes: list[str] = []

    def run(ledger: Ledger) -> None:
        start.wait()
        try:
            ledger.hold("account", 17, 30)
        except Busy:
            outcomes.append("busy")
        else:
            outcomes.append("held")

    threads = [threading.Thread(target=run, args=(ledger,)) for ledger in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy"] * 5 + ["held"]


def test_a_superseded_create_of_long_ago_is_told_from_one_on_its_way(store: Store, ledgers: Ledgers) -> None:
    ledger = ledgers()
    call = ledger.intend_create(ACME, [], {}, 30)
    with store.write() as conn:
        conn.execute(update(calls).values(started_at=after(-400), deadline_at=after(-370)))
    link = ledger.link(ACME)
    assert link is not None
    assert link.open_write is not None
    assert (link.open_write.id, link.open_write.remaining) == (call, 0)
    assert 400 <= link.open_write.age < 410


def test_a_call_that_was_given_up_stays_so_whatever_its_own_worker_hears(store: Store, ledgers: Ledgers) -> None:
    slow, quick = ledgers("butik", "a"), ledgers("butik", "b")
    lost = slow.intend_create(ACME, [], {}, 0)
    quick.link(ACME)
    again = quick.intend_create(ACME, [], {}, 30)
    before = call_row(store, lost)
    slow.unknown(lost, OutcomeUnknown("timeout"))
    assert call_row(store, lost) == before
    assert before.state == "lost"
    assert open_write(quick).id == again
