"""Keeps what was asked about a person before they are erased, and how far that is.

It holds nothing of the person but a keyed hash: whom it is about is known to whoever asks, and has to be told again to erase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, update
from ulid import ULID

from worker.store.db.clock import after, db_now
from worker.store.db.sql import insert, readable
from worker.store.db.tables import erasure_drafts
from worker.store.privacy import erasures
from worker.store.privacy.forget import ForgetPlan

SHOWN = 20
STALLED = 60.0
"""Seconds without a sign after which whoever searched or erased is taken to have ended with its process."""
KEPT = 3600.0
UNDER_WAY = ("searching", "erasing")


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found: numbers, our own ids, numbers of records in Upsales. `more_…`: how many are not named here.

    `addresses`: how many the person has. `interrupted`: an erasure of the same person was begun, and did not end.
    """

    counts: Mapping[str, int]
    events: Sequence[Mapping[str, str]]
    more_events: int
    obstacles: Sequence[Mapping[str, str]]
    more_obstacles: int
    own: Sequence[Mapping[str, Any]]
    mentioning: Sequence[Mapping[str, Any]]
    addresses: int
    empty: bool
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """`state`: searching, counted, erasing or ended; stalled once nobody searches or erases any more. `step`: how far that is."""

    id: str
    term: str
    by: str
    state: str
    step: str | None
    found: Counted | None
    fault: str | None
    made_at: datetime
    seen_at: datetime

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


def counted(planned: ForgetPlan) -> Counted:
    return Counted(
        counts={table: rows for table, rows in planned.counts.items() if rows},
        events=[asdict(each) for each in planned.events[:SHOWN]],
        more_events=max(len(planned.events) - SHOWN, 0),
        obstacles=[asdict(each) for each in planned.obstacles[:SHOWN]],
        more_obstacles=max(len(planned.obstacles) - SHOWN, 0),
        own=[each._asdict() for each in planned.own],
        mentioning=[each._asdict() for each in planned.mentioning],
        addresses=len(planned.found.person.addresses),
        empty=planned.empty,
        interrupted=any(each.done_at is None for each in planned.before),
    )


def begin(conn: Connection, term: str, by: str) -> tuple[str, bool]:
    """Answers the id, and whether it was begun anew: False while somebody searches or erases for it.

    One that was interrupted while it erased goes on under the id of its proof.
    """
    open_proofs = [each.id for each in erasures.of_term(conn, term) if each.done_at is None]
    new = open_proofs[0] if open_proofs else str(ULID())
    before = get(conn, new)
    if before is not None and before.under_way:
        return new, False
    values: dict[str, Any] = {
        "term": term,
        "by": (readable(by) or "")[:255],
        "state": "searching",
        "step": None,
        "found": None,
    }
    values |= {"fault": None, "made_at": db_now(), "seen_at": db_now()}
    statement = insert(conn, erasure_drafts).values(id=new, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    return new, True


def get(conn: Connection, draft: str) -> Draft | None:
    statement = select(erasure_drafts, db_now().label("now")).where(erasure_drafts.c.id == draft)
    row = conn.execute(statement).one_or_none()
    if row is None:
        return None
    quiet = row.now - row.seen_at > timedelta(seconds=STALLED)
    values = {name: getattr(row, name) for name in Draft.__dataclass_fields__}
    values["found"] = None if row.found is None else Counted(**row.found)
    values["state"] = "stalled" if quiet and row.state in UNDER_WAY else row.state
    return Draft(**values)


def sign(conn: Connection, draft: str, step: str) -> None:
    """Whoever searches or erases is still there."""
    _set(conn, draft, step=step[:255])


def tell(conn: Connection, draft: str, state: str, found: Counted | None = None, fault: str | None = None) -> None:
    more = {} if found is None else {"found": asdict(found)}
    _set(conn, draft, state=state, fault=readable(fault), step=None, **more)


def claim(conn: Connection, draft: str) -> bool:
    """To erase. False while somebody else does, or once it has ended."""
    quiet = and_(erasure_drafts.c.state == "erasing", erasure_drafts.c.seen_at < after(-STALLED))
    free = (erasure_drafts.c.id == draft, or_(erasure_drafts.c.state == "counted", quiet))
    values = {"state": "erasing", "fault": None, "step": None, "seen_at": db_now()}
    return conn.execute(update(erasure_drafts).where(*free).values(values)).rowcount == 1


def purge(conn: Connection) -> int:
    return conn.execute(delete(erasure_drafts).where(erasure_drafts.c.seen_at < after(-KEPT))).rowcount


def _set(conn: Connection, draft: str, **values: Any) -> None:
    conn.execute(update(erasure_drafts).where(erasure_drafts.c.id == draft).values(**values, seen_at=db_now()))
