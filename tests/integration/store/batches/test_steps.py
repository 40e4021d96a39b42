"""What a batch takes: the set that was counted, each once, whoever is killed and however many ask."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, update

from tests.integration.store.events.test_replay_rate import delivered, work
from tests.integration.store.examples import arrival, one, take_in
from tests.integration.store.examples import event as told
from worker.admin import batch_views, batches
from worker.admin.batch_views import BatchView, seq_of
from worker.admin.filters import Filters
from worker.admin.refusals import TooMany
from worker.store import Store
from worker.store.batches import rows
from worker.store.batches.steps import go_on, step
from worker.store.db.clock import after
from worker.store.db.tables import batches as table
from worker.store.db.tables import events, lanes, minutes
from worker.store.events.outcomes import Outcome, release
from worker.store.events.replay import revive
from worker.store.instruments.counters import AGAIN, MENDED
from worker.store.lanes.connections import pause
from worker.store.lanes.due import due
from worker.store.lanes.lanes import claim
from worker.store.people.audit import Actor

ANNA = Actor("anna", "api")
DEAD = Filters(fate=("dead",))


class Killed(BaseException):
    """The process ends here."""


def ended(store: Store, number: int, status: str = "dead", first: int = 0) -> Sequence[str]:
    new = [told(f"e{n}", f"s{n}") for n in range(first, first + number)]
    take_in(store, arrival(*new))
    with store.write() as conn:
        of_new = events.c.id.in_([each.id for each in new])
        conn.execute(update(events).where(of_new).values(status=status, done_at=after(-5), reason="fel", attempts=3))
        conn.execute(update(lanes).values(due_at=None, lease_until=after(-5)))
    return [each.id for each in new]


def begun(store: Store, kind: str, wanted: Filters, rate: int = 20) -> int:
    """Counted and started; its number."""
    made = batches.create(store, ANNA, kind, wanted, rate=rate, why="prov", key=f"{random.random()}")
    seq = seq_of(made.batch.id)
    batches.start(store, ANNA, seq)
    return seq


def seen(store: Store, seq: int) -> BatchView:
    return batch_views.shown(store, seq)


def turn(store: Store, seq: int) -> int:
    """Whose turn it is now, with nothing else in the way."""
    with store.write() as conn:
        conn.execute(update(table).values(next_at=after(-0.001)))
        conn.execute(update(lanes).values(due_at=None))
    return step(store, seq)


def column(store: Store, name: str) -> Sequence[Any]:
    with store.read() as conn:
        return conn.execute(select(events.c[name]).order_by(events.c.seq)).scalars().all()


def test_one_is_taken_when_its_turn_comes_and_live_events_go_first(store: Store) -> None:
    ended(store, 3)
    seq = begun(store, "replay", DEAD)
    assert [step(store, seq) for _ in range(3)] == [1, 0, 0]
    assert Counter(column(store, "status")) == {"dead": 2, "pending": 1}
    with store.write() as conn:
        conn.execute(update(table).values(next_at=after(-1)))
        conn.execute(update(lanes).where(lanes.c.subject == "s0").values(due_at=after(-6)))
    assert step(store, seq) == 0, "something else has been due for six seconds"
    assert turn(store, seq) == 1


def test_what_was_missed_for_long_is_not_made_up_for(store: Store) -> None:
    ended(store, 30)
    seq = begun(store, "replay", DEAD)
    with store.write() as conn:
        conn.execute(update(table).values(next_at=after(-3600)))
    assert step(store, seq) == 4


def test_what_comes_dies_or_waits_again_after_the_count_is_not_in_the_set(store: Store) -> None:
    early = ended(store, 3)
    dead, waiting = begun(store, "replay", DEAD), begun(store, "drop", Filters(fate=("waiting",), type=("never",)))
    late = ended(store, 2, first=10)
    with store.write() as conn:
        # One that had come before, and died after it was counted.
        conn.execute(update(events).where(events.c.id == early[2]).values(done_at=after(60)))
    while turn(store, dead):
        pass
    assert Counter(column(store, "status")) == {"pending": 2, "dead": 3}
    told = seen(store, dead)
    assert told.progress is not None
    assert (told.state, told.count, told.progress.taken, told.progress.skipped) == ("done", 3, 2, 1)
    assert late
    assert seen(store, waiting).count == 0


def test_what_waits_again_since_is_not_dropped_as_waiting(store: Store) -> None:
    one(store, "waits", "s:waits")
    (again,) = ended(store, 1)
    seq = begun(store, "drop", Filters(fate=("waiting",)))
    revive(store, again)
    step(store, seq)
    assert column(store, "status") == ["ignored", "pending"]


def test_what_somebody_else_ended_meanwhile_is_skipped(store: Store) -> None:
    first, _ = ended(store, 2)
    seq = begun(store, "replay", DEAD)
    revive(store, first)
    while turn(store, seq):
        pass
    told = seen(store, seq)
    assert told.progress is not None
    assert (told.progress.taken, told.progress.skipped, told.progress.left) == (1, 1, 0)


def test_of_an_event_and_its_replays_the_newest_is_taken(store: Store) -> None:
    delivered(store, "a", "b")
    for _ in range(3):
        seq = begun(store, "replay", Filters(fate=("delivered", "superseded")))
        assert seen(store, seq).count == 2
        while turn(store, seq):
            pass
        with store.write() as conn:
            conn.execute(update(lanes).values(due_at=after(-1)))
        for subject in "ab":
            assert len(work(store, subject)) == 1
    assert len(column(store, "id")) == 8


def test_progress_tells_what_became_of_them(store: Store) -> None:
    ended(store, 4)
    seq = begun(store, "replay", DEAD)
    for _ in range(3):
        assert turn(store, seq) == 1
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(-1)))
    for subject, status in (("s0", "delivered"), ("s1", "dead")):
        claimed = claim(store, "butik", subject, "w1", 60)
        assert claimed is not None
        release(store, claimed, [Outcome(claimed.events[0].id, status)])  # type: ignore[arg-type] # one of them
    progress = seen(store, seq).progress
    assert progress is not None
    assert (progress.delivered, progress.dead, progress.waiting, progress.left) == (1, 1, 1, 1)
    assert progress.skipped == progress.moved == 0


def test_cancelled_it_takes_back_what_nobody_began(store: Store) -> None:
    dead, fine = ended(store, 3), ended(store, 2, "delivered", first=10)
    seq = begun(store, "replay", Filters(connection=("butik",)))
    for _ in range(4):
        assert turn(store, seq) == 1
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=after(-1)))
    claimed = claim(store, "butik", "s0", "w1", 60)
    assert claimed is not None
    batches.cancel(store, ANNA, seq, why="enough")
    told = seen(store, seq)
    assert (told.state, told.taken_back) == ("cancelled", 4)
    assert told.progress is not None
    assert (told.progress.taken, told.progress.skipped) == (1, 0)
    assert column(store, "status") == ["pending", "dead", "dead", "delivered", "delivered"]
    assert column(store, "id") == [*dead, *fine]
    assert column(store, "attempts")[1] == 3
    assert turn(store, seq) == 0
    assert release(store, claimed, [Outcome(dead[0], "delivered")])
    assert counted(store, MENDED) == -3


def counted(store: Store, what: str) -> int:
    with store.read() as conn:
        found = conn.execute(select(func.coalesce(func.sum(minutes.c.n), 0)).where(minutes.c.what == what))
        return int(found.scalar_one())


def test_while_its_connection_is_paused_it_waits_once_something_does(store: Store) -> None:
    ended(store, 3)
    seq = begun(store, "replay", DEAD)
    pause(store, "butik", "prov", probe_in=None)
    assert step(store, seq) == 1
    with store.write() as conn:
        conn.execute(update(table).values(next_at=after(-60)))
        conn.execute(update(lanes).where(lanes.c.due_at.is_not(None)).values(due_at=after(-6)))
    assert step(store, seq) == 0
    assert seen(store, seq).state == "running"


@pytest.mark.parametrize("kind", ["hold", "release", "urgent"])
def test_the_other_kinds_reach_all_and_no_others(store: Store, kind: str) -> None:
    for number in range(3):
        one(store, f"e{number}", f"s{number}")
    one(store, "other", "s:other", type="something/else")
    if kind == "release":
        with store.write() as conn:
            conn.execute(update(lanes).values(held_at=after(-5)))
    seq = begun(store, kind, Filters(fate=("waiting",), type=("customers/update",)))
    go_on(store)
    told = seen(store, seq)
    assert told.progress is not None
    assert (told.state, told.count, told.progress.taken) == ("done", 3, 3)
    with store.read() as conn:
        held = conn.execute(select(lanes.c.subject).where(lanes.c.held_at.is_not(None))).scalars().all()
        urgent = conn.execute(select(lanes.c.subject).where(lanes.c.priority)).scalars().all()
    every = ["s0", "s1", "s2"]
    assert sorted(held) == {"hold": every, "release": ["s:other"], "urgent": []}[kind]
    assert sorted(urgent) == (every if kind == "urgent" else [])


def test_a_hold_of_many_delivers_none(store: Store) -> None:
    for number in range(3):
        one(store, f"e{number}", f"s{number}")
    begun(store, "hold", Filters(fate=("waiting",)))
    go_on(store)
    with store.write() as conn:
        assert due(conn, "butik", 10, 0) == []


def test_more_than_may_be_is_refused_and_the_days_are_told(store: Store) -> None:
    ended(store, 3)
    with pytest.raises(TooMany) as refused:
        batches.create(store, ANNA, "replay", DEAD, key="k", most=2)
    ((label, narrower),) = refused.value.narrower
    assert label == "2026-11-02: 3"
    assert narrower.fate == ("dead",)
    assert narrower.since is not None
    assert narrower.since.startswith("2026-11-02T00:00:00")


def test_those_that_ended_long_ago_and_drafts_are_forgotten(store: Store) -> None:
    ended(store, 1)
    old, running = begun(store, "replay", DEAD), begun(store, "replay", DEAD)
    batches.create(store, ANNA, "drop", DEAD, key="draft")
    with store.write() as conn:
        rows.change(conn, old, state="done", ended_at=after(-100))
        conn.execute(update(table).where(table.c.state == "draft").values(expires_at=after(-90000)))
        assert rows.purge(conn, 60) == 2
        assert rows.running(conn) == [running]


def test_however_many_ask_each_is_taken_once(store: Store) -> None:
    ended(store, 40)
    seq = begun(store, "replay", DEAD, rate=99_999)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: step(store, seq), range(12)))
    while seen(store, seq).state == "running":
        turn(store, seq)
    assert column(store, "status") == ["pending"] * 40
    assert counted(store, AGAIN) == 40
    progress = seen(store, seq).progress
    assert progress is not None
    assert (progress.taken, progress.skipped) == (40, 0)


@contextmanager
def dying(store: Store, at: int) -> Iterator[None]:
    """The process ends just before its n-th commit: after the one before it."""
    number = 0

    def commit(_conn: Connection) -> None:
        nonlocal number
        number += 1
        if number == at:
            raise Killed

    event.listen(store.engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(store.engine, "commit", commit)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["replay", "drop", "hold"])
def test_whoever_is_killed_between_two_transactions_loses_nothing_and_doubles_nothing(
    store: Store, seed: int, kind: str
) -> None:
    """Killed at any place of a pass, and begun again; the set comes out as if nobody had been."""
    chance = random.Random(seed)
    if kind == "hold":
        for number in range(12):
            one(store, f"w{number}", f"s{number}")
    else:
        ended(store, 9)
        ended(store, 3, "delivered" if kind == "replay" else "review", first=20)
    seq = begun(store, kind, Filters(connection=("butik",)), rate=99_999)
    killed = 0
    for _ in range(8):
        act: Callable[[Store], object] = chance.choice([lambda s: turn(s, seq), go_on])
        with dying(store, chance.randint(1, 3)):
            try:
                act(store)
            except Killed:
                killed += 1
                store.engine.dispose()
    assert killed
    while seen(store, seq).state == "running":
        turn(store, seq)
        go_on(store)
    told = seen(store, seq)
    assert told.progress is not None
    assert (told.count, told.progress.taken, told.progress.skipped) == (12, 12, 0)
    statuses = Counter(column(store, "status"))
    expected = {"replay": {"pending": 12, "delivered": 3}, "drop": {"ignored": 12}, "hold": {"pending": 12}}
    assert statuses == expected[kind]
    assert counted(store, AGAIN) == {"replay": 12, "drop": 12, "hold": 0}[kind]
    assert counted(store, "ignored") == (12 if kind == "drop" else 0)
