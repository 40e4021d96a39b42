"""Lets one process at a time listen to a stream, by a lease with a fencing token."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Update, case, or_, select, update

from worker.errors import LeaseLost
from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_in
from worker.store.db.tables import listeners

State: TypeAlias = Literal["opening", "listening", "away", "forbidden", "unlike", "stopped"]
"""away: it is opened again soon. forbidden: the sender doesn't let us. unlike: it says something else than is declared."""
LONGEST: Final = 500
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Lease:
    connection: str
    token: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How a connection is listened to. `lasts`: seconds since the state began. `heard_at`: when the sender last told anything; None: never.

    `alive`: a process holds the lease.
    """

    connection: str
    owner: str | None
    state: str
    reason: str | None
    lasts: float
    heard_at: datetime | None
    alive: bool

    @property
    def listens(self) -> bool:
        return self.alive and self.state == "listening"


def take(store: Store, connection: str, owner: str, seconds: float) -> Lease | None:
    """None while another process has it."""
    with store.write() as conn:
        new = insert_in(conn.dialect.name, listeners).values(
            connection=connection, token=0, state="stopped", since=db_now()
        )
        conn.execute(new.on_conflict_do_nothing(index_elements=["connection"]))
        free = or_(listeners.c.lease_until.is_(None), listeners.c.lease_until < db_now())
        taken = (
            update(listeners)
            .where(listeners.c.connection == connection, free)
            .values(
                owner=owner,
                token=listeners.c.token + 1,
                lease_until=after(seconds),
                state="opening",
                reason=None,
                since=db_now(),
            )
        )
        token = conn.execute(taken.returning(listeners.c.token)).scalar_one_or_none()
        return None if token is None else Lease(connection, token, seconds)


def guard(conn: Connection, lease: Lease, **values: Any) -> None:
    """Keep the lease, and its row to ourselves until the transaction ends. Raises LeaseLost."""
    statement = _ours(lease).values(lease_until=after(lease.seconds), **values)
    if conn.execute(statement).rowcount != 1:
        raise LeaseLost(f"{lease.connection}: another process listens now")


def heard(conn: Connection, lease: Lease) -> None:
    """As `guard`, and the sender told something just now."""
    guard(conn, lease, heard_at=db_now())


def renew(store: Store, lease: Lease, *, told: bool = False) -> None:
    """`told`: the sender said something. Raises LeaseLost."""
    with store.write() as conn:
        heard(conn, lease) if told else guard(conn, lease)


def tell(store: Store, lease: Lease, state: State, reason: str | None = None) -> None:
    """How it stands, from now on. Raises LeaseLost."""
    with store.write() as conn:
        # As long as it stands the same way, it is so since the first time.
        since = case((listeners.c.state == state, listeners.c.since), else_=db_now())
        guard(conn, lease, state=state, reason=reason and reason[:LONGEST], since=since)


def release(store: Store, lease: Lease) -> None:
    """The next process need not wait."""
    with store.write() as conn:
        conn.execute(_ours(lease).values(owner=None, lease_until=None, state="stopped", reason=None, since=db_now()))


def standing(conn: Connection, names: Collection[str]) -> Mapping[str, Listening]:
    """Of those that were ever listened to."""
    alive: ColumnElement[bool] = listeners.c.lease_until >= db_now()
    query = select(listeners, alive.label("alive"), db_now().label("now")).where(
        listeners.c.connection.in_(sorted(names))
    )
    return {
        row.connection: Listening(
            connection=row.connection,
            owner=row.owner,
            state=row.state,
            reason=row.reason,
            lasts=max((row.now - row.since) / SECOND, 0.0),
            heard_at=row.heard_at,
            alive=bool(row.alive),
        )
        for row in conn.execute(query)
    }


def _ours(lease: Lease) -> Update:
    return update(listeners).where(listeners.c.connection == lease.connection, listeners.c.token == lease.token)
