"""Takes replays back whose turn has not come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, null, select, tuple_, update

from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.tables import events, lanes
from worker.store.events.events import pending_in
from worker.store.events.former import restored
from worker.store.instruments.counters import MENDED, count
from worker.store.lanes.lanes import lane

TOGETHER = 500


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many events: replays that are gone, and events that are dead or in review as they were before.

    `left`: those of an earlier release, which did not keep what they were.
    """

    replays: int = 0
    restored: int = 0
    left: int = 0

    def __add__(self, other: TakenBack) -> TakenBack:
        return TakenBack(self.replays + other.replays, self.restored + other.restored, self.left + other.left)


def take_back(store: Store, connection: str | None = None) -> TakenBack:
    """Of all connections, or one. A lane that something else came into has begun. Many short transactions; whoever is stopped in between does it once more."""
    taken, after = TakenBack(), ("", "")
    while True:
        with store.write() as conn:
            some = parked(conn, connection, after)
            of_each = [(row.connection, _of_lane(conn, row.connection, row.subject)) for row in some]
            count(conn, _waiting_no_more(of_each), now(conn))
        taken = sum((of_one for _, of_one in of_each), taken)
        if len(some) < TOGETHER:
            return taken
        after = (some[-1].connection, some[-1].subject)


def parked(conn: Connection, connection: str | None, after: tuple[str, str]) -> Sequence[Row[str, str]]:
    """In sorted order: everybody locks lanes in the same one."""
    place: tuple[ColumnElement[str], ...] = (lanes.c.connection, lanes.c.subject)
    if conn.dialect.name == "postgresql":
        # By code points, whatever the language of the database: as `lock_lanes`.
        place = tuple(column.collate("C") for column in place)
    of_it = [] if connection is None else [lanes.c.connection == connection]
    some = select(lanes.c.connection, lanes.c.subject).where(
        lanes.c.parked_at.is_not(None), tuple_(*place) > after, *of_it
    )
    return conn.execute(some.order_by(*place).limit(TOGETHER).with_for_update()).all()


def _waiting_no_more(of_each: Iterable[tuple[str, TakenBack]]) -> Counter[tuple[str, str]]:
    """They had been counted as waiting, and have no fate: those that are restored had theirs before."""
    found: Counter[tuple[str, str]] = Counter()
    for connection, of_one in of_each:
        found[connection, MENDED] -= of_one.replays + of_one.restored
    return found


def _of_lane(conn: Connection, connection: str, subject: str) -> TakenBack:
    # Locked: somebody may end one of them just now.
    pending = select(events).where(pending_in(connection, subject)).order_by(events.c.seq).with_for_update()
    waiting = conn.execute(pending).all()
    replays = [row.id for row in waiting if row.former is None and row.replay]
    former: Mapping[str, Any] = {row.id: row.former for row in waiting if row.former is not None}
    conn.execute(delete(events).where(events.c.id.in_(replays)))
    for event, was in former.items():
        conn.execute(update(events).where(events.c.id == event).values(**restored(was)))
    left = len(waiting) - len(replays) - len(former)
    if not left:
        rests = {"parked_at": null(), "held_at": null(), "lease_until": func.coalesce(lanes.c.lease_until, db_now())}
        conn.execute(update(lanes).where(lane(connection, subject)).values(**rests))
    return TakenBack(len(replays), len(former), left)
