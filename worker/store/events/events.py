"""Looks events up: by id, by filters, by numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, and_, bindparam, exists, func, select

from worker.plan import QualifiedKey
from worker.sdk.read import READ
from worker.sdk.request import Request
from worker.store.db.clock import db_now
from worker.store.db.sql import given
from worker.store.db.tables import events, lanes, requests
from worker.store.events.stretches import connections_of_events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it stands.

    `review_key`: of one in review, whose record a person has to name, where that is the question. `candidates`: the Upsales
    ids of the records in question. `next_attempt`: when its lane is due, while it waits. `held_at`: since when a person holds that back.
    """

    id: str
    seq: int
    connection: str
    event_id: str
    replay: str
    type: str
    subject: str
    time: datetime
    priority: bool
    status: str
    attempts: int
    claims: int
    reason: str | None
    reason_code: str | None
    review_key: QualifiedKey | None
    candidates: tuple[int, ...]
    note: str | None
    request_id: str
    position: int
    received_at: datetime
    done_at: datetime | None
    next_attempt: datetime | None
    held_at: datetime | None
    batch: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event waits, or waited."""

    connection: str
    subject: str
    status: str
    type: str
    priority: bool
    event_id: str


def place(conn: Connection, event: str) -> Place | None:
    columns = [events.c[name] for name in Place.__dataclass_fields__]
    row = conn.execute(select(*columns).where(events.c.id == event)).one_or_none()
    return None if row is None else Place(*row)


def show(conn: Connection, event: str) -> Event | None:
    """By its id, or by the newest one with this sender's id."""
    of_sender = (events.c.connection.in_(connections_of_events(conn)), events.c.event_id == event)
    for where in ((events.c.id == event,), of_sender):
        row = conn.execute(_selected().where(*where).order_by(events.c.seq.desc()).limit(1)).one_or_none()
        if row is not None:
            return _event(row)
    return None


def get(conn: Connection, event: str) -> Event | None:
    """By its own id alone."""
    row = conn.execute(_selected().where(events.c.id == event)).one_or_none()
    return None if row is None else _event(row)


def later(conn: Connection, event: Event, limit: int) -> Sequence[Event]:
    """What came after it about the same thing, the first first."""
    same = (events.c.connection == event.connection, events.c.subject == event.subject, events.c.seq > event.seq)
    return [_event(row) for row in conn.execute(_selected().where(*same).order_by(events.c.seq).limit(limit))]


def listed(
    conn: Connection,
    *,
    connection: str | None = None,
    type: str | None = None,  # noqa: A002 - the event's attribute is called so
    subject: str | None = None,
    statuses: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> Sequence[Event]:
    """The newest events first: those received from `since` on, and before `until`."""
    statement = _selected().where(*narrowed(connection=connection, type=type, subject=subject))
    if statuses:
        statement = statement.where(events.c.status.in_(sorted(statuses)))
    if since is not None:
        statement = statement.where(events.c.received_at >= since)
    if until is not None:
        statement = statement.where(events.c.received_at < until)
    return [_event(row) for row in conn.execute(statement.order_by(events.c.seq.desc()).limit(limit))]


def narrowed(**wanted: str | None) -> Sequence[ColumnElement[bool]]:
    """Of events: those that have these values; None is any."""
    return [events.c[name] == value for name, value in wanted.items() if value is not None]


def by_seq(conn: Connection, seqs: Collection[int]) -> Sequence[Event]:
    """The oldest first."""
    found = _selected().where(events.c.seq.in_(sorted(seqs))).order_by(events.c.seq)
    return [_event(row) for row in conn.execute(found)]


def request_of(conn: Connection, request_id: str) -> Request | None:
    return requests_of(conn, [request_id]).get(request_id)


_REQUESTS = select(requests).where(requests.c.id.in_(bindparam("ids", expanding=True)))


def requests_of(conn: Connection, ids: Collection[str]) -> Mapping[str, Request]:
    """The stored requests, secrets in them replaced."""
    rows = conn.execute(_REQUESTS, {"ids": sorted(set(ids))})
    return {row.id: Request(row.method, row.url, tuple((k, v) for k, v in row.headers), row.body) for row in rows}


def counts(conn: Connection) -> Mapping[tuple[str, str], int]:
    """How many events, by (connection, status)."""
    statement = select(events.c.connection, events.c.status, func.count().label("number"))
    rows = conn.execute(statement.group_by(events.c.connection, events.c.status))
    return {(row.connection, row.status): row.number for row in rows}


def _selected() -> Select[Any]:
    of_lane = and_(
        lanes.c.connection == events.c.connection,
        lanes.c.subject == events.c.subject,
        events.c.status == "pending",
    )
    return select(events, lanes.c.due_at.label("next_attempt"), lanes.c.held_at).join_from(
        events, lanes, of_lane, isouter=True
    )


def _event(row: Row[Any]) -> Event:
    fields = {name: getattr(row, name) for name in Event.__dataclass_fields__}
    return Event(**fields | {"candidates": tuple(row.candidates or ())})


IN_ORDER = (events.c.time, func.coalesce(events.c.place, events.c.seq), events.c.seq)
"""The sender's order. The index of what waits has it, so that a long lane is not sorted for its first events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event that waits.

    `expects_until`: from when on it no longer waits for what other events make. `asked_at`: since when it waits, this time. `seq`: its place among the events of one time, a replay's being that of what it replays. `claims`: those without an
    outcome, this one included. `server_errors`: those of Upsales that it met in a row while others succeeded.
    """

    id: str
    seq: int
    event_id: str
    type: str
    subject: str
    time: datetime
    priority: bool
    attempts: int
    claims: int
    request_id: str
    position: int
    received_at: datetime
    asked_at: datetime
    server_errors: int = 0
    replay: str = ""
    expects_until: datetime | None = None


def pending_in(connection: Any, subject: Any) -> ColumnElement[bool]:
    """Of events: those that wait in this lane. Values or columns."""
    return and_(events.c.connection == connection, events.c.subject == subject, events.c.status == "pending")


def first_in(conn: Connection, connection: str, subject: str, number: int) -> Sequence[Row[Any]]:
    """The rows of so many events, in the order in which they are to be delivered."""
    return conn.execute(_FIRST, {"of_connection": connection, "of_subject": subject, "number": number}).all()


_FIRST = (
    select(events)
    .where(pending_in(given(events.c.connection), given(events.c.subject)))
    .order_by(*IN_ORDER)
    .limit(bindparam("number", type_=Integer))
)


def oldest_waiting(conn: Connection, connection: str, number: int) -> Sequence[WaitingEvent]:
    """Of the connection: those that came first. Replays are not looked at."""
    waiting = (events.c.connection == connection, events.c.status == "pending", events.c.replay == "")
    rows = conn.execute(select(events).where(*waiting).order_by(events.c.received_at).limit(number))
    return [as_claimed(row) for row in rows]


def by_id(conn: Connection, event: str) -> WaitingEvent:
    """As if it were claimed, whether it waits or not."""
    return as_claimed(conn.execute(select(events).where(events.c.id == event)).one())


def as_claimed(row: Row[Any]) -> WaitingEvent:
    return WaitingEvent(
        id=row.id,
        seq=row.seq if row.place is None else row.place,
        event_id=row.event_id,
        type=row.type,
        subject=row.subject,
        time=row.time,
        priority=row.priority,
        attempts=row.attempts,
        claims=row.claims + 1,
        server_errors=row.server_errors,
        request_id=row.request_id,
        position=row.position,
        received_at=row.received_at,
        asked_at=max(row.received_at, row.again_at or row.received_at),
        replay=row.replay,
        expects_until=row.waits_until,
    )


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request as it is stored: with fingerprints in the place of secrets."""

    id: str
    received_at: datetime
    headers: Sequence[tuple[str, str]]
    body: bytes


def latest_requests(conn: Connection, connection: str, limit: int) -> Sequence[StoredRequest]:
    """As its sender made them: what was read of its API is none."""
    query = (
        select(requests.c.id, requests.c.received_at, requests.c.headers, requests.c.body)
        .where(requests.c.connection == connection, requests.c.method != READ)
        .order_by(requests.c.received_at.desc(), requests.c.id.desc())
        .limit(limit)
    )
    rows = conn.execute(query)
    return [StoredRequest(row.id, row.received_at, [(n, v) for n, v in row.headers], row.body) for row in rows]


REACH = 100
"""Waiting events that are looked at on each side of one: just before it, just after it, and the oldest."""
FAR = 5000
"""How far from it, in events of all connections."""


@dataclass(frozen=True, slots=True)
class Near:
    """Events that wait near one. `more`: older live ones wait as well, which are not among them. `now` is the database's."""

    events: Sequence[WaitingEvent]
    more: bool
    now: datetime


def near(conn: Connection, connection: str, event: WaitingEvent) -> Near:
    """The waiting events of the connection's other lanes around it in the order of arrival, and the oldest ones.

    What waits in its own lane comes at the same time or after it. Replays that wait for their turn are looked at apart: a big
    one lasts for hours, and holds nothing but what needs one of those that are looked at.
    """
    waiting = select(events).where(
        events.c.connection == connection, events.c.status == "pending", events.c.subject != event.subject
    )
    at = select(events.c.seq, db_now().label("now")).where(events.c.id == event.id)
    seq, moment = conn.execute(at).one()
    parked = _in_parked_lane()
    live, more = _around(conn, waiting.where(~parked), seq)
    replayed, _ = _around(conn, waiting.where(parked), seq)
    rows = {row.id: row for row in (*live, *replayed)}
    return Near([as_claimed(row) for row in rows.values()], more, moment)


def _around(conn: Connection, waiting: Select[Any], seq: int) -> tuple[Sequence[Row[Any]], bool]:
    """Those just before a place, just after it, and the oldest; and whether there are more before it."""
    before = waiting.where(events.c.seq.between(seq - FAR, seq)).order_by(events.c.seq.desc())
    after = waiting.where(events.c.seq.between(seq + 1, seq + FAR)).order_by(events.c.seq)
    oldest = waiting.where(events.c.seq < seq - FAR).order_by(events.c.seq)
    found = [conn.execute(some.limit(REACH + 1)).all() for some in (before, after, oldest)]
    return [row for some in found for row in some[:REACH]], len(found[0]) > REACH or len(found[2]) > REACH


def _in_parked_lane() -> ColumnElement[bool]:
    """Of events: those whose lane holds nothing but replays that wait for their turn."""
    of_event = and_(lanes.c.connection == events.c.connection, lanes.c.subject == events.c.subject)
    return exists().where(of_event, lanes.c.parked_at.is_not(None)).correlate(events)
