"""A list of the sender's own events: each is known by its own id, and by nothing that later events tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.lists import BOKNING, CHANGES, listing
from worker.delivery.backfill.items import Item as Backfilled
from worker.delivery.backfill.items import Lister
from worker.delivery.catch_up_items import fresh_of, item_of
from worker.delivery.listed import brought
from worker.instruments.catching_up import listed
from worker.sdk.mapping import field
from worker.sdk.source import Changes
from worker.settings import Connection
from worker.store.sources.told import Told

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LATER = {"booking:1": {"booking.changed": Told(AT + timedelta(hours=1), AT + timedelta(hours=1))}}
BODY: dict[str, Any] = {"id": "1", "changed": AT.isoformat(), "event": "evt_1"}
OWN = replace(CHANGES, own_events=True)
NUMBERED = replace(BOKNING, event_id=field("event"))


def fresh(changes: Changes, body: Any, stored: frozenset[str] = frozenset()) -> list[str]:
    item = item_of(NUMBERED, "booking", changes, body, AT)
    assert item is not None
    return [each.event.event_id for each in fresh_of(NUMBERED, [item], stored, LATER)]


def test_a_later_event_of_the_subject_tells_nothing_of_it() -> None:
    assert fresh(CHANGES, BODY) == []
    assert fresh(OWN, BODY) == ["evt_1"]
    assert fresh(OWN, BODY, frozenset({"evt_1"})) == []


def test_one_without_an_id_of_its_own_is_dead() -> None:
    item = item_of(NUMBERED, "booking", OWN, {"id": "1", "changed": AT.isoformat()}, AT)
    assert item is not None
    assert (item.event.status, item.event.reason) == ("dead", "booking: an item of the list has no event id of its own")


def test_a_backfill_knows_it_by_that_id_too() -> None:
    connector = replace(NUMBERED, source=listing(OWN).source)
    item = Lister(connector, "booking", AT).item(BODY)
    assert isinstance(item, Backfilled)
    assert item.event_id == "evt_1"
    assert not brought(connector, item.shown, frozenset(), LATER)
    assert brought(connector, item.shown, frozenset({"evt_1"}), LATER)


def test_what_lists_no_changes_is_not_caught_up_with() -> None:
    def connection(changes: Changes) -> Connection:
        connector = listing(changes)
        return Connection(name="x", connector=connector, settings=None, catch_up=900.0)

    assert listed(connection(CHANGES)) == ["booking"]
    assert listed(connection(replace(CHANGES, path=None, everything="/bookings"))) == []


def test_what_a_list_does_not_say_counts_as_of_when_it_was_asked_for() -> None:
    silent = replace(CHANGES, changed="", whole=False)
    item = item_of(NUMBERED, "booking", silent, {"id": "1"}, AT)
    assert item is not None
    assert (item.event.status, item.changed, item.gets) == ("pending", AT, ())
    backfilled = Lister(replace(NUMBERED, source=listing(silent).source), "booking", AT).item({"id": "1"})
    assert isinstance(backfilled, Backfilled)
    assert backfilled.changed == AT
