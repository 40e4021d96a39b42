"""Names a place in a list, so that a page of it stays the same page while events come in."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from worker.admin.filters import Fault, InvalidParameters

MOST: Final = 200
USUAL: Final = 50
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """What lies `after` is newer than it, what lies `before` is older. At most one of them is set; neither: the newest."""

    after: int | None = None
    before: int | None = None
    limit: int = USUAL


def written(seq: int) -> str:
    return urlsafe_b64encode(f"s{seq}".encode()).decode().rstrip("=")


def read(name: str, text: str) -> int:
    """Raises InvalidParameters for what `written` never wrote."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        seq = int(found[1:]) if found[:1] == "s" and found[1:].isdecimal() else -1
    except ValueError:
        seq = -1
    if not 0 <= seq <= LARGEST or written(seq) != text:
        raise InvalidParameters([Fault(name, "is no place in this list; take it from `next` or `prev`")])
    return seq


def place(after: str | None, before: str | None, limit: str | None) -> Place:
    """Raises InvalidParameters."""
    if after is not None and before is not None:
        raise InvalidParameters([Fault("after", "stands beside before: give one of them")])
    number = USUAL
    if limit is not None:
        number = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 6 else 0
        if not 1 <= number <= MOST:
            raise InvalidParameters([Fault("limit", f"must be a number from 1 to {MOST}")])
    return Place(
        None if after is None else read("after", after), None if before is None else read("before", before), number
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list, the newest first. `next`, `prev`: where older and newer ones begin."""

    seqs: Sequence[int]
    next: str | None
    prev: str | None


def slice_of(
    conn: Connection, column: ColumnElement[int], clauses: Sequence[ColumnElement[bool]], place: Place
) -> Slice:
    """Of a table that is numbered by the column."""
    statement = select(column).where(*clauses).limit(place.limit + 1)
    if place.after is not None:
        statement = statement.where(column > place.after).order_by(column)
    else:
        statement = statement.order_by(column.desc())
        if place.before is not None:
            statement = statement.where(column < place.before)
    found = list(conn.execute(statement).scalars())
    more, seqs = len(found) > place.limit, found[: place.limit]
    if place.after is not None:
        seqs.reverse()
    older = more if place.after is None else bool(seqs)
    newer = more if place.after is not None else place.before is not None
    return Slice(
        seqs,
        next=written(seqs[-1]) if older and seqs else None,
        prev=written(seqs[0]) if newer and seqs else None,
    )
