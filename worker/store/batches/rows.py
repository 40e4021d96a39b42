"""Keeps batches: what is done to which events, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from worker.store.db.clock import db_now, now
from worker.store.db.sql import insert, readable
from worker.store.db.tables import batches
from worker.store.events.chosen import Chosen, chosen

Kind: TypeAlias = Literal["replay", "refetch", "drop", "urgent", "hold", "release", "backfill"]
State: TypeAlias = Literal["draft", "running", "paused", "done", "cancelled"]

KINDS: Final[tuple[Kind, ...]] = ("replay", "refetch", "drop", "urgent", "hold", "release")
"""What can be done to events that are there. A backfill brings its own."""
REPLAYS: Final[tuple[Kind, ...]] = ("replay", "refetch")
"""They go one by one. A refetch reads again what was read of the sender's API."""
OVER: Final = ("done", "cancelled")
DRAFT_FOR: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""From when a draft could no longer be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`upto`, `counted_at`: what came, or ended, later is not in the set. `bookmark`: the seq up to which it has come.

    `taken`: events that it took. `taken_back`: of one that was cancelled, those that it took back or never came to.
    """

    seq: int
    kind: Kind
    state: State
    chosen: Chosen
    upto: int
    counted_at: datetime
    counted: int
    a_minute: int
    bookmark: int
    taken: int
    taken_back: int
    why: str | None
    by: str
    digest: str
    expires_at: datetime
    started_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None


def get(conn: Connection, seq: int) -> Batch | None:
    return _batch(conn.execute(select(batches).where(batches.c.seq == seq)).one_or_none())


def locked(conn: Connection, seq: int) -> Batch | None:
    """To ourselves until the transaction ends. Before any event and any lane."""
    return _batch(conn.execute(select(batches).where(batches.c.seq == seq).with_for_update()).one_or_none())


def of_request(conn: Connection, by: str, key: str) -> Batch | None:
    """Made by this person, with this key."""
    same = and_(batches.c.by == by, batches.c.request_key == key)
    return _batch(conn.execute(select(batches).where(same)).one_or_none())


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done. `key`: of their request; `digest`: of what was sent with it."""

    kind: Kind
    chosen: Chosen
    a_minute: int
    why: str | None
    by: str
    key: str
    digest: str


def draft(conn: Connection, asked: Asked, upto: int, counted_at: datetime, counted: int) -> int | None:
    """Its number; None where one was made with this key already."""
    values = {
        "kind": asked.kind,
        "state": "draft",
        "chosen": asked.chosen.stored(),
        "upto": upto,
        "counted_at": counted_at,
        "counted": counted,
        "a_minute": asked.a_minute,
        "why": readable(asked.why),
        "by": asked.by,
        "request_key": asked.key,
        "digest": asked.digest,
        "expires_at": now(conn) + DRAFT_FOR,
    }
    new = insert(conn, batches).values(**values).on_conflict_do_nothing(index_elements=["by", "request_key"])
    return conn.execute(new.returning(batches.c.seq)).scalar_one_or_none()


def change(conn: Connection, seq: int, **values: Any) -> None:
    conn.execute(update(batches).where(batches.c.seq == seq).values(**values))


def running(conn: Connection) -> Sequence[int]:
    """The oldest first."""
    return (
        conn.execute(select(batches.c.seq).where(batches.c.state == "running").order_by(batches.c.seq)).scalars().all()
    )


def going_on(conn: Connection) -> Sequence[Batch]:
    """Running or paused. There are few of them."""
    found = conn.execute(select(batches).where(batches.c.state.in_(("running", "paused"))).order_by(batches.c.seq))
    return [made for row in found if (made := _batch(row)) is not None]


def listed(conn: Connection, *, before: int | None = None, limit: int = 50) -> Sequence[Batch]:
    """The newest first; drafts that were never started are left out once they have expired."""
    statement = select(batches).where(or_(batches.c.state != "draft", batches.c.expires_at > db_now()))
    if before is not None:
        statement = statement.where(batches.c.seq < before)
    rows = conn.execute(statement.order_by(batches.c.seq.desc()).limit(limit))
    return [found for row in rows if (found := _batch(row)) is not None]


def purge(conn: Connection, keep: float) -> int:
    """Those that ended more than so many seconds ago, and drafts of yesterday."""
    at = now(conn)
    over = and_(batches.c.state.in_(OVER), batches.c.ended_at < at - timedelta(seconds=keep))
    never = and_(batches.c.state == "draft", batches.c.expires_at < at - FORGOTTEN_AFTER)
    return conn.execute(delete(batches).where(or_(over, never))).rowcount


def _batch(row: Row[Any] | None) -> Batch | None:
    if row is None:
        return None
    values = {name: getattr(row, name) for name in Batch.__dataclass_fields__}
    return Batch(**values | {"chosen": chosen(row.chosen)})
