"""Tells what is newer than the events of a draft, and what calls they may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, func, select

from worker.store.db.tables import calls, events

LOOKED_AT: Final = 1000
"""Events of a batch, the first of it: a preview is a page."""
LATELY: Final = 200
"""Events of a connection that were delivered last: what they cost is what others of their type may cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls to Upsales. `likely`: as events of these types took lately on average; `most`: as the one of each type that took most."""

    likely: int
    most: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`newer`: how many of the `looked_at` have a newer event of the same subject. `cost`: of all; None where a type of them was not delivered lately."""

    looked_at: int
    newer: int
    cost: Cost | None


def foreseen(conn: Connection, inside: Sequence[ColumnElement[bool]], counted: int) -> Foreseen:
    first = select(events.c.seq).where(*inside).order_by(events.c.seq).limit(LOOKED_AT).subquery()
    these = events.c.seq.in_(select(first.c.seq))
    later = events.alias("later")
    # A replay of the same event is no news of its subject.
    newer = exists().where(
        later.c.subject == events.c.subject,
        later.c.seq > events.c.seq,
        later.c.connection == events.c.connection,
        later.c.event_id != events.c.event_id,
    )
    number = conn.execute(select(func.count()).select_from(events).where(these, newer.correlate(events))).scalar_one()
    kinds = select(events.c.connection, events.c.type, func.count().label("number")).where(these)
    of_kind = {
        (row.connection, row.type): row.number
        for row in conn.execute(kinds.group_by(events.c.connection, events.c.type))
    }
    looked_at = sum(of_kind.values())
    if not looked_at:
        return Foreseen(0, 0, Cost(0, 0))
    took = {kind: found for name in {name for name, _ in of_kind} for kind, found in _lately(conn, name).items()}
    if not of_kind.keys() <= took.keys():
        return Foreseen(looked_at, number, None)
    scale = max(counted, looked_at) / looked_at
    likely = scale * sum(took[kind][0] * each for kind, each in of_kind.items())
    most = scale * sum(took[kind][1] * each for kind, each in of_kind.items())
    return Foreseen(looked_at, number, Cost(round(likely), round(most)))


def _lately(conn: Connection, connection: str) -> dict[tuple[str, str], tuple[float, int]]:
    """Calls an event, on average and at most, by connection and type."""
    delivered = (events.c.connection == connection, events.c.status == "delivered")
    last = select(events.c.id, events.c.type).where(*delivered).order_by(events.c.seq.desc()).limit(LATELY).subquery()
    each = (
        select(last.c.type, func.count(calls.c.id).label("number"))
        .join_from(last, calls, calls.c.event == last.c.id, isouter=True)
        .group_by(last.c.id, last.c.type)
        .subquery()
    )
    found = select(each.c.type, func.sum(each.c.number), func.count(), func.max(each.c.number)).group_by(each.c.type)
    return {(connection, kind): (int(total) / events_, most) for kind, total, events_, most in conn.execute(found)}
