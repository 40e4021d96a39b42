"""Reads what is new among events, for who follows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from worker.store.db.tables import events
from worker.store.events.events import Event, by_seq

AT_ONCE = 400
MOST = 10_000


def newest(conn: Connection) -> int:
    """The highest place that is taken by a committed event; 0 where there is none."""
    found: int = conn.execute(select(func.coalesce(func.max(events.c.seq), 0))).scalar_one()
    return found


def places(conn: Connection, above: int, wanted: Sequence[ColumnElement[bool]] = ()) -> Sequence[int]:
    found = select(events.c.seq).where(events.c.seq > above, *wanted).order_by(events.c.seq).limit(MOST)
    return conn.execute(found).scalars().all()


def waiting(conn: Connection, wanted: Sequence[ColumnElement[bool]] = ()) -> Sequence[int]:
    """The places of the newest events that wait."""
    found = select(events.c.seq).where(events.c.status == "pending", *wanted).order_by(events.c.seq.desc()).limit(MOST)
    return conn.execute(found).scalars().all()


def of_places(conn: Connection, wanted: Collection[int]) -> Iterator[Event]:
    for some in _chunks(sorted(wanted)):
        yield from by_seq(conn, some)


def ended(conn: Connection, wanted: Collection[int]) -> set[int]:
    """Those that no longer wait, or are no longer there."""
    still: set[int] = set()
    for some in _chunks(sorted(wanted)):
        found = select(events.c.seq).where(events.c.seq.in_(some), events.c.status == "pending")
        still.update(conn.execute(found).scalars())
    return set(wanted) - still


def _chunks(wanted: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]
