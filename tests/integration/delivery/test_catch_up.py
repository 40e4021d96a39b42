"""Catching up: every change whose webhook never came is stored once, whatever befalls the worker that reads it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import BoundedSemaphore
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection as Transaction
from sqlalchemy import Row, select, update
from ulid import ULID

from tests.fakes.breaking import Crash, Moment, Tripwire, tapped
from tests.fakes.lists import BOKNING, CHANGES, SOURCE, THIN, Listing, connection, listing
from worker.delivery.attached import Attachment
from worker.delivery.catch_up import CatchUp, lists
from worker.delivery.payloads import payloads
from worker.delivery.planning import StoredRequests
from worker.errors import ConfigError, NotAsDeclared, NoToken, SourceForbidden, SourceThrottled, SourceUnavailable
from worker.sdk.read import parts
from worker.settings import Connection
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.tables import cursors as table
from worker.store.db.tables import events, lanes
from worker.store.events.arrival import Arrival, NewEvent
from worker.store.events.events import by_id, requests_of
from worker.store.events.intake import accept
from worker.store.instruments.counters import CATCH_UP, READ, RECEIVED
from worker.store.instruments.totals import totals, waiting
from worker.store.readings import readings
from worker.store.readings.readings import Link, Reading
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress

SECOND = timedelta(seconds=1)


def moment(store: Store, ago: float = 0.0) -> datetime:
    with store.read() as conn:
        return now(conn) - ago * SECOND


def catching(store: Store, reader: Any, **more: Any) -> CatchUp:
    return CatchUp(store, lambda _connection: reader, "tester", **more)


def run(store: Store, reader: Any, of: Connection | None = None, **more: Any) -> None:
    """Now, until all is read, as the sweep would call for it."""
    of = of or connection()
    with store.write() as conn:
        cursors.ask(conn, of.name, lists(of))
    while_due(store, catching(store, reader, **more), of)


def while_due(store: Store, part: CatchUp, of: Connection) -> None:
    for _ in range(20):
        with store.read() as conn:
            if not cursors.due(conn, {of.name: (of.catch_up or 0.0, lists(of))}):
                return
        part.run(of)
    raise AssertionError("it is due for ever")


def started(store: Store, of: Connection | None = None) -> None:
    """It was read once, when there was nothing."""
    run(store, Listing(), of)


def webhook(
    store: Store,
    thing: str,
    changed: datetime | None,
    *,
    kind: str = "booking.changed",
    name: str = "bokning",
    **more: Any,
) -> str:
    number = str(ULID())
    event = NewEvent(
        id=number, event_id=more.pop("event_id", number), type=kind, subject=f"booking:{thing}", time=changed, **more
    )
    with store.write() as conn:
        accept(
            conn,
            [
                Arrival(
                    request_id=str(ULID()),
                    connection=name,
                    method="POST",
                    url="/",
                    headers=(),
                    body=b"{}",
                    events=(event,),
                )
            ],
        )
    return number


def stored(store: Store, name: str = "bokning") -> Sequence[Row[Any]]:
    with store.read() as conn:
        return conn.execute(select(events).where(events.c.connection == name).order_by(events.c.seq)).all()


def read_on(store: Store, name: str = "bokning") -> Sequence[Row[Any]]:
    return [row for row in stored(store, name) if row.event_id.startswith("read:")]


def progress(store: Store, name: str = "bokning") -> Progress:
    with store.read() as conn:
        (found,) = cursors.progress(conn, [name])
    return found


def leases_end(store: Store) -> None:
    with store.write() as conn:
        conn.execute(update(table).values(lease_until=after(-1)))


def test_what_no_webhook_told_becomes_the_event_that_it_would_have_told(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    reader.put("Å-1", at, name="Åsa", pin="4711")
    reader.put("Å-2", at, draft=True)

    run(store, reader)

    (event,) = read_on(store)
    assert event.event_id == f"read:booking:Å-1:{at.isoformat()}"
    assert (event.type, event.subject, event.time, event.status) == ("booking.changed", "booking:Å-1", at, "pending")
    with store.read() as conn:
        request = requests_of(conn, {event.request_id})[event.request_id]
        assert conn.execute(select(lanes.c.subject).where(lanes.c.due_at <= now(conn))).scalars().all() == [
            "booking:Å-1"
        ]
        told = payloads(conn, {"bokning": connection()}, [event])[event.seq]
    assert (request.method, request.headers, request.url.partition("?")[0]) == ("READ", (), "/bookings")
    assert told == {"id": "Å-1", "changed": at.isoformat(), "name": "Åsa", "pin": "***"}
    assert b"4711" not in request.body
    assert [part.place for part in parts(BOKNING, request)] == ["/0"]


def test_what_a_webhook_brought_is_a_duplicate(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    for thing in ("told", "told as made", "told later", "told before", "dead", "removed", "nobody told"):
        reader.put(thing, at)
    webhook(store, "told", at)
    webhook(store, "told as made", at, kind="booking.made")
    webhook(store, "told later", at + SECOND)
    webhook(store, "told before", at - SECOND)
    webhook(store, "dead", at, status="dead", reason="x", code="rejected")
    webhook(store, "removed", at + SECOND, kind="booking.removed")
    webhook(store, "nobody told", at, name="another")

    run(store, reader)

    brought = {event.subject.partition(":")[2] for event in read_on(store)}
    assert brought == {"told before", "dead", "removed", "nobody told"}
    found = progress(store)
    assert (found.found, found.brought, found.duplicates, found.dead) == (7, 4, 3, 0)


def test_when_a_webhook_came_tells_nothing_unless_its_thing_is_read_then(store: Store) -> None:
    """A payload may have been on its way for hours; what is read shows how it is."""
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    webhook(store, "1", None)
    webhook(store, "1", None, name="thin")

    run(store, reader)
    run(store, reader, connection("thin", THIN))

    assert len(read_on(store)) == 1
    assert read_on(store, "thin") == []


@pytest.mark.parametrize(
    ("shown", "status", "brought"),
    [(-1.0, "read", 1), (0.0, "read", 0), (None, "gone", 1), (None, "never", 1), (None, "read", 0)],
)
def test_what_was_read_for_a_webhook_says_what_it_brought(
    store: Store, shown: float | None, status: Any, brought: int
) -> None:
    """When it came says less: the sender's clock may be behind, its API may have shown what was there before, or nothing yet."""
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    event = webhook(store, "1", None, name="thin", status="ignored", reason="it was read", code="gone_at_source")
    reading = Reading(
        id=str(ULID()),
        connection="thin",
        kind="booking",
        thing="1",
        status=status,
        changed=None if shown is None else at + shown * SECOND,
        read_at=moment(store),
    )
    with store.write() as conn:
        readings.store(conn, reading, [Link(event, "whole", reading.id)])

    run(store, reader, connection("thin", THIN))

    assert len(read_on(store, "thin")) == brought


@pytest.mark.parametrize(("ago", "status", "brought"), [(20.0, "read", 1), (20.0, "gone", 1), (40.0, "read", 0)])
def test_a_webhook_that_waits_brings_what_is_read_for_it_then(
    store: Store, ago: float, status: Any, brought: int
) -> None:
    """It reads nothing anew where that was read after it came: also if what was read is older than what the list shows."""
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    other = webhook(store, "2", None, name="thin")
    webhook(store, "1", None, name="thin")
    with store.write() as conn:
        conn.execute(
            update(events).where(events.c.connection == "thin").values(received_at=after(-30), time=after(-30))
        )
        before = Reading(
            id=str(ULID()),
            connection="thin",
            kind="booking",
            thing="1",
            status=status,
            changed=at - SECOND if status == "read" else None,
            read_at=now(conn) - ago * SECOND,
        )
        readings.store(conn, before, [Link(other, "whole", before.id)])

    run(store, reader, connection("thin", THIN))

    assert len(read_on(store, "thin")) == brought


def test_it_reads_nothing_twice_and_brings_nothing_twice(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    for number in range(5):
        reader.put(str(number), at + number * SECOND)
    started(store)
    with store.write() as conn:
        conn.execute(update(table).values(since=after(-600)))
    run(store, reader)
    run(store, reader)
    assert len(read_on(store)) == 5
    assert [bookmark for _, bookmark in reader.asked] == [None, "2", "4"] * 2
    # The overlap is read again, and nothing before it.
    assert reader.asked[3][0] == at + 4 * SECOND - timedelta(seconds=CHANGES.overlap)

    reader.put("3", at + 6 * SECOND)
    run(store, reader)
    assert Counter(event.subject for event in read_on(store))["booking:3"] == 2


def test_a_dead_letter_of_its_own_is_not_made_anew_each_time(store: Store) -> None:
    reader = Listing()
    reader.put("1", moment(store, 60))
    run(store, reader)
    with store.write() as conn:
        conn.execute(update(events).values(status="dead", reason="x", reason_code="rejected"))
    run(store, reader)
    (event,) = read_on(store)
    assert event.status == "dead"


def test_history_is_not_imported(store: Store) -> None:
    reader = Listing()
    reader.put("long ago", moment(store, 3600))
    run(store, reader)
    assert read_on(store) == []
    with store.write() as conn:
        cursors.ask(conn, "bokning", ["booking"], moment_of(conn, 7200))
    while_due(store, catching(store, reader), connection())
    assert [event.subject for event in read_on(store)] == ["booking:long ago"]


def moment_of(conn: Transaction, ago: float) -> datetime:
    return now(conn) - ago * SECOND


def test_after_an_outage_it_goes_on_from_where_it_was(store: Store) -> None:
    started(store)
    with store.write() as conn:
        conn.execute(update(table).values(since=after(-7200), ended_at=after(-7000), next_at=after(-6000)))
    reader = Listing()
    reader.put("1", moment(store, 3600))
    while_due(store, catching(store, reader), connection())
    assert len(read_on(store)) == 1
    assert progress(store).since > moment(store, 86400 + 3600)


def test_items_that_are_not_as_declared_are_dead_letters_that_name_the_field(store: Store) -> None:
    reader, at = Listing(size=10), moment(store, 60)
    reader.put("good", at)
    reader.items["no id"] = {"changed": at.isoformat(), "pin": "4711"}
    reader.items["no time"] = {"id": "no time", "changed": "yesterday"}
    reader.items["list"] = {"id": "raises", "changed": at.isoformat(), "why": 1}

    def event_of(item: Any) -> Any:
        if "why" in item:
            raise KeyError("secret")
        return CHANGES.event(item)

    of = connection(connector=listing(replace(CHANGES, event=event_of)))
    for _ in range(2):
        run(store, reader, of)

    found = {event.reason: event for event in read_on(store) if event.status == "dead"}
    assert len(found) == 3
    texts = " | ".join(sorted(found))
    assert "no id at 'id'" in texts
    assert "no time at 'changed'" in texts
    assert "Changes.event raised KeyError in event_of" in texts
    assert "secret" not in texts
    assert {event.reason_code for event in found.values()} == {"not_as_declared"}
    assert [event.subject for event in read_on(store) if event.status == "pending"] == ["booking:good"]
    assert (progress(store).dead, progress(store).brought) == (3, 1)


def test_a_time_that_lies_ahead_takes_the_cursor_past_nothing(store: Store) -> None:
    reader = Listing()
    reader.put("clock", moment(store, -86400))
    run(store, reader)
    assert progress(store).since < moment(store)


def test_what_its_sender_tells_no_more_is_lost_and_said_so(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    of = connection(connector=listing(replace(CHANGES, reach=30)))
    started(store, of)
    with store.write() as conn:
        conn.execute(update(table).values(since=after(-40 * 86400)))
    reader = Listing()
    run(store, reader, of)
    run(store, reader, of)
    found = progress(store)
    assert found.lost_from is not None
    assert found.lost_until is not None
    assert timedelta(days=9.9) < found.lost_until - found.lost_from < timedelta(days=10.1)
    assert found.lost_for is not None
    asked = [since for since, _ in reader.asked]
    assert asked[0] is not None
    assert asked[0] == found.lost_until
    assert found.since >= found.lost_until


@pytest.mark.parametrize(
    ("failure", "counts", "waits"),
    [
        (SourceThrottled("429", seconds=77.0), False, 77.0),
        (SourceUnavailable("away"), True, 30.0),
        (SourceForbidden("the token is not accepted"), True, 30.0),
    ],
)
def test_a_failure_waits_and_the_next_run_goes_on_at_its_page(
    store: Store,
    failure: Any,
    counts: bool,  # noqa: FBT001 - a parameter of a test
    waits: float,
) -> None:
    reader, at = Listing(), moment(store, 60)
    for number in range(3):
        reader.put(str(number), at)
    started(store)
    with store.write() as conn:
        cursors.ask(conn, "bokning", ["booking"])

    class Failing(Listing):
        def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Any:
            if bookmark and not self.asked:
                self.asked.append((since, bookmark))
                raise failure
            return reader.page(kind, since, bookmark)

    failing = Failing()
    catching(store, failing).run(connection())
    found = progress(store)
    assert (found.failures, found.failing) == ((1, str(failure)) if counts else (0, None))
    assert found.next_at is not None
    assert waits - 5 < (found.next_at - moment(store)) / SECOND <= waits
    assert len(read_on(store)) == 2

    run(store, failing)
    assert reader.asked[-1][1] == "2"
    assert len(read_on(store)) == 3
    assert (progress(store).failures, progress(store).failing) == (0, None)


def test_a_bookmark_that_is_good_no_more_has_the_round_begun_once_more(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    for number in range(3):
        reader.put(str(number), at)
    first = catching(store, reader, most_pages=1)
    first.run(connection())
    reader.failures.append(NotAsDeclared("booking: no list at 'items'"))
    first.run(connection())
    assert progress(store).failing_code == "not_as_declared"
    assert not progress(store).between
    run(store, reader)
    assert len(read_on(store)) == 3


@pytest.mark.parametrize("unread", [True, False])
def test_where_there_is_no_token_and_none_is_needed_nothing_is_read(store: Store, *, unread: bool) -> None:
    of = connection(connector=replace(BOKNING, source=replace(SOURCE, unread=unread)))
    run(store, Listing(failures=[NoToken("set RELAY_BOKNING_TOKEN")]), of)
    assert progress(store).ran_at is not None
    assert (progress(store).ended_at is not None) == unread, "nobody is alarmed by what was never to be read"
    assert progress(store).failing == (None if unread else "set RELAY_BOKNING_TOKEN")


def test_one_process_reads_a_list_at_a_time_and_who_was_overtaken_writes_nothing(store: Store) -> None:
    reader, other = Listing(), Listing()
    reader.put("1", moment(store, 60))

    class Slow(Listing):
        def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Any:
            catching(store, other).run(connection())
            assert other.asked == []
            leases_end(store)
            with store.write() as conn:
                cursors.ask(conn, "bokning", ["booking"])
            catching(store, other).run(connection())
            assert len(other.asked) == 1
            return reader.page(kind, since, bookmark)

    catching(store, Slow()).run(connection())
    assert read_on(store) == []
    assert progress(store).found == 0


def test_a_run_ends_for_others_and_is_due_again_at_once(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    for number in range(5):
        reader.put(str(number), at)
    catching(store, reader, most_pages=2).run(connection())
    assert len(read_on(store)) == 4
    assert progress(store).between
    with store.read() as conn:
        assert cursors.due(conn, {"bokning": (900.0, ["booking"])}) == ["bokning"]
    catching(store, reader).run(connection())
    assert len(read_on(store)) == 5


def test_the_time_of_a_run_is_bounded_and_each_list_gets_a_page(store: Store) -> None:
    reader, at, clock = Listing(), moment(store, 60), count(0.0, 20.0)
    for number in range(5):
        reader.put(str(number), at)
    part = catching(store, reader, clock=lambda: next(clock))
    part.run(connection())
    assert len(reader.asked) == 1
    part.run(connection())
    assert [bookmark for _, bookmark in reader.asked] == [None, "2"]


def test_a_process_reads_for_few_connections_at_a_time_so_that_deliveries_go_on(store: Store) -> None:
    reader, others = Listing(), Listing()
    seen: list[int] = []

    class Nested(Listing):
        def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Any:
            part.run(connection("second"))
            seen.append(len(others.asked))
            return reader.page(kind, since, bookmark)

    def reader_of(of: Connection) -> Any:
        return Nested() if of.name == "bokning" else others

    part = replace(catching(store, None), readers=reader_of, places=BoundedSemaphore(1))
    part.run(connection())
    assert seen == [0]
    part.run(connection("second"))
    assert len(others.asked) == 1


def test_a_setting_that_its_address_needs_is_named(store: Store) -> None:
    def no_address(_of: Connection) -> Any:
        raise ConfigError("connection bokning: the setting shop is missing")

    replace(catching(store, None), readers=no_address).run(connection())
    assert progress(store).failing == "connection bokning: the setting shop is missing"


def test_what_raises_unexpectedly_is_tried_again_and_shows_no_value(store: Store) -> None:
    def raises(_of: Connection) -> Any:
        raise ValueError("åsa@example.com")

    replace(catching(store, None), readers=raises).run(connection())
    found = progress(store)
    assert found.failures == 1
    assert found.failing is not None
    assert "ValueError" in found.failing
    assert "example.com" not in found.failing


def test_a_page_that_names_itself_as_the_next_one_is_not_read_for_ever(store: Store) -> None:
    class Stuck(Listing):
        def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Any:
            return replace(Listing.page(self, kind, since, bookmark), bookmark="2")

    catching(store, Stuck()).run(connection())
    assert "names itself as the next one" in (progress(store).failing or "")


def test_a_worker_that_is_being_stopped_reads_no_more(store: Store) -> None:
    reader = Listing()
    reader.put("1", moment(store, 60))
    catching(store, reader, stopping=lambda: True).run(connection())
    assert reader.asked == []


def test_what_is_whole_is_attached_to_its_event(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at, name="Åsa")
    found: list[Attachment] = []
    for _ in range(2):
        run(store, reader, connection(connector=THIN), attach=lambda _conn, some: found.extend(some))
    (event,) = read_on(store)
    (one,) = found
    assert (one.connection, one.event, one.called, one.changed) == ("bokning", event.id, "whole", at)
    assert (one.thing.kind, one.thing.id, one.thing.body) == ("booking", "1", reader.items["1"])

    found.clear()
    reader.put("2", at)
    run(
        store,
        reader,
        connection(connector=listing(replace(CHANGES, whole=False), THIN)),
        attach=lambda _c, s: found.extend(s),
    )
    assert found == []
    assert len(read_on(store)) == 2


def test_what_is_not_complete_yet_is_read_when_its_event_is_delivered(store: Store) -> None:
    kind = replace(SOURCE.kinds["booking"], early=lambda body: None if "total" in body else "no total yet")
    of = connection(connector=replace(THIN, source=replace(SOURCE, kinds={"booking": kind})))
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    reader.put("2", at, total=7)
    found: list[Attachment] = []
    run(store, reader, of, attach=lambda _conn, some: found.extend(some))
    assert len(read_on(store)) == 2
    assert [each.thing.id for each in found] == ["2"]


def test_what_was_read_is_stored_with_its_event_and_not_read_again(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at, name="Åsa")
    run(store, reader, connection(connector=THIN))
    (event,) = read_on(store)
    with store.read() as conn:
        waiting = by_id(conn, event.id)
    requests = StoredRequests(store, THIN, [waiting])
    assert requests.wanted(waiting) is None
    found = requests.event(waiting, "bokning")
    assert found.read == {"whole": reader.items["1"]}
    assert found.counts_as_of == at


def test_a_sender_that_wants_to_be_left_alone_is_left_alone(store: Store) -> None:
    """However long ago the last round ended."""
    reader = Listing()
    started(store)
    with store.write() as conn:
        conn.execute(update(table).values(ended_at=after(-2000), ran_at=after(-2001), next_at=after(-1)))
    reader.failures.append(SourceThrottled("429", seconds=300.0))
    catching(store, reader).run(connection())
    with store.read() as conn:
        assert cursors.due(conn, {"bokning": (900.0, ["booking"])}) == []


def test_it_is_counted_apart_from_what_senders_post(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    reader.put("2", at)
    reader.items["x"] = {"changed": at.isoformat()}
    webhook(store, "1", at)
    run(store, reader)
    with store.read() as conn:
        counted = totals(conn)
        assert waiting(counted) == {"bokning": 2}
    named = {what: n for (_, what), n in counted.items()}
    assert (named[RECEIVED], named[READ]) == (1, 2)
    assert {what: named[CATCH_UP + what] for what in ("brought", "duplicate", "dead")} == {
        "brought": 1,
        "duplicate": 1,
        "dead": 1,
    }
    assert named["answered:accepted"] == 1


class Dying:
    """A store whose process ends before or after its n-th transaction that writes."""

    def __init__(self, store: Store, wire: Tripwire) -> None:
        self._store, self._wire = store, wire

    def read(self) -> Any:
        return self._store.read()

    @contextmanager
    def write(self, *args: Any) -> Iterator[Transaction]:
        dies = self._wire.passes("write")
        with self._store.write(*args) as conn:
            yield conn
        if dies:
            self._wire.trip()


def dies_once(store: Store, name: str, wire: Tripwire) -> bool:
    """Whether it died where the wire is. Afterwards another worker goes on, once the lease has ended."""
    of, reader, then = connection(name, THIN), Listing(), moment(store, 60)
    for number in range(5):
        reader.put(str(number), then + number * SECOND)
    webhook(store, "2", then + 2 * SECOND, name=name)

    def attach(_conn: Transaction, _some: Sequence[Attachment]) -> None:
        if wire.passes("attach"):
            wire.trip()

    dying = CatchUp(cast("Store", Dying(store, wire)), lambda _of: tapped(reader, wire), "dying", attach=attach)
    died = False
    try:
        dying.run(of)
    except Crash:
        died = True
    leases_end(store)
    run(store, reader, of)
    return died


@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_it_is_killed_nothing_is_lost_and_nothing_doubled(
    store: Store, when: Moment, tally: Callable[[str, int], None]
) -> None:
    """Before and after each page, each transaction, and what is attached within one."""
    at = 1
    while dies_once(store, name := f"bokning{at}", wire := Tripwire(at, when)):
        found = Counter(event.subject for event in read_on(store, name))
        assert found == {f"booking:{number}": 1 for number in (0, 1, 3, 4)}, wire.calls
        assert progress(store, name).brought == 4
        at += 1
    assert at > 9
    tally("deaths while catching up", at - 1)


CHANGE = st.tuples(st.just("change"), st.sampled_from("abc"), st.sampled_from(["on", "off", "twice"]))
STEPS = st.lists(st.one_of(CHANGE, st.tuples(st.just("read"), st.just(""), st.just(""))), max_size=15)
numbers = count()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_every_change_ends_as_one_event_and_none_that_a_webhook_brought_is_read_on(
    sqlite_store: Store, steps: Sequence[tuple[str, str, str]]
) -> None:
    store = sqlite_store
    name = f"ur{next(numbers)}"
    of, reader, at = connection(name), Listing(), moment(store, 60)
    told: set[tuple[str, datetime]] = set()
    for number, (step, thing, how) in enumerate([*steps, ("read", "", "")]):
        if step == "read":
            run(store, reader, of)
            # What nobody saw when it changed once more is nowhere; what is there now is known.
            told |= {
                (f"booking:{each}", datetime.fromisoformat(item["changed"])) for each, item in reader.items.items()
            }
            continue
        changed = at + number * SECOND
        reader.put(thing, changed)
        for _ in range({"on": 1, "off": 0, "twice": 2}[how]):
            webhook(store, thing, changed, name=name, event_id=f"{thing} {number}")
            told.add((f"booking:{thing}", changed))
    by_change = Counter((event.subject, event.time) for event in stored(store, name))
    assert by_change == dict.fromkeys(told, 1)


def test_the_setting_alone_says_whether_it_is_done(store: Store) -> None:
    assert dict(lists(connection())) == {"booking": CHANGES}
    assert lists(connection(period=None)) == {}
    assert SOURCE.catch_up == "15m"
    with store.read() as conn:
        assert cursors.due(conn, {}) == []


def test_what_it_read_is_stored_as_an_array_of_json(store: Store) -> None:
    reader, at = Listing(size=50), moment(store, 60)
    for number in range(45):
        reader.put(str(number), at)
    run(store, reader)
    with store.read() as conn:
        bodies = [
            json.loads(request.body) for request in requests_of(conn, {e.request_id for e in read_on(store)}).values()
        ]
    assert sorted(map(len, bodies)) == [5, 20, 20]
