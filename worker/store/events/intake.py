"""Stores requests and their events in one transaction, and recognises repeated ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, tuple_, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningInsert

from worker.sdk.event_time import believed
from worker.sdk.read import READ as READ_ON
from worker.sdk.stream import LISTEN
from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.sql import ids_are_looked_for, insert_in
from worker.store.db.tables import EPOCH, events, requests
from worker.store.events import past_ids
from worker.store.events.arrival import Accepted, Arrival, NewEvent, Receipt, RowRefused, Taken
from worker.store.instruments.counters import AGAIN, ANSWERED, DUPLICATE, READ, RECEIVED, count
from worker.store.lanes.backlog import make_due
from worker.store.privacy.pseudonyms import may_name, pseudonyms
from worker.store.readings import readings
from worker.store.terms.stored import drop

APART = timedelta(microseconds=1)
LOOKED_UP_AT_ONCE = 400

_NEW_REQUESTS = plain_insert(requests)


@dataclass(slots=True)
class _Entry:
    """`arrived`: when an event without a time of its own happened: no earlier than what arrived before it, whose `seq` is smaller.

    `hidden_id`: the pseudonym that it has if it was erased. `past`: it came before, and is gone.
    """

    arrival: Arrival
    received_at: datetime
    arrived: datetime
    position: int
    event: NewEvent
    id: str
    taken: Taken = "duplicate"
    erased_id: str | None = None
    hidden_id: str | None = None
    past: bool = False

    @property
    def event_id(self) -> str:
        """By which it is stored: a pseudonym, if it came before and its own id was erased with the person whom it named."""
        return self.erased_id or self.event.event_id

    @property
    def key(self) -> tuple[str, str]:
        return (self.arrival.connection, self.event_id)

    @property
    def keys(self) -> Collection[tuple[str, str]]:
        """By which it was known before, if it came: its id may have been erased meanwhile."""
        return {self.key, (self.arrival.connection, self.hidden_id or self.event_id)}

    @property
    def time(self) -> datetime:
        return believed(self.event.time, self.received_at)[0] or self.arrived

    @property
    def note(self) -> str | None:
        return believed(self.event.time, self.received_at)[1] or self.event.note


def _place(number: int, event: NewEvent) -> int:
    return number if event.position is None else event.position


def accept(conn: Connection, arrivals: Sequence[Arrival]) -> Sequence[Receipt]:
    """Store all of them or raise. One receipt for each, in their order, in which they are received, too."""
    at, latest = _clocks(conn)
    received = [arrival.received_at or at + number * APART for number, arrival in enumerate(arrivals)]
    entries = [
        [
            _Entry(arrival, time, max(time, latest), _place(n, event), event, event.id)
            for n, event in enumerate(arrival.events)
        ]
        for arrival, time in zip(arrivals, received, strict=True)
    ]
    # In one order for everybody, so that two transactions never wait for each other.
    ordered = sorted((e for of_one in entries for e in of_one), key=lambda e: (e.arrival.connection, e.event.subject))
    _recall_erased(conn, ordered)
    _insert_events(conn, ordered)
    _take_back(conn, ordered)
    _recognise(conn, [entry for entry in ordered if entry.taken == "duplicate" and not entry.past])
    receipts = [_receipt(arrival, of_one) for arrival, of_one in zip(arrivals, entries, strict=True)]
    stored = {receipt.request_id for receipt in receipts if receipt.stored}
    arrived = zip(arrivals, received, strict=True)
    _insert_requests(conn, [(arrival, time) for arrival, time in arrived if arrival.request_id in stored])
    make_due(conn, _lanes(ordered), at=at)
    count(conn, _counted(arrivals, receipts), at)
    return receipts


def _clocks(conn: Connection) -> tuple[datetime, datetime]:
    """Now, and when the latest request so far was received. The clock may have been set back since; what arrives later is newer all the same."""
    at, latest = conn.execute(_CLOCKS).one()
    return at, latest or EPOCH


_CLOCKS = select(db_now(), select(func.max(requests.c.received_at)).scalar_subquery())


def accept_one(store: Store, arrival: Arrival) -> Receipt:
    """One request in a transaction of its own. Raises RowRefused when the database does not take it."""
    try:
        with store.write() as conn:
            return accept(conn, [arrival])[0]
    except (SQLAlchemyError, ValueError, TypeError, OverflowError) as error:
        cause = getattr(error, "orig", None) or error
        raise RowRefused(
            f"{arrival.connection}: the database does not take a value of request {arrival.request_id}"
            f" ({type(cause).__name__})"
        ) from None


def _recall_erased(conn: Connection, entries: Sequence[_Entry]) -> None:
    """Ids that name a person may have been erased. What was never erased costs nothing, and the others one question."""
    naming = [entry for entry in entries if may_name(entry.event.event_id)]
    known = pseudonyms(conn) if naming else None
    if known is None:
        return
    ids_are_looked_for(conn)
    hidden = {entry.key: known.event(*entry.key) for entry in naming}
    standing = _standing(conn, {(connection, erased) for (connection, _), erased in hidden.items()})
    for entry in naming:
        connection, erased = entry.key[0], hidden[entry.key]
        entry.hidden_id = erased
        entry.erased_id = erased if (connection, erased) in standing else None


def _take_back(conn: Connection, entries: Sequence[_Entry]) -> None:
    """What came before and is gone, also where it stands twice in what is stored now.

    Looked for once it is inserted: nobody can delete it in between, unseen.
    """
    gone = past_ids.known(conn, {key for entry in entries for key in entry.keys})
    again = [(entry, gone[key]) for entry in entries for key in entry.keys if key in gone] if gone else []
    if again:
        conn.execute(delete(events).where(events.c.id.in_([entry.id for entry, _ in again])))
    for entry, before in again:
        entry.taken, entry.id, entry.past = "duplicate", before, True


def _insert_events(conn: Connection, entries: Sequence[_Entry]) -> None:
    if not entries:
        return
    inserted = set(conn.execute(_new_events(conn.dialect.name), [_event_row(entry) for entry in entries]).scalars())
    for entry in entries:
        if entry.id in inserted:
            entry.taken = "inserted"


@cache  # building a statement costs as much as running it
def _new_events(dialect: str) -> ReturningInsert[str]:
    statement = insert_in(dialect, events).on_conflict_do_nothing(index_elements=["connection", "event_id", "replay"])
    return statement.returning(events.c.id)


def _event_row(entry: _Entry) -> dict[str, Any]:
    event, arrival = entry.event, entry.arrival
    return {
        "id": event.id,
        "request_id": arrival.request_id,
        "position": entry.position,
        "connection": arrival.connection,
        "event_id": entry.event_id,
        "type": event.type,
        "subject": event.subject,
        "time": entry.time,
        "priority": event.priority,
        "status": event.status,
        "reason": event.reason,
        "reason_code": event.code,
        "note": entry.note,
        "received_at": entry.received_at,
        "done_at": None if event.status == "pending" else entry.received_at,
    }


def _recognise(conn: Connection, entries: Sequence[_Entry]) -> None:
    """Give duplicates the id of the event that stands; one that had ended dead is tried again."""
    standing = _standing(conn, {entry.key for entry in entries})
    for entry in entries:
        row = standing[entry.key]
        entry.id = row.id
        if row.status == "dead" and entry.event.status == "pending" and _revive(conn, entry, row.time):
            entry.taken = "revived"


def _standing(conn: Connection, keys: set[tuple[str, str]]) -> Mapping[tuple[str, str], Row[Any]]:
    found: dict[tuple[str, str], Row[Any]] = {}
    for some in _chunks(sorted(keys)):
        rows = conn.execute(
            select(events.c.id, events.c.connection, events.c.event_id, events.c.status, events.c.time).where(
                tuple_(events.c.connection, events.c.event_id).in_(some), events.c.replay == ""
            )
        )
        found |= {(row.connection, row.event_id): row for row in rows}
    return found


def _revive(conn: Connection, entry: _Entry, happened: datetime) -> bool:
    """It happened when it was first heard of, unless the sender says earlier."""
    fresh = _event_row(entry) | {"time": min(entry.time, happened)}
    del fresh["id"], fresh["connection"], fresh["event_id"]
    statement = update(events).where(and_(events.c.id == entry.id, events.c.status == "dead"))
    values = statement.values(
        **fresh, attempts=0, server_errors=0, claims=0, again_at=db_now(), waits_for=None, waits_until=None
    )
    revived = conn.execute(values.returning(events.c.seq)).scalars().all()
    # What it says now may be something else.
    drop(conn, revived)
    readings.drop(conn, [entry.id] if revived else [])
    return len(revived) == 1


def _receipt(arrival: Arrival, entries: Sequence[_Entry]) -> Receipt:
    accepted = tuple(Accepted(entry.id, entry.event.event_id, entry.taken, entry.event) for entry in entries)
    stored = any(entry.taken != "duplicate" for entry in entries)
    return Receipt(arrival.request_id, arrival.connection, stored, accepted, arrival.trace)


COUNTED: Mapping[Taken, str] = {"inserted": RECEIVED, "duplicate": DUPLICATE, "revived": AGAIN}


UNASKED = (READ_ON, LISTEN)
"""Nobody posted these: nobody is answered."""


def _counted(arrivals: Sequence[Arrival], receipts: Sequence[Receipt]) -> Counter[tuple[str, str]]:
    """What came, the requests as they are answered, and what has ended already."""
    found: Counter[tuple[str, str]] = Counter()
    for arrival, receipt in zip(arrivals, receipts, strict=True):
        read_on = arrival.method == READ_ON
        answer = ANSWERED + ("accepted" if receipt.stored else "duplicate")
        found[receipt.connection, answer] += bool(receipt.events) and arrival.method not in UNASKED
        for event in receipt.events:
            taken = READ if read_on and event.taken == "inserted" else COUNTED[event.taken]
            found[receipt.connection, taken] += 1
            if event.taken != "duplicate" and event.new.status != "pending":
                found[receipt.connection, event.new.status] += 1
    return found


def _insert_requests(conn: Connection, arrivals: Sequence[tuple[Arrival, datetime]]) -> None:
    rows = [
        {
            "id": arrival.request_id,
            "connection": arrival.connection,
            "received_at": received_at,
            "method": arrival.method,
            "url": arrival.url,
            "headers": [list(pair) for pair in arrival.headers],
            "body": arrival.body,
        }
        for arrival, received_at in arrivals
    ]
    if rows:
        conn.execute(_NEW_REQUESTS, rows)


def _lanes(entries: Sequence[_Entry]) -> Mapping[tuple[str, str], bool]:
    """The lanes in which something new waits, and whether any of it is urgent."""
    urgent: dict[tuple[str, str], bool] = {}
    for entry in entries:
        if entry.taken != "duplicate" and entry.event.status == "pending":
            lane = (entry.arrival.connection, entry.event.subject)
            urgent[lane] = urgent.get(lane, False) or entry.event.priority
    return urgent


def _chunks(keys: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(keys), LOOKED_UP_AT_ONCE):
        yield keys[start : start + LOOKED_UP_AT_ONCE]
