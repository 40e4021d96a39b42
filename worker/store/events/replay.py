"""Carries out what a person decides about an event, and puts one up for review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Row, and_, bindparam, case, func, or_, select, update
from ulid import ULID

from worker.errors import ConfigError, NeedsReview
from worker.plan import QualifiedKey
from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import LONGEST_TEXT, readable
from worker.store.db.tables import events, lanes
from worker.store.events.former import kept
from worker.store.instruments.counters import again, count
from worker.store.lanes.backlog import make_due
from worker.store.lanes.holds import end_empty
from worker.store.lanes.lanes import lane
from worker.store.readings import readings

COPIED = ("request_id", "position", "connection", "event_id", "type", "subject", "time", "priority", "note")
DROPPED = "dropped by a person: "
"""Stands before the reason that the person said."""
UNASKED = {"review_key": None, "candidates": None}
KEPT_NO_MORE = {"waits_for": None, "waits_until": None}
# What had become of it stays with an event that is tried again, however that ends.
WAS = case((events.c.status == "review", "was in review before: "), else_="was " + events.c.status + " before: ")
STORY = func.substr(func.coalesce(events.c.note + "; ", "") + WAS + events.c.reason, 1, LONGEST_TEXT)
NOTE = case((events.c.reason.is_(None), events.c.note), else_=STORY)
FRESH = {
    "attempts": 0,
    "server_errors": 0,
    "claims": 0,
    "reason": None,
    "reason_code": None,
    "again_at": db_now(),
    "note": NOTE,
    "done_at": None,
    "former": None,
    "batch": None,
    **UNASKED,
    **KEPT_NO_MORE,
}


def replay(store: Store, event: str, *, refetch: bool = False) -> str:
    """Deliver it once more, as an event of its own with the same place in time, also among events of one second. Answers the new id.

    It is planned from what was read of its sender's API for the old one, unless it is to `refetch`.
    """
    with store.write() as conn:
        return replay_in(conn, event, refetch=refetch)


def replay_in(conn: Connection, event: str, *, refetch: bool = False) -> str:
    """The same, in a transaction of somebody else's, as the last thing in it."""
    old = _found(conn, event)
    new = _replay_of(old, now(conn))
    conn.execute(events.insert().values(**new))
    readings.copy(conn, {} if refetch else {old.id: str(new["id"])})
    _make_due(conn, old)
    count(conn, again([old.connection]), now(conn))
    return str(new["id"])


def revive(store: Store, event: str, *, refetch: bool = False) -> None:
    """Try an event that is dead or in review once more."""
    with store.write() as conn:
        revive_in(conn, event, refetch=refetch)


def revive_in(conn: Connection, event: str, *, refetch: bool = False) -> None:
    """The same, in a transaction of somebody else's, as the last thing in it."""
    old = _found(conn, event, {"dead", "review"})
    if refetch:
        readings.drop(conn, [old.id])
    _end(conn, old, "pending", **FRESH)
    _make_due(conn, old)
    count(conn, again([old.connection]), now(conn))


def replay_waits(conn: Connection, event: Row[Any]) -> str | None:
    """Another one of the same sender's event that waits already."""
    same = and_(events.c.connection == event.connection, events.c.event_id == event.event_id)
    waiting = select(events.c.id).where(same, events.c.status == "pending", events.c.id != event.id)
    return conn.execute(waiting.order_by(events.c.seq).limit(1)).scalar_one_or_none()


def pending_again(
    conn: Connection, ended: Sequence[Row[Any]], at: datetime, batch: int | None = None, *, refetch: bool = False
) -> None:
    """Revive those that are dead or in review, replay the others. Their lanes don't become due by it. `batch`: which takes them."""
    badly = [event for event in ended if event.status in ("dead", "review")]
    if badly:
        was = {"former": bindparam("was", type_=JSON(none_as_null=True)), "batch": batch}
        revived = update(events).where(events.c.id == bindparam("of")).values(status="pending", **(FRESH | was))
        conn.execute(revived, [{"of": event.id, "was": kept(event)} for event in badly])
        readings.drop(conn, [event.id for event in badly if refetch])
    well = [event for event in ended if event.status not in ("dead", "review")]
    replays = [_replay_of(event, at) | {"batch": batch} for event in well]
    if replays:
        conn.execute(events.insert(), replays)
        pairs = zip(well, replays, strict=True)
        readings.copy(conn, {} if refetch else {event.id: str(new["id"]) for event, new in pairs})


def lock_in_order(conn: Connection, which: ColumnElement[bool]) -> None:
    """Lock these events, those that came first before the others: two that change many never wait for each other."""
    conn.execute(select(events.c.seq).where(which).order_by(events.c.seq).with_for_update()).all()


def revive_reviewed(store: Store, connection: str, subject: str, key: QualifiedKey) -> int:
    """Try all events once more that are in review because of the key, or in this lane. Answers how many."""
    with store.write() as conn:
        rows = lock_reviewed(conn, connection, subject, key)
        release(conn, rows)
        return len(rows)


def reviewed(connection: str, subject: str, key: QualifiedKey) -> ColumnElement[bool]:
    """Of events: those in review because of the key, or in this lane."""
    of_lane = and_(events.c.connection == connection, events.c.subject == subject)
    return and_(events.c.status == "review", or_(of_lane, events.c.review_key == key))


def lock_reviewed(
    conn: Connection, connection: str, subject: str, key: QualifiedKey, event: str = ""
) -> Sequence[Row[Any]]:
    """The events that are in review because of the key, or in this lane; and this one, whatever became of it.

    They are locked, those that came first before the others, as by `lock_in_order`.
    """
    which = or_(reviewed(connection, subject, key), events.c.id == event)
    return conn.execute(select(events).where(which).order_by(events.c.seq).with_for_update()).all()


def release(conn: Connection, rows: Sequence[Row[Any]]) -> None:
    """Try locked events once more, at once: those in review themselves, others as new events. The last thing that a transaction does."""
    revived = [{"of": row.id} for row in rows if row.status == "review"]
    if revived:
        conn.execute(update(events).where(events.c.id == bindparam("of")).values(status="pending", **FRESH), revived)
    at = now(conn)
    ended = [row for row in rows if row.status != "review"]
    replays = [_replay_of(row, at) for row in ended]
    if replays:
        conn.execute(events.insert(), replays)
        readings.copy(conn, {row.id: str(new["id"]) for row, new in zip(ended, replays, strict=True)})
    urgent = {(row.connection, row.subject) for row in rows if row.priority}
    make_due(conn, {lane: lane in urgent for lane in {(r.connection, r.subject) for r in rows}}, at_once=True)
    count(conn, again(row.connection for row in rows), at)


def drop_reviewed(conn: Connection, row: Row[Any], reason: str) -> None:
    """A locked event in review is to have no effect. The last thing that a transaction does."""
    _end(conn, row, "ignored", **dropped(reason))
    count(conn, ended_as(row, "ignored"), now(conn))


def drop(store: Store, event: str, reason: str) -> None:
    """It is to have no effect."""
    with store.write() as conn:
        drop_in(conn, event, reason)


def drop_in(conn: Connection, event: str, reason: str) -> None:
    """The same, in a transaction of somebody else's, as the last thing in it."""
    lock_lane_of(conn, event)
    old = _found(conn, event, {"pending", "dead", "review"})
    _end(conn, old, "ignored", **dropped(reason))
    if old.status == "pending":
        end_empty(conn, {(old.connection, old.subject)})
    count(conn, ended_as(old, "ignored"), now(conn))


def dropped(reason: str) -> dict[str, Any]:
    """Values of an event that a person dropped."""
    return {"reason": readable(reason), "reason_code": "dropped", "done_at": db_now(), **UNASKED, **KEPT_NO_MORE}


def lock_lane_of(conn: Connection, event: str) -> None:
    """Of one that waits: whoever works on it locks the lane before its events, too."""
    of_event = select(events.c.connection, events.c.subject).where(events.c.id == event, events.c.status == "pending")
    place = conn.execute(of_event).one_or_none()
    if place is not None:
        conn.execute(select(lanes.c.token).where(lane(*place)).with_for_update()).one_or_none()


def locked(conn: Connection, event: str) -> Row[Any] | None:
    """The event's row, to ourselves until the transaction ends; before it the lane's, in which it waits."""
    lock_lane_of(conn, event)
    return conn.execute(select(events).where(events.c.id == event).with_for_update()).one_or_none()


def report(conn: Connection, event: str, question: NeedsReview) -> None:
    """Put an event up for review, perhaps long after it was delivered. One that is no longer kept is left out."""
    asked = {
        "reason": readable(str(question)),
        "reason_code": question.code,
        "review_key": question.key,
        "candidates": question.candidates or None,
    }
    values = {"status": "review", "done_at": db_now(), **asked, **KEPT_NO_MORE}
    old = conn.execute(select(events).where(events.c.id == event).with_for_update()).one_or_none()
    if old is not None:
        conn.execute(update(events).where(events.c.id == event).values(**values))
        count(conn, ended_as(old, "review"), now(conn))


def ended_as(old: Row[Any], fate: str) -> Counter[tuple[str, str]]:
    """One that had ended before has come again."""
    ended = Counter({(old.connection, fate): 1})
    return ended if old.status == "pending" else ended + again([old.connection])


def _found(conn: Connection, event: str, statuses: Collection[str] = ()) -> Row[Any]:
    row = conn.execute(select(events).where(events.c.id == event).with_for_update()).one_or_none()
    if row is None:
        raise ConfigError(f"There is no event {event}: see `relay events list`.")
    if statuses and row.status not in statuses:
        raise ConfigError(
            f"Event {event} is {row.status}: this is for events that are {' or '.join(sorted(statuses))}."
        )
    return row


def _replay_of(event: Row[Any], at: datetime) -> dict[str, Any]:
    new = str(ULID())
    copied = {name: getattr(event, name) for name in COPIED}
    place = event.seq if event.place is None else event.place
    return {**copied, "place": place, "id": new, "replay": new, "status": "pending", "received_at": at}


def _end(conn: Connection, event: Row[Any], status: str, **values: Any) -> None:
    conn.execute(update(events).where(events.c.id == event.id).values(status=status, **values))


def _make_due(conn: Connection, event: Row[Any]) -> None:
    make_due(conn, {(event.connection, event.subject): event.priority}, at_once=True)
