"""Stores the terms of events, and takes them away with the events."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, or_, select, update

from worker.store.db.sql import insert
from worker.store.db.tables import event_terms, events, terms

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Unsearched:
    """An event whose payload is to be made searchable. `version`: as it was when it was read; another one makes what was read void."""

    seq: int
    version: int | None
    connection: str
    subject: str
    request_id: str
    position: int


def waiting() -> ColumnElement[bool]:
    """As the index has it."""
    return or_(events.c.searched.is_(None), events.c.searched < 0)


def unsearched(conn: Connection, limit: int) -> Sequence[Unsearched]:
    """The oldest first."""
    by = events.c
    columns = (by.seq, by.searched, by.connection, by.subject, by.request_id, by.position)
    rows = conn.execute(select(*columns).where(waiting()).order_by(by.seq).limit(limit))
    return [Unsearched(*row) for row in rows]


def searched_to(conn: Connection) -> datetime | None:
    """When the oldest event came whose payload can't be found yet; None: all can."""
    oldest = select(events.c.received_at).where(waiting()).order_by(events.c.seq).limit(1)
    return conn.execute(oldest).scalar_one_or_none()


def store(conn: Connection, found: Mapping[Unsearched, Sequence[int]]) -> int:
    """Of events that are as they were when they were read. Answers how many those are."""
    current = _mark(conn, found)
    old = [each.seq for each in current if each.version is not None]
    if old:
        _take_away(conn, old)
    rows = sorted((term, each.seq) for each in current for term in set(found[each]))
    if rows:
        conn.execute(insert(conn, terms), [{"term": term, "seq": seq} for term, seq in rows])
    packed = [{"seq": each.seq, "packed": _packed(found[each])} for each in current if found[each]]
    if packed:
        conn.execute(insert(conn, event_terms), packed)
    return len(current)


def _mark(conn: Connection, found: Collection[Unsearched]) -> Sequence[Unsearched]:
    by_seq = {each.seq: each for each in found}
    stands = select(events.c.seq, events.c.searched).where(events.c.seq.in_(sorted(by_seq)))
    # What somebody else has in hand is done another time: nobody waits for us in a circle.
    rows = conn.execute(stands.order_by(events.c.seq).with_for_update(skip_locked=True)).all()
    current = [by_seq[row.seq] for row in rows if row.searched == by_seq[row.seq].version]
    if current:
        marks = [{"its": each.seq, "mark": 1 if each.version is None else -each.version} for each in current]
        conn.execute(update(events).where(events.c.seq == bindparam("its")).values(searched=bindparam("mark")), marks)
    return current


def drop(conn: Connection, seqs: Collection[int]) -> int:
    """Of events that stay, in the transaction that changes what they say; they are made searchable again. Answers how many terms."""
    number = 0
    for some in _chunks(sorted(seqs)):
        again = case((events.c.searched < 0, events.c.searched - 1), else_=-func.coalesce(events.c.searched, 0) - 1)
        conn.execute(update(events).where(events.c.seq.in_(some)).values(searched=again))
        number += _take_away(conn, some)
    return number


def gone(conn: Connection, seqs: Collection[int]) -> int:
    """Of events that were deleted in this transaction. Answers how many terms."""
    return sum(_take_away(conn, some) for some in _chunks(sorted(seqs)))


def _take_away(conn: Connection, seqs: Sequence[int]) -> int:
    rows = conn.execute(select(event_terms).where(event_terms.c.seq.in_(seqs))).all()
    keys = sorted((term, row.seq) for row in rows for term in _unpacked(row.packed))
    if keys:
        mine = (terms.c.term == bindparam("its_term"), terms.c.seq == bindparam("its_seq"))
        conn.execute(delete(terms).where(*mine), [{"its_term": term, "its_seq": seq} for term, seq in keys])
        conn.execute(delete(event_terms).where(event_terms.c.seq.in_(seqs)))
    return len(keys)


def _packed(found: Sequence[int]) -> bytes:
    distinct = sorted(set(found))
    return struct.pack(f">{len(distinct)}q", *distinct)


def _unpacked(packed: bytes) -> Sequence[int]:
    return struct.unpack(f">{len(packed) // 8}q", packed)


def _chunks(seqs: Sequence[int]) -> Sequence[Sequence[int]]:
    return [seqs[start : start + AT_ONCE] for start in range(0, len(seqs), AT_ONCE)]
