"""A list finds what a scan would find, by an index, and says how far it came."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from random import Random

import pytest
from sqlalchemy import select, text, update

from tests.integration.conftest import Databases
from tests.integration.store.examples import arrival, event, take_in
from tests.integration.store.explained import plans
from worker.store import Store, open_store
from worker.store.db.clock import now
from worker.store.db.migrate import migrate
from worker.store.db.tables import events
from worker.store.events import moments, stretches
from worker.store.events.moments import Bounds
from worker.store.events.stretches import Wanted

NUMBER = 160
CONNECTIONS = ("butik", "natt", "tyst")
STATUSES = ("pending", "delivered", "dead", "review")
TYPES = ("orders/create", "orders/paid", "kund/ändrad")


def at_once() -> float:
    """When there is no time for a second slice."""
    return time.monotonic() - 1


def soon() -> float:
    return time.monotonic() + 60


@pytest.fixture
def filled(databases: Databases) -> Iterator[Store]:
    yield from _copied(databases, _a_few)


@pytest.fixture
def crowded(databases: Databases) -> Iterator[Store]:
    yield from _copied(databases, _many)


def _copied(databases: Databases, fill: Callable[[Store], None]) -> Iterator[Store]:
    """A database of this test's own; the rows were written once, into the one that it is a copy of."""
    url = databases.filled(fill)
    opened = open_store(url)
    yield opened
    opened.close()
    databases.drop(url)


def _a_few(store: Store) -> None:
    """Most are delivered, a few are not; each a minute after the one before, ending now."""
    migrate(store)
    chance = Random(26)
    with store.read() as conn:
        begun = now(conn) - timedelta(minutes=NUMBER)
    arrivals = [
        arrival(
            event(f"e{n}", f"order:{n % 40}", type=chance.choices(TYPES, (8, 3, 1))[0]),
            connection=chance.choices(CONNECTIONS, (20, 5, 1))[0],
            received_at=begun + timedelta(minutes=n),
        )
        for n in range(NUMBER)
    ]
    for each in arrivals:
        take_in(store, each)
    with store.write() as conn:
        for seq in conn.execute(select(events.c.seq)).scalars().all():
            ended = chance.choices(STATUSES, (1, 20, 2, 1))[0]
            conn.execute(update(events).where(events.c.seq == seq).values(status=ended))


def scanned(store: Store, wanted: Wanted) -> list[int]:
    """The newest first, by looking at each."""
    with store.read() as conn:
        rows = conn.execute(select(events).order_by(events.c.seq.desc())).all()
        inside = set(conn.execute(select(events.c.seq).where(*wanted.times.within)).scalars())
    return [
        row.seq
        for row in rows
        if row.connection in (wanted.connections or CONNECTIONS)
        and row.status in (wanted.statuses or STATUSES)
        and row.type in (wanted.types or TYPES)
        and row.subject in (wanted.subjects or (row.subject,))
        and row.seq in inside
        and (wanted.check is None or row.seq % 3 == 0)
    ]


def times(store: Store, since: int | None, until: int | None) -> Bounds:
    """In minutes before now."""
    with store.read() as conn:
        at = now(conn)

        def moment(minutes: int | None) -> datetime | None:
            return None if minutes is None else at - timedelta(minutes=minutes)

        return moments.bounds(conn, moment(since), moment(until))


def questions(store: Store) -> Sequence[Wanted]:
    return Random(13).sample(list(_questions(store)), 12)


def _questions(store: Store) -> Iterator[Wanted]:
    spans = [times(store, None, None), times(store, 80, None), times(store, 120, 40), times(store, None, 140)]
    named = product(
        ((), ("butik",), ("tyst", "natt")),
        ((), ("dead",), ("dead", "review", "delivered")),
        ((), TYPES[2:], TYPES[1:]),
        spans,
    )
    for connections, statuses, types, span in named:
        yield Wanted(connections=connections, statuses=statuses, types=types, times=span)
    for statuses, span in product(((), ("dead", "pending")), spans):
        yield Wanted(subjects=("order:7", "order:8"), statuses=statuses, times=span)
    yield Wanted(statuses=("delivered",), check=every_third)
    yield Wanted(check=every_third)


def every_third(_conn: object, seqs: Sequence[int]) -> set[int]:
    return {seq for seq in seqs if seq % 3 == 0}


def walked(store: Store, wanted: Wanted, limit: int, until: Callable[[], float], *, back: bool) -> list[int]:
    """All of it, a page after the other, going on where one was cut off."""
    seqs: list[int] = []
    place = None if back else 0
    with store.read() as conn:
        while True:
            before, after = (place, None) if back else (None, place)
            found = stretches.search(conn, wanted, before=before, after=after, limit=limit, until=until())
            seqs += found.seqs
            if len(found.seqs) < limit and found.reached is None:
                return seqs
            place = found.reached if found.reached is not None else found.seqs[-1]


@pytest.mark.parametrize("first_slice", [7, 256])
@pytest.mark.parametrize("until", [soon, at_once])
def test_pages_hold_what_a_scan_finds_in_both_directions(
    filled: Store, monkeypatch: pytest.MonkeyPatch, until: Callable[[], float], first_slice: int
) -> None:
    monkeypatch.setattr(stretches, "FIRST_SLICE", first_slice)
    for wanted in questions(filled):
        expected = scanned(filled, wanted)
        assert walked(filled, wanted, 30, until, back=True) == expected, wanted
        assert walked(filled, wanted, 30, until, back=False) == expected[::-1], wanted


def test_what_is_counted_is_what_is_listed(filled: Store) -> None:
    for wanted in questions(filled):
        expected = len(scanned(filled, wanted))
        with filled.read() as conn:
            assert stretches.count(conn, wanted, most=NUMBER, until=soon()) == (expected, True), wanted
            number, _ = stretches.count(conn, wanted, most=3, until=soon())
        assert number == min(expected, 4), wanted


def test_a_count_that_is_cut_off_says_so(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "FIRST_SLICE", 7)
    wanted = Wanted(types=TYPES[:1], statuses=("delivered",))
    with filled.read() as conn:
        number, whole = stretches.count(conn, wanted, most=NUMBER, until=at_once())
    assert not whole
    assert number < len(scanned(filled, wanted))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(times=Bounds(low=1, sure_low=1)), ("INTEGER PRIMARY KEY", "pk_events")),
        (Wanted(connections=("tyst",)), ("ix_events_fate",)),
        (Wanted(statuses=("dead",)), ("ix_events_fate",)),
        (Wanted(connections=("butik",), statuses=("dead", "review")), ("ix_events_fate",)),
        (Wanted(types=TYPES[2:]), ("ix_events_type",)),
        (Wanted(subjects=("order:7",)), ("ix_events_subject",)),
        (Wanted(subjects=("order:7",), statuses=("dead",)), ("ix_events_subject",)),
        (Wanted(types=TYPES[:1], connections=("tyst",)), ("ix_events_fate",)),
        (Wanted(terms=(4711,)), ("PRIMARY KEY (term=?", "pk_terms")),
        (Wanted(terms=(4711,), statuses=("delivered",)), ("PRIMARY KEY (term=?", "pk_terms")),
    ],
)  # fmt: skip
def test_each_list_goes_by_its_index_and_sorts_nothing(crowded: Store, wanted: Wanted, index: tuple[str, ...]) -> None:
    _without_scans(crowded)
    with plans(crowded) as found, crowded.read() as conn:
        stretches.search(conn, wanted, limit=51, until=soon())
        stretches.search(conn, wanted, after=3, limit=51, until=soon())
    assert any(name in found[-1] for name in index), found[-1]
    assert not [plan for plan in found for bad in ("SCAN events", "Seq Scan on events", "TEMP B-TREE") if bad in plan]


@pytest.mark.parametrize("wanted", [Wanted(connections=("tyst",)), Wanted(types=TYPES[2:]), Wanted(terms=(4711,))])
def test_a_count_of_one_filter_reads_its_index_alone(crowded: Store, wanted: Wanted) -> None:
    _without_scans(crowded)
    with plans(crowded) as found, crowded.read() as conn:
        stretches.count(conn, wanted, most=1000, until=soon())
    alone = ("COVERING INDEX", "PRIMARY KEY (term=?", "Index Only Scan")
    assert any(name in found[-1] for name in alone), found[-1]


def test_times_become_places_by_an_index(filled: Store) -> None:
    _without_scans(filled)
    with plans(filled) as found:
        times(filled, 80, 40)
    by_time = [plan for plan in found if "events" in plan]
    assert by_time
    assert all("ix_events_status" in plan or "pk_events" in plan or "SEARCH events" in plan for plan in by_time), found


def test_a_time_is_exact_where_clocks_of_transactions_cross(store: Store) -> None:
    with store.read() as conn:
        at = now(conn) - timedelta(hours=1)
    for second in (0, 20, 10, 40, 30, 50):
        take_in(store, arrival(event(f"e{second}"), received_at=at + timedelta(seconds=second)))
    with store.read() as conn:
        wanted = Wanted(times=moments.bounds(conn, at + timedelta(seconds=15), at + timedelta(seconds=45)))
        found = stretches.search(conn, wanted, limit=10, until=soon())
        named = conn.execute(select(events.c.event_id).where(events.c.seq.in_(found.seqs))).scalars()
        assert sorted(named) == ["e20", "e30", "e40"]
        assert stretches.count(conn, wanted, most=10, until=soon()) == (3, True)


def _many(store: Store) -> None:
    """Enough for a planner to care."""
    migrate(store)
    with store.read() as conn:
        at = now(conn)
    chance = Random(4711)
    rows = [
        {
            "id": f"{n:026}", "request_id": f"{n:026}", "position": 0, "event_id": f"e{n}", "subject": f"order:{n % 999}",
            "connection": chance.choices(CONNECTIONS, (200, 50, 1))[0], "type": chance.choices(TYPES, (80, 30, 1))[0],
            "status": chance.choices(STATUSES, (1, 200, 2, 1))[0], "time": at, "received_at": at,
        }
        for n in range(6000)
    ]  # fmt: skip
    with store.write() as conn:
        conn.execute(events.insert(), rows)


def _without_scans(store: Store) -> None:
    """As with a million events: of a few hundred PostgreSQL would rather read all."""
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER DATABASE " + str(store.engine.url.database) + " SET enable_seqscan = off"))
            conn.execute(text("ALTER DATABASE " + str(store.engine.url.database) + " SET enable_sort = off"))
            conn.execute(text("ALTER DATABASE " + str(store.engine.url.database) + " SET enable_bitmapscan = off"))
    store.close()
