"""Keeps the proof that somebody was erased: when, by whom, why, how much.

It holds nothing of the person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from ulid import ULID

from worker.store.db.clock import db_now
from worker.store.db.tables import erasures
from worker.store.privacy.person import address_of
from worker.store.privacy.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Erasure:
    """`term`: a keyed hash of what was asked for. `done_at` is None while it is under way, or was interrupted. `counts`: rows, by table."""

    id: str
    term: str
    by: str
    why: str
    begun_at: datetime
    done_at: datetime | None
    counts: Mapping[str, int]


def hashed(term: str, known: Pseudonyms) -> str:
    """The same for an address in whatever spelling of its letters."""
    return known.term(address_of(term) or term)


def begin(conn: Connection, term: str, by: str, why: str, new: str | None = None) -> Erasure:
    """Goes on with the one of this term that was interrupted, if there is one; else begins one, with the id `new`."""
    found = [each for each in of_term(conn, term) if each.done_at is None]
    if found:
        return found[0]
    new = new or str(ULID())
    conn.execute(erasures.insert().values(id=new, term=term, by=by, why=why, begun_at=db_now(), counts={}))
    return _one(conn, new)


def add(conn: Connection, erasure: str, counts: Mapping[str, int]) -> None:
    """In the transaction that erased these rows, so that the sum is right wherever it is interrupted."""
    before = conn.execute(select(erasures.c.counts).where(erasures.c.id == erasure).with_for_update()).scalar_one()
    total = Counter(before)
    total.update(counts)
    conn.execute(update(erasures).where(erasures.c.id == erasure).values(counts=dict(total)))


def end(conn: Connection, erasure: str) -> Erasure:
    conn.execute(update(erasures).where(erasures.c.id == erasure).values(done_at=db_now()))
    return _one(conn, erasure)


def of_term(conn: Connection, term: str) -> Sequence[Erasure]:
    """The newest first."""
    rows = conn.execute(select(erasures).where(erasures.c.term == term).order_by(erasures.c.id.desc()))
    return [Erasure(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of SQLAlchemy's row


def get(conn: Connection, erasure: str) -> Erasure | None:
    row = conn.execute(select(erasures).where(erasures.c.id == erasure)).one_or_none()
    return None if row is None else Erasure(**row._mapping)  # noqa: SLF001 - as above


def listed(conn: Connection, limit: int, before: str | None = None) -> Sequence[Erasure]:
    """The newest first; those older than `before`."""
    older = [] if before is None else [erasures.c.id < before]
    rows = conn.execute(select(erasures).where(*older).order_by(erasures.c.id.desc()).limit(limit))
    return [Erasure(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of SQLAlchemy's row


def _one(conn: Connection, erasure: str) -> Erasure:
    return Erasure(**conn.execute(select(erasures).where(erasures.c.id == erasure)).one()._mapping)  # noqa: SLF001 - as above
