"""Lanes agree with a simple model: nothing is forgotten, done twice or out of turn, whatever happens in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis import Redis
from sqlalchemy import delete, select, update

from tests.integration.store.examples import one
from worker.connectors.generic import connector as generic
from worker.delivery.sweep import Sweep
from worker.errors import LeaseLost
from worker.queue.wakeups import QUEUES, Wakeup, Wakeups
from worker.settings import Connection, Delivery, Settings
from worker.store import Store, open_store
from worker.store.db.clock import after
from worker.store.db.tables import events, lanes, requests
from worker.store.events.outcomes import Outcome, defer, release, take_back
from worker.store.lanes.lanes import Claim, claim, lane

CONNECTION = "butik"
SUBJECTS = ("kund:Åsa", "kund:Örjan")
BATCH = 2
LEASE = 3600.0
BOUND = 5
SETTINGS = Settings(
    delivery=Delivery(ring_again=3600.0, queue_bound=BOUND),
    connections={CONNECTION: Connection(name=CONNECTION, connector=generic, settings=generic.settings())},
)
PENDING = "pending"

subjects = st.sampled_from(SUBJECTS)
some = st.integers(0, 9)


@dataclass(slots=True)
class Sent:
    """An event as the model knows it, in the order of `place`."""

    place: tuple[datetime, int]
    subject: str
    status: str = PENDING


@dataclass(slots=True)
class Holding:
    """A worker with a claim in hand; `overtaken` once another has the lane."""

    claim: Claim
    overtaken: bool = False


class Workers(RuleBasedStateMachine):
    """Two lanes, and as many workers as there are claims."""

    store: Store
    wakeups: Wakeups
    sweeper: Sweep
    redis: Redis

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        with self.store.write() as conn:
            for table in (events, requests, lanes):
                conn.execute(delete(table))
        self.sent: dict[str, Sent] = {}
        self.holding: list[Holding] = []
        self.lapsed: set[str] = set()

    @rule(subject=subjects, minute=st.integers(0, 5), urgent=st.booleans(), rung=st.booleans())
    def an_event_arrives(self, subject: str, minute: int, *, urgent: bool, rung: bool) -> None:
        """`rung`: the receiver lives long enough to ring, and Redis is there."""
        event = one(self.store, f"händelse {len(self.sent)}", subject, minute=minute, priority=urgent)
        with self.store.read() as conn:
            row = conn.execute(select(events.c.time, events.c.seq).where(events.c.id == event)).one()
        self.sent[event] = Sent((row.time, row.seq), subject)
        if rung:
            self.wakeups.ring([Wakeup(event, CONNECTION, "kund", urgent)])

    @rule()
    def a_worker_takes_a_message(self) -> None:
        event = self.next_message()
        if event is not None:
            self.wakeups.taken(event, CONNECTION)
            self.claims(self.sent[event].subject)

    @rule()
    def a_message_comes_twice(self) -> None:
        event = self.next_message()
        if event is not None:
            self.claims(self.sent[event].subject)
            self.claims(self.sent[event].subject)

    @rule()
    def a_message_is_lost(self) -> None:
        self.next_message()

    @rule()
    def redis_is_wiped(self) -> None:
        self.redis.flushall()

    @rule()
    def the_sweeper_comes_by(self) -> None:
        self.sweep()

    @rule(which=some)
    def a_worker_is_done(self, which: int) -> None:
        for holding in self.taken_from_hand(which):
            self.ends(holding, [event.id for event in holding.claim.events])

    @rule(which=some)
    def a_worker_ends_the_first_and_puts_off_the_rest(self, which: int) -> None:
        for holding in self.taken_from_hand(which):
            first, *_ = [event.id for event in holding.claim.events]
            with _Fenced(holding):
                defer(
                    self.store,
                    holding.claim,
                    seconds=LEASE,
                    attempts=1,
                    failing=True,
                    outcomes=[Outcome(first, "delivered")],
                )
                self.ended(first)

    @rule(which=some)
    def a_worker_gives_its_lane_back(self, which: int) -> None:
        for holding in self.taken_from_hand(which):
            assert take_back(self.store, holding.claim) is not holding.overtaken

    @rule(which=some)
    def a_worker_dies(self, which: int) -> None:
        """Its lease goes on."""
        list(self.taken_from_hand(which))

    @rule(subject=subjects)
    def a_lease_runs_out(self, subject: str) -> None:
        with self.store.write() as conn:
            conn.execute(
                update(lanes).where(lane(CONNECTION, subject), lanes.c.owner.is_not(None)).values(lease_until=after(-1))
            )
        self.lapsed.add(subject)

    @rule(subject=subjects)
    def a_pause_is_over(self, subject: str) -> None:
        self.hasten(subject)

    @invariant()
    def every_event_stands_as_it_should(self) -> None:
        with self.store.read() as conn:
            rows = conn.execute(select(events.c.id, events.c.status)).all()
        assert {row.id: row.status for row in rows} == {event: sent.status for event, sent in self.sent.items()}

    @invariant()
    def no_lane_with_something_in_it_is_forgotten(self) -> None:
        with self.store.read() as conn:
            waiting = set(conn.execute(select(lanes.c.subject).where(lanes.c.due_at.is_not(None))).scalars())
        assert {sent.subject for sent in self.sent.values() if sent.status == PENDING} <= waiting

    def teardown(self) -> None:
        """From wherever it stands: once leases and pauses are over, everything is delivered."""
        self.holding.clear()
        for subject in SUBJECTS:
            self.a_lease_runs_out(subject)
        while any(sent.status == PENDING for sent in self.sent.values()):
            left = sum(sent.status == PENDING for sent in self.sent.values())
            for subject in SUBJECTS:
                self.hasten(subject)
            self.redis.flushall()
            self.sweep()
            while (event := self.next_message()) is not None:
                self.wakeups.taken(event, CONNECTION)
                self.claims(self.sent[event].subject)
                self.a_worker_is_done(0)
            assert sum(sent.status == PENDING for sent in self.sent.values()) < left, "nothing comes of a sweep"
        self.every_event_stands_as_it_should()

    def claims(self, subject: str) -> None:
        found = claim(self.store, CONNECTION, subject, f"arbetare {len(self.holding)}", LEASE, BATCH)
        if found is None:
            return
        for holding in self.holding:
            if holding.claim.subject == subject:
                assert holding.overtaken or subject in self.lapsed, "two workers own one lane"
                holding.overtaken = True
        self.lapsed.discard(subject)
        waiting = sorted(
            (sent.place, event)
            for event, sent in self.sent.items()
            if sent.subject == subject and sent.status == PENDING
        )
        claimed = [event.id for event in found.events]
        assert claimed == [event for _, event in waiting][: len(claimed)], "not in the sender's order"
        self.holding.append(Holding(found))

    def taken_from_hand(self, which: int) -> Iterator[Holding]:
        if self.holding:
            yield self.holding.pop(which % len(self.holding))

    def ends(self, holding: Holding, done: list[str]) -> None:
        with _Fenced(holding):
            empty = release(self.store, holding.claim, [Outcome(event, "delivered") for event in done])
            for event in done:
                self.ended(event)
            left = any(s.subject == holding.claim.subject and s.status == PENDING for s in self.sent.values())
            assert empty is not left, "a worker that goes on would miss what came in"

    def ended(self, event: str) -> None:
        assert self.sent[event].status == PENDING, "done twice"
        self.sent[event].status = "delivered"

    def next_message(self) -> str | None:
        for queue in QUEUES:
            message = self.redis.rpop(queue)
            if message is not None:
                assert isinstance(message, str | bytes)
                return str(json.loads(message)["headers"]["id"])
        return None

    def sweep(self) -> None:
        self.sweeper.run()

    def hasten(self, subject: str) -> None:
        with self.store.write() as conn:
            conn.execute(
                update(lanes).where(lane(CONNECTION, subject), lanes.c.due_at.is_not(None)).values(due_at=after(-1))
            )


class _Fenced:
    """A worker that was overtaken is refused, and only such a one."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        assert (kind is LeaseLost) is self._holding.overtaken
        return kind is LeaseLost


@pytest.fixture
def machine(database_url: str, redis: Redis, valkey_url: str) -> Iterator[type[RuleBasedStateMachine]]:
    opened = open_store(database_url)

    class Prepared(Workers):
        store = opened
        wakeups = Wakeups(valkey_url, bound=BOUND)
        sweeper = Sweep(opened, SETTINGS, wakeups, lambda *_: False, lambda *_: None)

    Prepared.redis = redis
    yield Prepared
    opened.close()


def test_whatever_happens_each_event_is_delivered_once_and_in_turn(
    machine: type[RuleBasedStateMachine],
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
