"""Senders and workers all at once: every event is delivered once, no lane is left behind, and nobody waits in a circle."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from zlib import crc32

import pytest
from sqlalchemy import func, select

from tests.contracts.ledger import answer, held
from tests.integration.store.examples import arrival, event, one, take_in
from worker.errors import Busy, LeaseLost, OutcomeUnknown, Refused
from worker.plan import Key, Match
from worker.store import Store, open_store
from worker.store.db.tables import calls, events, identities, lanes, links
from worker.store.events.outcomes import Outcome, release
from worker.store.lanes.due import due
from worker.store.lanes.lanes import claim
from worker.store.ledger.ledger import SqlLedger

SENDERS, WORKERS, REQUESTS, SUBJECTS = 3, 4, 25, 6


@pytest.fixture
def processes(database_url: str) -> Iterator[tuple[Store, Store]]:
    """The same database, as two processes have it."""
    both = open_store(database_url), open_store(database_url)
    yield both
    for store in both:
        store.close()


def run_all(parts: Sequence[Callable[[], object]]) -> None:
    """Run them at once; the first one's failure is the test's."""
    failures: list[BaseException] = []

    def run(part: Callable[[], object]) -> None:
        try:
            part()
        except BaseException as error:  # noqa: BLE001 - to be raised where the test can see it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def send(store: Store, sender: int) -> None:
    """Requests of four events; two of them are sent by every sender, each in its own order."""
    chance = random.Random(sender)
    for request in range(REQUESTS):
        names = [f"{request}-{n}" if n % 2 else f"{sender}-{request}-{n}" for n in range(4)]
        chance.shuffle(names)
        take_in(store, arrival(*(event(name, f"kund:{crc32(name.encode()) % SUBJECTS}") for name in names)))


def work(store: Store, delivered: Counter[str], all_sent: threading.Event) -> None:
    last_round = False
    while not last_round:
        last_round = all_sent.is_set()
        with store.write() as conn:
            rung = due(conn, "butik", 10, 0)
        for lane in rung:
            deliver(store, lane.subject, delivered)
        last_round = last_round and not rung and not pending(store)


def deliver(store: Store, subject: str, delivered: Counter[str]) -> None:
    while (found := claim(store, "butik", subject, "w", 60, batch=5)) is not None:
        last = release(store, found, [Outcome(waiting.id, "delivered") for waiting in found.events])
        delivered.update(waiting.id for waiting in found.events)
        if last:
            return


def pending(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).where(events.c.status == "pending")).scalar_one()


def test_every_event_is_delivered_once_and_no_lane_is_left_behind(processes: tuple[Store, Store]) -> None:
    all_sent = threading.Event()
    delivered: list[Counter[str]] = [Counter() for _ in range(WORKERS)]

    def send_all() -> None:
        try:
            run_all([partial(send, processes[n % 2], n) for n in range(SENDERS)])
        finally:
            all_sent.set()

    workers = [partial(work, processes[n % 2], delivered[n], all_sent) for n in range(WORKERS)]
    run_all([send_all, *workers])
    with processes[0].read() as conn:
        stored = conn.execute(select(events.c.id)).scalars().all()
        left = {tuple(row) for row in conn.execute(select(lanes.c.owner, lanes.c.due_at))}
    assert len(stored) == REQUESTS * (2 + 2 * SENDERS)
    assert sum(delivered, Counter()) == Counter(stored)
    assert left == {(None, None)}


def do_something(ledger: SqlLedger, chance: random.Random) -> None:
    """One of the things a worker does, to one of a few records."""
    key, record_id = Key("account", f"ö{chance.randrange(4)}"), chance.randrange(1, 6)
    matches = [Match("name", f"Å{chance.randrange(4)}") for _ in range(2)]
    match chance.randrange(5):
        case 0:
            call = ledger.intend_create(key, matches, {}, chance.choice([0, 0.05]))
            match chance.randrange(3):
                case 0:
                    ledger.failed(call, Refused("400"))
                case 1:
                    ledger.created(call, key, answer(record_id), matches, {"name": held("x")})
                case _:
                    ledger.unknown(call, OutcomeUnknown("timeout"))
        case 1:
            ledger.owner("account", record_id)
            lost = chance.choice([None, 6 - record_id])
            ledger.adopt(key, record_id, matches, {"name": held("y")}, lost=lost)
        case 2:
            ledger.hold("account", record_id, 0.1)
            call = ledger.intend_update("account", record_id, {}, 0.1)
            ledger.updated(call, "account", record_id, answer(record_id), matches, {"name": held("z")})
        case 3:
            ledger.gone(key, record_id, final=chance.random() < 0.5)
        case _:
            ledger.confirm("account", matches[0], record_id)
            ledger.forget("account", matches[1], record_id)


def hammer(store: Store, number: int) -> None:
    connection, subject = f"butik{number % 2}", f"kund:{number}"
    one(store, f"e{number}", subject, connection=connection)
    found = claim(store, connection, subject, "w", 600)
    assert found is not None
    chance = random.Random(number)
    for _ in range(40):
        ledger = SqlLedger(store, found.fence, account=4711, fingerprint="f00d", event=None, settled_after=300)
        with suppress(Busy, LeaseLost):
            do_something(ledger, chance)


def test_ledgers_never_wait_in_a_circle_and_nothing_stays_reserved_for_nobody(processes: tuple[Store, Store]) -> None:
    run_all([partial(hammer, processes[n % 2], n) for n in range(6)])
    with processes[0].read() as conn:
        reserved = conn.execute(
            select(identities.c.connection, identities.c.key).where(identities.c.record_id.is_(None))
        ).all()
        begun = conn.execute(
            select(links.c.connection, links.c.key, links.c.call_id).where(links.c.state == "creating")
        )
        creating = {(row.connection, row.key): row.call_id for row in begun}
        undecided = set(conn.execute(select(calls.c.id).where(calls.c.state.in_(["open", "unknown"]))).scalars())
    assert {tuple(row) for row in reserved} <= set(creating)
    assert set(creating.values()) <= undecided
