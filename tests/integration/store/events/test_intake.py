"""Taking requests in: once each, in order, and no bad one harms its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from tests.integration.conftest import Databases
from tests.integration.store.examples import NOON, arrival, event, one, take_in
from worker.store import Store, StoreUnavailable, open_store
from worker.store.db.clock import now
from worker.store.db.tables import events, lanes, requests
from worker.store.events.arrival import Arrival, Receipt, RowRefused
from worker.store.events.events import IN_ORDER, show
from worker.store.events.intake import accept_one
from worker.store.events.replay import replay


def rows(store: Store, statement: object) -> list[tuple[object, ...]]:
    with store.read() as conn:
        return [tuple(row) for row in conn.execute(statement)]  # type: ignore[call-overload]


def test_request_and_events_come_back_as_they_arrived(store: Store) -> None:
    sent = arrival(event("e1", priority=True), event("e2", "order:ß", minute=3))
    (receipt,) = take_in(store, sent)
    assert receipt == Receipt(sent.request_id, "butik", stored=True, events=receipt.events)
    assert [(e.id, e.event_id, e.taken, e.waits) for e in receipt.events] == [
        (sent.events[0].id, "e1", "inserted", True),
        (sent.events[1].id, "e2", "inserted", True),
    ]
    with store.read() as conn:
        request = conn.execute(select(requests)).one()
        stored = conn.execute(select(events).order_by(events.c.seq)).all()
    assert (request.id, request.body, request.received_at) == (sent.request_id, sent.body, sent.received_at)
    assert [tuple(pair) for pair in request.headers] == list(sent.headers)
    assert [(e.event_id, e.position, e.time, e.status) for e in sorted(stored, key=lambda e: e.position)] == [
        ("e1", 0, NOON, "pending"),
        ("e2", 1, NOON + timedelta(minutes=3), "pending"),
    ]


def test_events_of_one_subject_keep_the_order_of_the_request(store: Store) -> None:
    names = [f"e{n}" for n in (5, 1, 4, 2, 3)]
    take_in(store, arrival(*(event(name) for name in names)))
    assert rows(store, select(events.c.event_id).order_by(events.c.seq)) == [(name,) for name in names]


def test_what_was_seen_before_is_a_duplicate_and_its_request_is_not_kept(store: Store) -> None:
    first = one(store, "e1")
    (again,) = take_in(store, arrival(event("e1")))
    assert not again.stored
    assert [(e.id, e.taken, e.waits) for e in again.events] == [(first, "duplicate", False)]
    assert rows(store, select(func.count()).select_from(requests)) == [(1,)]
    assert rows(store, select(lanes.c.version)) == [(1,)]


def test_the_same_event_twice_in_one_batch_is_stored_once(store: Store) -> None:
    first, second = take_in(store, arrival(event("e1")), arrival(event("e1"), event("e2")))
    assert [e.taken for e in (*first.events, *second.events)] == ["inserted", "duplicate", "inserted"]
    assert second.events[0].id == first.events[0].id
    assert first.stored
    assert second.stored


def test_the_same_event_id_on_another_connection_is_another_event(store: Store) -> None:
    one(store, "e1")
    (receipt,) = take_in(store, arrival(event("e1"), connection="formulär"))
    assert receipt.events[0].taken == "inserted"


def test_a_dead_event_that_is_sent_again_is_tried_again(store: Store) -> None:
    first = one(store, "e1", "fel", status="dead", reason="no subject")
    assert rows(store, select(lanes.c.subject)) == []
    sent = arrival(event("e0"), event("e1", "kund:Örjan"))
    (receipt,) = take_in(store, sent)
    revived = receipt.events[1]
    assert (revived.id, revived.taken, revived.waits) == (first, "revived", True)
    found = rows(
        store,
        select(events.c.status, events.c.request_id, events.c.position, events.c.subject, events.c.reason).where(
            events.c.id == first
        ),
    )
    assert found == [("pending", sent.request_id, 1, "kund:Örjan", None)]
    assert ("kund:Örjan",) in rows(store, select(lanes.c.subject))


@pytest.mark.parametrize("told", [None, NOON], ids=["no time", "a time"])
def test_a_dead_event_that_is_sent_again_keeps_its_place_among_the_others(store: Store, told: datetime | None) -> None:
    for minute, name in enumerate("AB"):
        received_at = NOON + timedelta(minutes=minute)
        take_in(store, arrival(event(name, time=told and told + timedelta(minutes=minute)), received_at=received_at))
    with store.write() as conn:
        conn.execute(update(events).where(events.c.event_id == "A").values(status="dead"))
    take_in(store, arrival(event("A", time=told and told + timedelta(hours=1)), received_at=NOON + timedelta(hours=1)))
    assert rows(store, select(events.c.event_id).order_by(events.c.time)) == [("A",), ("B",)]
    assert rows(store, select(events.c.time).where(events.c.event_id == "A")) == [(NOON,)]


def test_events_without_a_time_happened_when_the_database_took_them_and_those_of_a_batch_in_its_order(
    store: Store,
) -> None:
    def told(name: str, subject: str) -> Arrival:
        return arrival(event(name, subject, time=None), received_at=None)

    with store.read() as conn:
        began = now(conn)
    take_in(store, told("e1", "kund:ö"), told("e2", "kund:a"))
    take_in(store, told("e3", "kund:Å"))
    with store.read() as conn:
        ended = now(conn)
        found = conn.execute(select(events).order_by(events.c.time)).all()
        received = conn.execute(select(requests.c.received_at).order_by(requests.c.received_at)).scalars().all()
    assert [row.event_id for row in found] == ["e1", "e2", "e3"]
    assert began <= found[0].time < found[1].time < found[2].time <= ended
    assert [row.time for row in found] == [row.received_at for row in found] == received


def test_a_dead_event_that_arrives_dead_again_is_a_duplicate(store: Store) -> None:
    one(store, "e1", status="dead", reason="no subject")
    (receipt,) = take_in(store, arrival(event("e1", status="dead", reason="no subject")))
    assert (receipt.stored, receipt.events[0].taken) == (False, "duplicate")


def test_only_pending_events_make_a_lane_due(store: Store) -> None:
    take_in(store, arrival(event("e1", "a", status="ignored", reason="ping"), event("e2", "b", status="dead")))
    assert rows(store, select(lanes.c.subject)) == []
    assert rows(store, select(func.count()).where(events.c.done_at.is_not(None))) == [(2,)]


def test_a_new_event_makes_a_lane_that_waits_due_now_and_keeps_urgency(store: Store) -> None:
    one(store, "e1", priority=True)
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=NOON + timedelta(days=36500)))
    one(store, "e2")
    ((version, priority, due_at),) = rows(store, select(lanes.c.version, lanes.c.priority, lanes.c.due_at))
    assert (version, priority) == (2, True)
    assert due_at < NOON + timedelta(days=36500)  # type: ignore[operator]


def test_a_new_event_leaves_an_earlier_due_time(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(update(lanes).values(due_at=NOON))
    one(store, "e2")
    assert rows(store, select(lanes.c.due_at)) == [(NOON,)]


@pytest.mark.parametrize(("ahead", "kept"), [(4, 4), (5, 5), (6, 0), (60 * 24 * 365, 0)])
def test_a_time_far_ahead_counts_as_receipt_and_that_is_said(store: Store, ahead: int, kept: int) -> None:
    take_in(store, arrival(event("e1", minute=ahead), received_at=NOON))
    ((time, note),) = rows(store, select(events.c.time, events.c.note))
    assert time == NOON + timedelta(minutes=kept)
    assert (note is not None) == (ahead > 5)


def test_a_time_that_was_none_is_said_on_the_event_and_on_its_replay(store: Store) -> None:
    note = "its time 'igår' can't be one: the time of receipt counts"
    first = one(store, "e1", time=None, note=note)
    with store.write() as conn:
        conn.execute(update(events).values(status="delivered"))
    again = replay(store, first)
    with store.read() as conn:
        told = [found.note for found in (show(conn, first), show(conn, again)) if found]
    assert told == [note, note]


def test_events_without_a_time_are_in_order_of_arrival_also_when_the_clock_is_set_back(store: Store) -> None:
    for number, minutes in enumerate((0, -2, -1, 3)):
        at = NOON + timedelta(minutes=minutes)
        take_in(store, arrival(event(f"e{number}", time=None), received_at=at))
    in_order = select(events.c.event_id).order_by(*IN_ORDER)
    assert rows(store, in_order) == [("e0",), ("e1",), ("e2",), ("e3",)]
    assert rows(store, select(events.c.time).order_by(events.c.seq)) == [
        (NOON + timedelta(minutes=minutes),) for minutes in (0, 0, 0, 3)
    ]


def apart(store: Store, arrivals: Sequence[Arrival]) -> Sequence[Receipt | RowRefused]:
    """Each in a transaction of its own, as the receiver does when a batch fails."""

    def outcome(arrival: Arrival) -> Receipt | RowRefused:
        try:
            return accept_one(store, arrival)
        except RowRefused as error:
            return error

    return [outcome(each) for each in arrivals]


def test_a_request_that_the_database_refuses_harms_no_neighbour(store: Store) -> None:
    good, bad, last = arrival(event("e1")), arrival(event("e2", "\ud83d")), arrival(event("e3", "kund:é"))
    outcomes = apart(store, [good, bad, last])
    assert [type(outcome) for outcome in outcomes] == [Receipt, RowRefused, Receipt]
    assert str(outcomes[1]).startswith(f"butik: the database does not take a value of request {bad.request_id}")
    assert rows(store, select(events.c.event_id).order_by(events.c.seq)) == [("e1",), ("e3",)]


def test_a_batch_with_a_bad_row_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(UnicodeEncodeError):
        take_in(store, arrival(event("e1")), arrival(event("e2", "\udcff")))
    assert rows(store, select(func.count()).select_from(events)) == [(0,)]


def test_many_arrivals_at_once(store: Store) -> None:
    batch = [arrival(*(event(f"{r}-{n}", f"kund:{n % 7}") for n in range(30))) for r in range(60)]
    take_in(store, *batch)
    again = take_in(store, *batch)
    assert {e.taken for receipt in again for e in receipt.events} == {"duplicate"}
    assert rows(store, select(func.count()).select_from(events)) == [(1800,)]
    assert rows(store, select(func.count()).select_from(lanes)) == [(7,)]


def test_what_only_postgresql_refuses_is_refused_alone_too(postgresql_databases: Databases) -> None:
    store = open_store(postgresql_databases.migrated())
    arrivals = [arrival(event("e1")), arrival(event("e2", "kund:\x00")), arrival(event("e3", "Ö" * 256))]
    outcomes = apart(store, [*arrivals, arrival(event("e4", "Ö" * 255))])
    assert [type(outcome) for outcome in outcomes] == [Receipt, RowRefused, RowRefused, Receipt]
    assert rows(store, select(events.c.event_id).order_by(events.c.seq)) == [("e1",), ("e4",)]
    store.close()


def test_a_database_that_is_away_refuses_no_row(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = open_store(f"sqlite:///{tmp_path}/file/relay.db")
    with pytest.raises(StoreUnavailable):
        accept_one(store, arrival(event("e1")))
