"""Feeds deliveries from what a sender has, some at a time, behind live events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Connection as Transaction
from ulid import ULID

from worker.delivery.asking import Readers
from worker.delivery.attached import Attachment, attach
from worker.delivery.backfill.items import Item, Lister, once
from worker.delivery.backfill.known import known_of
from worker.errors import ConfigError, Failure, Waiting
from worker.sdk.read import BACKFILL, READ
from worker.settings import Connection
from worker.sources.ports import Page, Reader, Thing
from worker.store import Store
from worker.store.batches import backfills
from worker.store.batches.backfills import Backfill, Place
from worker.store.db.clock import now
from worker.store.events.arrival import Arrival, NewEvent, Receipt
from worker.store.sources.told import there

AT_A_TIME = 20
"""Steps of one backfill, before others have their turn."""
AGAIN = 60.0
"""Seconds until a sender that could not be read is tried again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listed:
    """What of a page is still to be taken once `at` is where the backfill is. `asked_at`: by the database's clock."""

    at: Place
    page: Page
    left: Sequence[Any]
    asked_at: datetime


@dataclass(slots=True)
class Feed:
    """Pages are kept while they are taken from."""

    store: Store
    _pages: dict[int, Listed] = field(default_factory=dict)
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
            self._forget()
            return False
        place = turn.backfill.at
        if place.kind >= len(turn.backfill.kinds):
            return backfills.take(self.store, seq, place, None, None, {}) and False
        listed = self._page(connection, turn.backfill, reader)
        raw, left = listed.left[: turn.number], listed.left[turn.number :]
        after = _after(turn.backfill, listed.page, len(raw), over=not left)
        lister = Lister(connection.connector, turn.backfill.kinds[place.kind], listed.page.read_at)
        items, counts = self._told(connection, lister, raw)
        arrival = _arrival(connection.name, lister.kind, items) if items else None

        def with_what_was_read(conn: Transaction, receipt: Receipt) -> None:
            attach(conn, _attachments(connection.name, items, receipt, listed))

        if not backfills.take(self.store, seq, place, after, arrival, counts, with_what_was_read):
            return False
        if after is not None and left:
            self._keep(seq, replace(listed, at=after, left=left))
        if after is None:
            self._forget()
        return after is not None

    def _told(
        self, connection: Connection, lister: Lister, raw: Sequence[object]
    ) -> tuple[list[Item], Mapping[str, int]]:
        """Those that no event has brought yet, and how many are left."""
        read = [lister.item(each) for each in raw]
        items = once([each for each in read if isinstance(each, Item)])
        with self.store.read() as conn:
            known = known_of(conn, connection, [item.shown for item in items])
        fresh = [item for item, there in zip(items, known, strict=True) if not there]
        left_out = sum(isinstance(each, str) for each in read)
        return fresh, {"seen": len(raw), "known": len(raw) - left_out - len(fresh), "left_out": left_out}

    def _page(self, connection: Connection, backfill: Backfill, reader: Reader) -> Listed:
        """Where another process took of it, too, or one that ended: without what came of that. Its copy may have been another one."""
        place, kind = backfill.at, backfill.kinds[backfill.at.kind]
        with self._lock:
            kept = self._pages.get(backfill.batch)
        if kept is None or (kept.at.kind, kept.at.bookmark) != (place.kind, place.bookmark):
            with self.store.read() as conn:
                asked_at = now(conn)
            page = reader.page(kind, backfill.since, place.bookmark)
            kept = Listed(Place(place.kind, place.bookmark), page, page.items, asked_at)
        if kept.at != place:
            lister = Lister(connection.connector, kind, kept.page.read_at)
            kept = replace(kept, at=place, left=self._untaken(connection.name, lister, kept.page))
        self._keep(backfill.batch, kept)
        return kept

    def _untaken(self, connection: str, lister: Lister, page: Page) -> Sequence[Any]:
        items = [(raw, item) for raw in page.items if isinstance(item := lister.item(raw), Item)]
        with self.store.read() as conn:
            stored = there(conn, connection, [item.event_id for _, item in items])
        return [raw for raw, item in items if item.event_id not in stored]

    def _keep(self, seq: int, listed: Listed) -> None:
        with self._lock:
            self._pages[seq] = listed

    def _forget(self) -> None:
        """No page is kept of one that is over."""
        with self.store.read() as conn:
            going = {each.batch for each in backfills.going_on(conn)}
        with self._lock:
            for seq in self._pages.keys() - going:
                del self._pages[seq]


def _after(backfill: Backfill, page: Page, taken: int, *, over: bool) -> Place | None:
    place = backfill.at
    if not over:
        return Place(place.kind, place.bookmark, place.done + taken)
    if page.bookmark is not None:
        return Place(place.kind, page.bookmark)
    return Place(place.kind + 1) if place.kind + 1 < len(backfill.kinds) else None


def _arrival(connection: str, kind: str, items: Sequence[Item]) -> Arrival:
    """A request that nobody sent."""
    return Arrival(
        request_id=str(ULID()),
        connection=connection,
        method=READ,
        url=f"{BACKFILL}{kind}",
        headers=(),
        body=json.dumps([item.payload for item in items]).encode(),
        events=tuple(
            NewEvent(id=str(ULID()), event_id=item.event_id, type=item.type, subject=item.subject, time=item.changed)
            for item in items
        ),
    )


def _attachments(connection: str, items: Sequence[Item], receipt: Receipt, listed: Listed) -> Sequence[Attachment]:
    """A list may show a thing whole: then its event needs no reading of its own."""
    return [
        Attachment(
            connection=connection,
            event=accepted.id,
            called=called,
            thing=Thing(kind=item.shown.kind, id=item.shown.thing, body=item.body, read_at=listed.page.read_at),
            changed=item.shown.changed,
            read_at=listed.asked_at,
        )
        for item, accepted in zip(items, receipt.events, strict=True)
        if accepted.taken != "duplicate"
        for called in item.whole_for
    ]
