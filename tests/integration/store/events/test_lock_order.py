"""Whoever has many events wait again locks them in one order, so that two of them never wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from sqlalchemy import select, text, update

from tests.integration.conftest import Databases
from tests.integration.store.events.parking import again
from tests.integration.store.examples import arrival, one, take_in
from tests.integration.store.examples import event as new_event
from worker.plan import QualifiedKey
from worker.store import Store, open_store
from worker.store.db.clock import after
from worker.store.db.tables import events, lanes
from worker.store.events.kept import apply_kept
from worker.store.events.replay import revive_reviewed
from worker.store.events.replay_cancel import TakenBack, take_back
from worker.store.privacy.erase import Erasing
from worker.store.privacy.forget import no_progress
from worker.store.privacy.person import Person
from worker.store.privacy.pseudonyms import made_pseudonyms
from worker.store.privacy.traces import Traces

ACME = QualifiedKey("butik", "account", "K-1")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def postgresql(postgresql_databases: Databases) -> Iterator[Store]:
    opened = open_store(postgresql_databases.migrated())
    yield opened
    opened.close()


def reviewed(store: Store) -> int:
    return revive_reviewed(store, "butik", "", ACME)


def kept(store: Store) -> int:
    return apply_kept(store, ACME)


def somebody_waits(store: Store) -> bool:
    with store.read() as conn:
        return bool(conn.execute(text(WAITING)).scalar_one())


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.01)


@pytest.mark.parametrize(
    ("status", "wait_again"), [("ignored", kept), ("review", reviewed)], ids=["kept for a record", "in review"]
)
def test_the_first_to_come_is_locked_first(postgresql: Store, status: str, wait_again: Callable[[Store], int]) -> None:
    first, second = one(postgresql, "e1", "kund:1"), one(postgresql, "e2", "kund:2")
    for event in (second, first):
        # PostgreSQL finds rows in the order in which they were last written.
        with postgresql.write() as conn:
            values = {"status": status, "waits_for": ACME, "waits_until": after(3600), "review_key": ACME}
            conn.execute(update(events).where(events.c.id == event).values(**values))
    with ThreadPoolExecutor(1) as other:
        with postgresql.write() as conn:
            conn.execute(select(events.c.id).where(events.c.id == first).with_for_update())
            applied = other.submit(wait_again, postgresql)
            until(lambda: somebody_waits(postgresql))
            conn.execute(select(events.c.id).where(events.c.id == second).with_for_update(nowait=True)).one()
        assert applied.result(30) == 2


def test_what_a_person_drops_while_replays_are_taken_back_stays_dropped(postgresql: Store) -> None:
    dead, delivered = one(postgresql, "e1", "kund:1"), one(postgresql, "e2", "kund:2")
    with postgresql.write() as conn:
        for event, status in ((dead, "dead"), (delivered, "delivered")):
            conn.execute(update(events).where(events.c.id == event).values(status=status, reason="fel"))
        conn.execute(update(lanes).values(due_at=None))
    again(postgresql, [dead, delivered], 60)
    with ThreadPoolExecutor(1) as other:
        with postgresql.write() as conn:
            conn.execute(update(events).where(events.c.status == "pending").values(status="ignored"))
            taken = other.submit(take_back, postgresql)
            until(lambda: somebody_waits(postgresql))
        assert taken.result(30) == TakenBack()
    with postgresql.read() as conn:
        found = conn.execute(select(events.c.status).order_by(events.c.seq)).scalars().all()
    assert found == ["ignored", "delivered", "ignored"]


def test_what_is_sent_again_while_its_id_is_erased_is_a_duplicate(postgresql: Store) -> None:
    sent = "sub anna@exempel.se 1"
    stored = one(postgresql, sent)
    with postgresql.write() as conn:
        known = made_pseudonyms(conn)
        conn.execute(update(events).values(status="delivered"))
    found = Traces(Person(frozenset({"anna@exempel.se"})), events=frozenset({stored}))
    erasing = Erasing(postgresql, found, known, "", no_progress)
    with ThreadPoolExecutor(1) as other:
        with postgresql.write() as conn:
            assert erasing._erase_events([stored], conn) == 1
            again_sent = other.submit(take_in, postgresql, arrival(new_event(sent)))
            until(lambda: somebody_waits(postgresql))
        (receipt,) = again_sent.result(30)
    assert [(each.taken, each.id) for each in receipt.events] == [("duplicate", stored)]
