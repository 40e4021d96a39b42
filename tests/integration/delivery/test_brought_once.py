"""A thing that several ways of reading its sender come upon is one event, and is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, select, update
from ulid import ULID

from tests.fakes.lists import BOKNING, BOOKING, THIN, Booking, Listing, connection, nothing_to_do
from tests.integration.delivery.test_catch_up import moment, run, stored, webhook
from worker.delivery.backfill.feed import Feed
from worker.delivery.planning import StoredRequests
from worker.sdk.connector import Connector, Handles
from worker.sdk.mapping import field
from worker.settings import Connection
from worker.store import Store
from worker.store.batches import backfills
from worker.store.batches.backfills import Asked
from worker.store.db.clock import db_now
from worker.store.db.tables import batches, events
from worker.store.events.events import by_id

BY_MADE = Handles(Booking, nothing_to_do, BOOKING, field("made"))
DATED: Connector = replace(BOKNING, handles=dict.fromkeys(BOKNING.handles, BY_MADE))
"""Its events happened when the booking was made, whenever it changed since."""


def begun(store: Store, of: Connection) -> int:
    with store.write() as conn:
        asked = Asked(connection=of.name, kinds=["booking"], a_minute=99_999, by="anna", key=str(ULID()))
        return backfills.start(conn, asked)


def its_turn(store: Store, seq: int, fate: str = "delivered") -> None:
    """What it brought so far has met its fate."""
    with store.write() as conn:
        conn.execute(update(batches).values(next_at=db_now()))
        conn.execute(update(events).where(events.c.batch == seq).values(status=fate))


def bring_all(store: Store, reader: Any, of: Connection, fate: str = "pending") -> Row[Any]:
    """Everything, as backfills do; each of its events meets its fate at once. Answers how far it came."""
    feed, seq = Feed(store), begun(store, of)
    for _ in range(20):
        its_turn(store, seq, fate)
        if not feed.step(of, seq, reader):
            break
    its_turn(store, seq, fate)
    with store.read() as conn:
        return conn.execute(select(batches).where(batches.c.seq == seq)).one()


def catch_up(store: Store, reader: Any, of: Connection) -> None:
    run(store, reader, of)


Way = Callable[[Store, Any, Connection], Any]


@pytest.mark.parametrize("ways", [(catch_up, bring_all), (bring_all, catch_up)], ids=["caught up first", "last"])
@pytest.mark.parametrize("connector", [BOKNING, DATED, THIN], ids=["dated by its change", "by its making", "thin"])
def test_catching_up_and_a_backfill_make_one_event_of_a_thing(
    store: Store, ways: Sequence[Way], connector: Connector
) -> None:
    reader, of = Listing(), connection(connector=connector)
    reader.put("1", moment(store, 60), made=moment(store, 7200).isoformat())
    for way in ways:
        way(store, reader, of)
    assert len(stored(store)) == 1


@pytest.mark.parametrize("way", [catch_up, bring_all])
def test_what_a_thin_webhook_has_read_later_is_not_brought_again(store: Store, way: Way) -> None:
    """The webhook is older than the change that was read for it, or says no time."""
    reader, of = Listing(), connection(connector=THIN)
    reader.put("1", moment(store, 60))
    webhook(store, "1", None)
    way(store, reader, of)
    assert len(stored(store)) == 1


def test_what_a_rule_ignored_a_backfill_brings(store: Store) -> None:
    """A setting may have changed since."""
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at)
    webhook(store, "1", at, status="ignored", reason="a test sender wants nothing", code="rule")
    bring_all(store, reader, connection())
    assert len(stored(store)) == 2


def test_what_a_backfill_lists_whole_is_not_read_again_for_its_events(store: Store) -> None:
    reader, at = Listing(), moment(store, 60)
    reader.put("1", at, name="Åsa")
    bring_all(store, reader, connection(connector=THIN))
    (event,) = stored(store)
    with store.read() as conn:
        waiting = by_id(conn, event.id)
    requests = StoredRequests(store, THIN, [waiting])
    assert requests.wanted(waiting) is None
    found = requests.event(waiting, "bokning")
    assert (found.read, found.counts_as_of) == ({"whole": reader.items["1"]}, at)


def test_dead_letters_of_a_backfill_come_again_at_its_pace(store: Store) -> None:
    """They are its events as much as new ones: some at a time, and counted."""
    reader, of = Listing(size=50), connection()
    for number in range(12):
        reader.put(str(number), moment(store, 60))
    assert bring_all(store, reader, of, fate="dead").taken == 12

    again = bring_all(store, reader, of)
    waiting = [event for event in stored(store) if event.status == "pending"]
    assert len(waiting) == backfills.ROOM
    assert {event.batch for event in waiting} == {again.seq}
    assert (again.taken, again.state) == (backfills.ROOM, "running")


def test_a_list_that_moves_between_two_processes_hides_nothing_from_them(store: Store) -> None:
    """Each has a page of its own, and what is gone from one of them moves the others up."""
    reader, of, feeds = Listing(size=50), connection(), (Feed(store), Feed(store))
    for number in range(12):
        reader.put(f"{number:02}", moment(store, 60))
    seq = begun(store, of)
    for _ in range(20):
        for feed in feeds:
            its_turn(store, seq)
            feed.step(of, seq, reader)
            reader.items.pop("11", None)
    assert len(stored(store)) == 12
