"""Feeds deliveries from what a sender has, some at a time, behind live events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import structlog
from ulid import ULID

from worker.delivery.asking import Readers
from worker.delivery.backfill.items import Item, Reading, once
from worker.errors import ConfigError, Failure, Waiting
from worker.sdk.read import READ
from worker.settings import Connection
from worker.sources.ports import Page, Reader
from worker.store import Store
from worker.store.batches import backfills
from worker.store.batches.backfills import Backfill, Place, Told, Turn
from worker.store.events.arrival import Arrival, NewEvent

AT_A_TIME = 20
"""Steps of one backfill, before others have their turn."""
AGAIN = 60.0
"""Seconds until a sender that could not be read is tried again."""

log = structlog.get_logger()


@dataclass(slots=True)
class Feed:
    """Pages are kept while they are taken from."""

    store: Store
    _pages: dict[int, tuple[Place, Page]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def run(self, connection: Connection, readers: Readers) -> None:
        """All backfills of the connection that workers read, as far as they may go now."""
        with self.store.read() as conn:
            found = [each for each in backfills.running(conn) if each.connection == connection.name]
        for each in found:
            self._run(connection, each, readers)

    def _run(self, connection: Connection, backfill: Backfill, readers: Readers) -> None:
        try:
            reader = readers(connection)
            for _ in range(AT_A_TIME):
                if not self.step(connection, backfill.batch, reader):
                    return
        except (Failure, ConfigError) as failure:
            seconds = failure.seconds if isinstance(failure, Waiting) else AGAIN
            log.warning("a backfill can't read its sender", connection=connection.name, error=type(failure).__name__)
            backfills.put_off(self.store, backfill.batch, seconds, str(failure))

    def step(self, connection: Connection, seq: int, reader: Reader) -> bool:
        """Take the next items whose turn it is. False when there is nothing to take now. Raises what the reader raises.

        What was taken, and where to go on, is one transaction: whoever is killed anywhere in between loses nothing and takes nothing twice.
        """
        turn = backfills.turn(self.store, seq)
        if turn is None:
            self._forget(seq)
            return False
        place = turn.backfill.at
        if place.kind >= len(turn.backfill.kinds):
            return backfills.take(self.store, seq, place, None, None, {}) and False
        page = self._page(turn.backfill, reader)
        raw = page.items[place.done : place.done + turn.number]
        after = _after(turn, page)
        reading = Reading(connection.connector, turn.backfill.kinds[place.kind], page.read_at)
        items, counts = self._told(connection, reading, raw)
        arrival = _arrival(connection.name, reading.kind, items) if items else None
        return backfills.take(self.store, seq, place, after, arrival, counts) and after is not None

    def _told(
        self, connection: Connection, reading: Reading, raw: Sequence[object]
    ) -> tuple[list[Item], Mapping[str, int]]:
        """Those that no event has brought yet, and how many are left."""
        read = [reading.item(each) for each in raw]
        items = once([each for each in read if isinstance(each, Item)])
        told = [Told(each.subject, each.changed, each.types) for each in items]
        with self.store.read() as conn:
            known = backfills.known(conn, connection.name, told)
        fresh = [item for item, there in zip(items, known, strict=True) if not there]
        left_out = sum(isinstance(each, str) for each in read)
        return fresh, {"seen": len(raw), "known": len(raw) - left_out - len(fresh), "left_out": left_out}

    def _page(self, backfill: Backfill, reader: Reader) -> Page:
        place = Place(backfill.at.kind, backfill.at.bookmark)
        with self._lock:
            kept = self._pages.get(backfill.batch)
        if kept is not None and kept[0] == place:
            return kept[1]
        page = reader.page(backfill.kinds[place.kind], backfill.since, place.bookmark)
        with self._lock:
            self._pages[backfill.batch] = (place, page)
        return page

    def _forget(self, seq: int) -> None:
        """A page of one that is over is not kept."""
        with self.store.read() as conn:
            going = {each.batch for each in backfills.going_on(conn)}
        if seq not in going:
            with self._lock:
                self._pages.pop(seq, None)


def _after(turn: Turn, page: Page) -> Place | None:
    place = turn.backfill.at
    done = place.done + turn.number
    if done < len(page.items):
        return Place(place.kind, place.bookmark, done)
    if page.bookmark is not None:
        return Place(place.kind, page.bookmark)
    return Place(place.kind + 1) if place.kind + 1 < len(turn.backfill.kinds) else None


def _arrival(connection: str, kind: str, items: Sequence[Item]) -> Arrival:
    """A request that nobody sent."""
    return Arrival(
        request_id=str(ULID()),
        connection=connection,
        method=READ,
        url=f"backfill:{kind}",
        headers=(),
        body=json.dumps([item.payload for item in items]).encode(),
        events=tuple(
            NewEvent(id=str(ULID()), event_id=item.event_id, type=item.type, subject=item.subject, time=item.changed)
            for item in items
        ),
    )
