"""Keeps how far senders' lists of what changed were read, and who reads one now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

from worker.errors import LeaseLost
from worker.store.db.clock import after, db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_new, readable
from worker.store.db.tables import cursors

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A list that is ours to read until the lease ends. Times by the database's clock.

    The round that reads all changes from `since` on began at `begun_at`; its next page is at `bookmark`. `newest`: the latest change seen.
    `lost_from`: the sender tells no more of what changed between that and `since`.
    """

    connection: str
    kind: str
    token: int
    since: datetime
    begun_at: datetime
    bookmark: str | None = None
    newest: datetime | None = None
    lost_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Items, and what became of them. What concerns nobody is found, and nothing more."""

    found: int = 0
    brought: int = 0
    duplicates: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Counted):
    """How far a list has been read. `age`: seconds since all of it was read for the last time; before the first time, since it was to be.

    `failing`: why it can't be read now; `failing_for`: seconds. `lost_from`, `lost_until`: what the sender told no more, as of `lost_for` seconds ago.
    `between`: whether a round is under way.
    """

    connection: str
    kind: str
    since: datetime
    ran_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None
    age: float
    failures: int = 0
    failing: str | None = None
    failing_code: str | None = None
    failing_for: float = 0.0
    lost_from: datetime | None = None
    lost_until: datetime | None = None
    lost_for: float | None = None
    between: bool = False


def due(conn: Connection, wanted: Mapping[str, tuple[float, Collection[str]]]) -> Sequence[str]:
    """Of these connections, each with its period and kinds, those that have a list to be read now."""
    at = now(conn)
    rows = {(row.connection, row.kind): row for row in conn.execute(select(cursors))}
    return [
        name
        for name, (period, kinds) in wanted.items()
        if any(is_due(rows.get((name, kind)), at, period) for kind in kinds)
    ]


def is_due(row: Row[Any] | None, at: datetime, period: float) -> bool:
    """A shorter period counts from the end of the last round on; what a failure or the sender has it wait for stays as it is."""
    if row is None:
        return True
    if row.lease_until is not None and row.lease_until > at:
        return False
    rests = row.failures or row.ended_at is None or (row.ran_at is not None and row.ran_at > row.ended_at)
    sooner = not rests and row.ended_at + period * SECOND <= at
    return row.next_at is None or row.next_at <= at or sooner


def claim(
    store: Store,
    connection: str,
    kind: str,
    *,
    owner: str,
    lease: float,
    period: float,
    first: float,
    reach: float | None,
) -> Cursor | None:
    """None where it is not due, or another process reads it. Seconds: `first`, how far back a list is read that never was; `reach`, how far its sender tells."""
    with store.write() as conn:
        insert_new(conn, cursors, connection=connection, kind=kind, since=after(-first))
        row = conn.execute(select(cursors, db_now().label("now")).where(_of(connection, kind)).with_for_update()).one()
        if not is_due(row, row.now, period):
            return None
        fresh = row.bookmark is None
        begun_at = row.now if fresh or row.begun_at is None else row.begun_at
        told_from = None if reach is None else row.now - reach * SECOND
        lost = fresh and told_from is not None and row.since < told_from
        since = told_from if lost and told_from is not None else row.since
        values = {"lost_from": row.since, "lost_until": since, "lost_at": db_now()} if lost else {}
        conn.execute(
            update(cursors)
            .where(_of(connection, kind))
            .values(
                owner=owner, token=row.token + 1, lease_until=after(lease), begun_at=begun_at, since=since,
                ran_at=db_now(), **values,
            )
        )  # fmt: skip
    return Cursor(
        connection=connection,
        kind=kind,
        token=row.token + 1,
        since=since,
        begun_at=begun_at,
        bookmark=row.bookmark,
        newest=row.newest,
        lost_from=row.since if lost else None,
    )


def turn(
    conn: Connection, cursor: Cursor, counted: Counted, *, newest: datetime | None, bookmark: str | None, lease: float
) -> None:
    """A page was read, and there is another one. Raises LeaseLost."""
    _change(
        conn,
        cursor,
        **_added(counted),
        newest=newest,
        bookmark=bookmark,
        lease_until=after(lease),
        **_well(),
    )


def end(
    conn: Connection, cursor: Cursor, counted: Counted, *, newest: datetime | None, since: datetime, next_in: float
) -> None:
    """The last page was read: the next round reads from `since` on. Raises LeaseLost."""
    _change(
        conn,
        cursor,
        **_added(counted),
        newest=newest,
        since=since,
        bookmark=None,
        begun_at=None,
        lease_until=None,
        ended_at=db_now(),
        next_at=after(next_in),
        **_well(),
    )


def rest(store: Store, cursor: Cursor, *, next_in: float) -> None:
    """Others have their turn, or its sender wants to be left alone: it goes on from its bookmark."""
    with store.write() as conn:
        _change(conn, cursor, lease_until=None, next_at=after(next_in))


def fail(store: Store, cursor: Cursor, why: str, code: str, *, next_in: float, anew: bool = False) -> None:
    """It could not be read. `anew`: the next run begins its round once more."""
    with store.write() as conn:
        values: dict[str, Any] = {"bookmark": None, "begun_at": None} if anew else {}
        row = conn.execute(select(cursors.c.failing_since).where(_of(cursor.connection, cursor.kind))).one()
        since = db_now() if row.failing_since is None else row.failing_since
        _change(
            conn,
            cursor,
            failures=cursors.c.failures + 1,
            failing_since=since,
            reason=readable(why),
            reason_code=code,
            lease_until=None,
            next_at=after(next_in),
            **values,
        )


def failures(conn: Connection, cursor: Cursor) -> int:
    """In a row, so far."""
    found: int = conn.execute(select(cursors.c.failures).where(_of(cursor.connection, cursor.kind))).scalar_one()
    return found


def ask(conn: Connection, connection: str, kinds: Collection[str], since: datetime | None = None) -> None:
    """Have these lists read now; from `since` on, where it is named: a round that is under way is left then."""
    values: dict[str, Any] = {"next_at": None, "failures": 0}
    if since is not None:
        # Whoever reads it now is overtaken.
        values |= {
            "since": since,
            "bookmark": None,
            "begun_at": None,
            "token": cursors.c.token + 1,
            "lease_until": None,
        }
    for kind in sorted(kinds):
        # What was never read is due anyway.
        if since is not None:
            insert_new(conn, cursors, connection=connection, kind=kind, since=since)
        conn.execute(update(cursors).where(_of(connection, kind)).values(**values))


def progress(conn: Connection, connections: Collection[str] = ()) -> Sequence[Progress]:
    """Of all lists that were ever read, or of these connections', by connection and kind."""
    statement = select(cursors, db_now().label("now")).order_by(cursors.c.connection, cursors.c.kind)
    if connections:
        statement = statement.where(cursors.c.connection.in_(sorted(connections)))
    return [_progress(row) for row in conn.execute(statement)]


def _progress(row: Row[Any]) -> Progress:
    def ago(then: datetime | None) -> float | None:
        return None if then is None else max((row.now - then) / SECOND, 0.0)

    return Progress(
        connection=row.connection,
        kind=row.kind,
        since=row.since,
        ran_at=row.ran_at,
        ended_at=row.ended_at,
        next_at=row.next_at,
        age=ago(row.ended_at or row.since) or 0.0,
        found=row.found,
        brought=row.brought,
        duplicates=row.duplicates,
        dead=row.dead,
        failures=row.failures,
        failing=row.reason,
        failing_code=row.reason_code,
        failing_for=ago(row.failing_since) or 0.0,
        lost_from=row.lost_from,
        lost_until=row.lost_until,
        lost_for=ago(row.lost_at),
        between=row.bookmark is not None,
    )


def _of(connection: str, kind: str) -> ColumnElement[bool]:
    return and_(cursors.c.connection == connection, cursors.c.kind == kind)


def _added(counted: Counted) -> Mapping[str, Any]:
    return {name: cursors.c[name] + getattr(counted, name) for name in ("found", "brought", "duplicates", "dead")}


def _well() -> Mapping[str, Any]:
    return {"failures": 0, "failing_since": None, "reason": None, "reason_code": None}


def _change(conn: Connection, cursor: Cursor, **values: Any) -> None:
    mine = and_(_of(cursor.connection, cursor.kind), cursors.c.token == cursor.token)
    if conn.execute(update(cursors).where(mine).values(**values)).rowcount != 1:
        raise LeaseLost(f"{cursor.connection}: another process reads what changed of {cursor.kind}")
