"""Reads what has changed at senders, and stores the events whose webhooks never came.

A page's events, their readings and the cursor are stored in one transaction. So whoever is killed reads that page again, and finds its events there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import BoundedSemaphore

import structlog
from sqlalchemy import Connection as Transaction
from ulid import ULID

from worker.delivery.asking import EXCHANGES, Readers
from worker.delivery.attached import Attach, Attachment, attach
from worker.delivery.catch_up_items import Item, fresh_of, ids_of, item_of
from worker.delivery.catch_up_rounds import newest_of, next_in, next_since
from worker.errors import (
    ConfigError,
    Failure,
    GoneAtSource,
    LeaseLost,
    NeverExisted,
    NotAsDeclared,
    NoToken,
    SourceForbidden,
    Waiting,
)
from worker.instruments.catching_up import listed
from worker.sdk.read import READ
from worker.sdk.route import named
from worker.sdk.source import Changes
from worker.settings import Connection
from worker.sources.ports import Page, Thing
from worker.store import Store, StoreUnavailable
from worker.store.db.clock import now
from worker.store.events.arrival import Arrival
from worker.store.events.intake import accept
from worker.store.instruments.counters import CATCH_UP, count
from worker.store.sources import cursors
from worker.store.sources.cursors import Counted, Cursor
from worker.store.sources.told import NOT_DEAD, there, told

log = structlog.get_logger()

LONGEST = 10.0
"""Seconds after which no further page is read in a run."""
MOST_PAGES = 50
AT_ONCE = 2
"""Connections that a process reads for: its other threads are for deliveries."""
A_REQUEST = 20
"""So many events are stored as one request: each of them parses all of it when it is planned."""
DAY = 86400.0


def lists(connection: Connection) -> Mapping[str, Changes]:
    """What it catches up with, by kind; nothing where it is set not to."""
    source = connection.connector.source
    if source is None:
        return {}
    return {name: changes for name in listed(connection) if (changes := source.kinds[name].changes)}


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Safe to share between threads. `owner`: who holds the leases. `lease`: seconds besides what reading a page takes; each page begins them anew.

    `clock`: monotonic.
    """

    store: Store
    readers: Readers
    owner: str
    stopping: Callable[[], bool] = lambda: False
    attach: Attach = attach
    lease: float = 60.0
    clock: Callable[[], float] = time.monotonic
    most_pages: int = MOST_PAGES
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def run(self, connection: Connection) -> None:
        """What is due of one connection. Not for long, and not where enough is read already: what is left is called for again."""
        if not self.places.acquire(blocking=False):
            return
        try:
            until = self.clock() + LONGEST
            for kind, changes in lists(connection).items():
                if not self.stopping():
                    _List(self, connection, kind, changes, until).run()
        finally:
            self.places.release()


@dataclass(frozen=True, slots=True)
class _List:
    """One list of one connection, in one run."""

    part: CatchUp
    connection: Connection
    kind: str
    changes: Changes
    until: float

    @property
    def period(self) -> float:
        return self.connection.catch_up or 0.0

    @property
    def lease(self) -> float:
        source = self.connection.connector.source
        return self.part.lease + EXCHANGES * (source.timeout if source else 0.0)

    def run(self) -> None:
        reach = self.changes.reach
        cursor = cursors.claim(
            self.part.store,
            self.connection.name,
            self.kind,
            owner=self.part.owner,
            lease=self.lease,
            period=self.period,
            first=self.changes.overlap,
            reach=None if reach is None else reach * DAY,
        )
        if cursor is None:
            return
        if cursor.lost_from is not None:
            log.error(
                "changes are lost: the sender tells no more of them, a backfill reads what there is",
                connection=self.connection.name,
                kind=self.kind,
                since=cursor.lost_from.isoformat(),
                until=cursor.since.isoformat(),
            )
        try:
            self._pages(cursor)
        except LeaseLost as error:
            log.info("another process goes on catching up", reason=str(error))
        except StoreUnavailable:
            raise
        except Failure as failure:
            self._failed(cursor, failure)
        except ConfigError as error:
            self._failed(cursor, Failure(str(error)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again and seen; its text may hold what the sender wrote
            self._failed(cursor, Failure(f"{self.kind}: reading what has changed raised {named(error)}"))

    def _pages(self, cursor: Cursor) -> None:
        reader = self.part.readers(self.connection)
        for number in range(self.part.most_pages):
            if self.part.stopping() or (number and self.part.clock() >= self.until):
                break
            with self.part.store.read() as conn:
                asked_at = now(conn)
            page = reader.page(self.kind, cursor.since, cursor.bookmark)
            turned = self._store(cursor, page, asked_at)
            if turned is None:
                return
            cursor = turned
        cursors.rest(self.part.store, cursor, next_in=0.0)

    def _store(self, cursor: Cursor, page: Page, asked_at: datetime) -> Cursor | None:
        """None after the last page."""
        connector = self.connection.connector
        read = [item_of(connector, self.kind, self.changes, body, asked_at) for body in page.items]
        items = [item for item in read if item is not None]
        with self.part.store.write() as conn:
            name = self.connection.name
            stored = there(conn, name, ids_of(items))
            known = told(conn, name, self.kind, {item.thing: item.event.subject for item in items}, NOT_DEAD)
            fresh = fresh_of(connector, items, stored, known)
            counted = _counted(len(page.items), items, fresh)
            turned = self._turn(conn, cursor, page, counted, newest_of(cursor.newest, items))
            attachments = self._accept(conn, cursor, page, fresh, asked_at)
            self.part.attach(conn, attachments)
            count(conn, _told(name, counted), now(conn))
        return turned

    def _turn(
        self, conn: Transaction, cursor: Cursor, page: Page, counted: Counted, newest: datetime | None
    ) -> Cursor | None:
        if page.bookmark is not None:
            if page.bookmark == cursor.bookmark:
                raise NotAsDeclared(f"{self.kind}: a page of the list names itself as the next one")
            cursors.turn(conn, cursor, counted, newest=newest, bookmark=page.bookmark, lease=self.lease)
            return replace(cursor, newest=newest, bookmark=page.bookmark)
        since = next_since(cursor, newest, self.changes.overlap)
        cursors.end(conn, cursor, counted, newest=newest, since=since, next_in=self.period)
        return None

    def _accept(
        self, conn: Transaction, cursor: Cursor, page: Page, fresh: Sequence[Item], asked_at: datetime
    ) -> Sequence[Attachment]:
        some = [fresh[start : start + A_REQUEST] for start in range(0, len(fresh), A_REQUEST)]
        receipts = accept(conn, [self._arrival(cursor, items) for items in some]) if some else ()
        return [
            Attachment(
                connection=self.connection.name,
                event=accepted.id,
                called=called,
                thing=Thing(kind=self.kind, id=item.thing, body=item.body, read_at=page.read_at),
                changed=item.changed,
                read_at=asked_at,
            )
            for items, receipt in zip(some, receipts, strict=True)
            for item, accepted in zip(items, receipt.events, strict=True)
            if accepted.taken == "inserted"
            for called in item.gets
        ]

    def _arrival(self, cursor: Cursor, items: Sequence[Item]) -> Arrival:
        return Arrival(
            request_id=str(ULID()),
            connection=self.connection.name,
            method=READ,
            url=_path(self.changes, cursor.since),
            headers=(),
            body=f"[{','.join(item.payload for item in items)}]".encode(),
            events=tuple(item.event for item in items),
        )

    def _without_token(self, cursor: Cursor) -> None:
        nothing = Counted(found=0, brought=0, duplicates=0, dead=0)
        since = next_since(cursor, cursor.newest, self.changes.overlap)
        with self.part.store.write() as conn:
            cursors.end(conn, cursor, nothing, newest=cursor.newest, since=since, next_in=self.period)

    def _failed(self, cursor: Cursor, failure: Failure) -> None:
        store, name = self.part.store, self.connection.name
        source = self.connection.connector.source
        try:
            if isinstance(failure, NoToken) and source is not None and source.unread:
                # It works with what its webhooks tell alone. Once it has a token it reads from then on, and no more than a day back.
                self._without_token(cursor)
                return
            if isinstance(failure, Waiting):
                cursors.rest(store, cursor, next_in=max(failure.seconds, 1.0))
                return
            with store.read() as conn:
                failures = cursors.failures(conn, cursor) + 1
            # A sender's bookmarks may be good for a while only: its round begins once more.
            anew = isinstance(failure, NotAsDeclared | NeverExisted | GoneAtSource)
            cursors.fail(store, cursor, str(failure), failure.code, next_in=next_in(failures, self.period), anew=anew)
        except LeaseLost:
            return
        tell = log.error if isinstance(failure, SourceForbidden) else log.warning
        tell("what has changed could not be read", connection=name, kind=self.kind, why=str(failure), failures=failures)


def _counted(found: int, items: Sequence[Item], fresh: Sequence[Item]) -> Counted:
    dead = sum(item.event.status == "dead" for item in fresh)
    return Counted(found=found, brought=len(fresh) - dead, duplicates=len(items) - len(fresh), dead=dead)


def _told(connection: str, counted: Counted) -> Mapping[tuple[str, str], int]:
    numbers = {"brought": counted.brought, "duplicate": counted.duplicates, "dead": counted.dead}
    return {(connection, CATCH_UP + what): n for what, n in numbers.items()}


def _path(changes: Changes, since: datetime) -> str:
    """As it is declared, with the moment: what else goes into it is nobody's business."""
    path = changes.path or ""
    try:
        return path.replace("{since}", str(changes.since(since)))
    except Exception:  # noqa: BLE001 - a connector may be anybody's code
        return path
