"""Claims lanes, each for one worker at a time, by a lease with a fencing token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    or_,
    select,
    type_coerce,
    update,
)

from worker.errors import LeaseLost
from worker.store.db.clock import AFTER, after, db_now, micros
from worker.store.db.engine import Store
from worker.store.db.sql import given, same
from worker.store.db.tables import events, lanes
from worker.store.events.events import WaitingEvent, as_claimed, first_in
from worker.store.lanes import connections
from worker.store.lanes.connections import State


@dataclass(frozen=True, slots=True)
class Fence:
    """One claim of one lane."""

    connection: str
    subject: str
    token: int


def lane(connection: str | BindParameter[str], subject: str | BindParameter[str]) -> ColumnElement[bool]:
    return and_(lanes.c.connection == connection, lanes.c.subject == subject)


def guard(conn: Connection, fence: Fence, seconds: float = 0.0) -> None:
    """Keep the lane's lease for so many seconds more, and its row to ourselves until the transaction ends. Raises LeaseLost."""
    which = {"of_connection": fence.connection, "of_subject": fence.subject, "of_token": fence.token}
    if conn.execute(_GUARDED, {**which, "micros": micros(seconds)}).rowcount != 1:
        raise LeaseLost(f"{fence.connection}: the lane of {fence.subject!r} was taken over by another worker")


def next_token() -> ColumnElement[int]:
    """For a claim: larger than that of any before it, also of a lane of this subject that was purged since. Tokens follow the clock."""
    return case((lanes.c.token >= first_token(), lanes.c.token + 1), else_=first_token())


def first_token() -> ColumnElement[int]:
    """For a claim of a lane that is new."""
    return type_coerce(db_now(), BigInteger)


_LANE = same(lanes.c.connection, lanes.c.subject)
_SOONER = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < AFTER)
_GUARDED = (
    update(lanes)
    .where(_LANE, lanes.c.token == given(lanes.c.token), lanes.c.owner.is_not(None))
    .values(lease_until=case((_SOONER, AFTER), else_=lanes.c.lease_until))
)
_LOCKED = select(lanes, db_now().label("now")).where(_LANE).with_for_update()
_TAKEN = update(lanes).where(_LANE).values(token=next_token(), lease_until=AFTER).returning(lanes.c.token)
_COUNTED = update(events).where(events.c.seq.in_(bindparam("seqs", expanding=True))).values(claims=events.c.claims + 1)
_HANDED_BACK = update(lanes).where(_LANE).values(owner=None, lease_until=db_now())


SUSPECT = 2
"""Claims without an outcome that an event may share with its neighbours. From then on it is claimed alone, and so are they."""
SUSPECTS_WAIT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lane that is ours until its lease ends, and the first of its events in the sender's order.

    `attempts`: failures in a row. `state`: the connection as it stood when the lane was claimed.
    """

    connection: str
    subject: str
    token: int
    version: int
    attempts: int
    state: State
    events: tuple[WaitingEvent, ...]

    @property
    def fence(self) -> Fence:
        return Fence(self.connection, self.subject, self.token)

    @property
    def suspect(self) -> bool:
        """Whether workers died with its first event in hand, and may again."""
        return self.events[0].claims > SUSPECT

    def event(self, named: str) -> WaitingEvent:
        return next(each for each in self.events if each.id == named)


def claim(
    store: Store,
    connection: str,
    subject: str,
    owner: str,
    seconds: float,
    batch: int = 100,
    *,
    suspects: bool = True,
) -> Claim | None:
    """None when another worker owns the lane, a person holds it back, nothing in it is due, or its connection doesn't run.

    Without `suspects` also when it is to begin with one.
    """
    with store.write() as conn:
        row = conn.execute(_LOCKED, {"of_connection": connection, "of_subject": subject}).one_or_none()
        if row is None or not _to_be_had(row):
            return None
        # Read with the lane locked: whoever rebinds the connection from now on takes the claim away.
        state = connections.get(conn, connection)
        if not state.runs:
            return None
        found = first_in(conn, connection, subject, batch)
        if not found:
            hand_back(conn, Fence(connection, subject, row.token), due_at=None, priority=False)
            return None
        if found[0].claims >= SUSPECT and not suspects:
            conn.execute(update(lanes).where(lane(connection, subject)).values(due_at=after(SUSPECTS_WAIT)))
            return None
        return _taken(conn, row, state, _together(found), owner, seconds)


def hand_back(conn: Connection, fence: Fence, **values: Any) -> None:
    """Anybody can claim the lane from now on, or once it is due. Only for who is sure to own it."""
    which = {"of_connection": fence.connection, "of_subject": fence.subject}
    told = {name: value for name, value in values.items() if not isinstance(value, ColumnElement)}
    dated = {name: value for name, value in values.items() if name not in told}
    conn.execute(_HANDED_BACK.values(**dated) if dated else _HANDED_BACK, {**which, **told})


def owned(conn: Connection, connection: str) -> frozenset[tuple[str, int]]:
    """The connection's lanes that are being worked on, by subject and token."""
    statement = select(lanes.c.subject, lanes.c.token).where(
        lanes.c.connection == connection, lanes.c.lease_until > db_now()
    )
    return frozenset((row.subject, row.token) for row in conn.execute(statement))


def _to_be_had(row: Row[Any]) -> bool:
    due = row.due_at is not None and row.due_at <= row.now
    return due and row.held_at is None and (row.lease_until is None or row.lease_until <= row.now)


def _together(found: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """All of them, or the first alone: a suspect among them would take the others with it."""
    return found[:1] if any(event.claims >= SUSPECT for event in found) else found


def _taken(
    conn: Connection, row: Row[Any], state: State, found: Sequence[Row[Any]], owner: str, seconds: float
) -> Claim:
    which = {"of_connection": row.connection, "of_subject": row.subject}
    token = conn.execute(_TAKEN, {**which, "owner": owner, "micros": micros(seconds)}).scalar_one()
    conn.execute(_COUNTED, {"seqs": [event.seq for event in found]})
    return Claim(
        connection=row.connection,
        subject=row.subject,
        token=token,
        version=row.version,
        attempts=row.attempts,
        state=state,
        events=tuple(as_claimed(event) for event in found),
    )
