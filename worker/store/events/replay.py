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
from worker.store.db.tables import events
from worker.store.events.former import kept
from worker.store.instruments.counters import again, count
from worker.store.lanes.backlog import make_due

COPIED = ("request_id", "position", "connection", "event_id", "type", "subject", "time", "priority", "note")
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
    "note": NOTE,
    "done_at": None,
    "former": None,
    **UNASKED,
    **KEPT_NO_MORE,
}


def replay(store: Store, event: str) -> str:
    """Deliver it once more, as an event of its own with the same place in time, also among events of one second. Answers the new id."""
    with store.write() as conn:
        old = _found(conn, event)
        new = _replay_of(old, now(conn))
        conn.execute(events.insert().values(**new))
        _make_due(conn, old)
        count(conn, again([old.connection]), now(conn))
        return str(new["id"])


def revive(store: Store, event: str) -> None:
    """Try an event that is dead or in review once more."""
    with store.write() as conn:
        old = _found(conn, event, {"dead", "review"})
        _end(conn, old, "pending", **FRESH)
        _make_due(conn, old)
        count(conn, again([old.connection]), now(conn))


def pending_again(conn: Connection, ended: Sequence[Row[Any]], at: datetime) -> None:
    """Revive those that are dead or in review, replay the others. Their lanes don't become due by it."""
    badly = [event for event in ended if event.status in ("dead", "review")]
    if badly:
        was = {"former": bindparam("was", type_=JSON(none_as_null=True))}
        revived = update(events).where(events.c.id == bindparam("of")).values(status="pending", **(FRESH | was))
        conn.execute(revived, [{"of": event.id, "was": kept(event)} for event in badly])
    replays = [_replay_of(event, at) for event in ended if event.status not in ("dead", "review")]
    if replays:
        conn.execute(events.insert(), replays)


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
    replays = [_replay_of(row, at) for row in rows if row.status != "review"]
    if replays:
        conn.execute(events.insert(), replays)
    urgent = {(row.connection, row.subject) for row in rows if row.priority}
    make_due(conn, {lane: lane in urgent for lane in {(r.connection, r.subject) for r in rows}}, at_once=True)
    count(conn, again(row.connection for row in rows), at)


def drop_reviewed(conn: Connection, row: Row[Any], reason: str) -> None:
    """A locked event in review is to have no effect. The last thing that a transaction does."""
    _end(conn, row, "ignored", reason=readable(reason), done_at=db_now(), **UNASKED, **KEPT_NO_MORE)
    count(conn, _ended(row, "ignored"), now(conn))


def drop(store: Store, event: str, reason: str) -> None:
    """It is to have no effect."""
    with store.write() as conn:
        old = _found(conn, event, {"pending", "dead", "review"})
        _end(conn, old, "ignored", reason=readable(reason), done_at=db_now(), **UNASKED, **KEPT_NO_MORE)
        count(conn, _ended(old, "ignored"), now(conn))


def report(conn: Connection, event: str, question: NeedsReview) -> None:
    """Put an event up for review, perhaps long after it was delivered. One that is no longer kept is left out."""
    asked = {"reason": readable(str(question)), "review_key": question.key, "candidates": question.candidates or None}
    values = {"status": "review", "done_at": db_now(), **asked, **KEPT_NO_MORE}
    old = conn.execute(select(events).where(events.c.id == event).with_for_update()).one_or_none()
    if old is not None:
        conn.execute(update(events).where(events.c.id == event).values(**values))
        count(conn, _ended(old, "review"), now(conn))


def _ended(old: Row[Any], fate: str) -> Counter[tuple[str, str]]:
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
