"""A lane's fencing token: whoever was overtaken finds out before it writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Connection, and_, case, or_, type_coerce, update

from worker.errors import LeaseLost
from worker.store.clock import after, db_now
from worker.store.tables import lanes


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
    until = after(seconds)
    statement = (
        update(lanes)
        .where(lane(fence.connection, fence.subject), lanes.c.token == fence.token, lanes.c.owner.is_not(None))
        .values(lease_until=_later(until))
    )
    if conn.execute(statement).rowcount != 1:
        raise LeaseLost(f"{fence.connection}: the lane of {fence.subject!r} was taken over by another worker")


def next_token() -> ColumnElement[int]:
    """For a claim: larger than that of any before it, also of a lane of this subject that was purged since. Tokens follow the clock."""
    return case((lanes.c.token >= first_token(), lanes.c.token + 1), else_=first_token())


def first_token() -> ColumnElement[int]:
    """For a claim of a lane that is new."""
    return type_coerce(db_now(), BigInteger)


def _later(until: ColumnElement[datetime]) -> ColumnElement[datetime]:
    sooner = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < until)
    return case((sooner, until), else_=lanes.c.lease_until)
