"""Erases what has been kept for as long as its kind is kept.

`worker.store.db.retention` deletes what is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, literal, or_, select, tuple_, update

from worker.store.db.clock import db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import LONGEST_TEXT, one_at_a_time
from worker.store.db.statuses import WELL
from worker.store.db.tables import EPOCH, calls, events, identities, links, records, requests
from worker.store.events.replay import KEPT_NO_MORE, UNASKED
from worker.store.ledger.write_calls import OPEN_STATES, as_resource
from worker.store.privacy.masking import without_texts
from worker.store.privacy.pseudonyms import PREFIX, made_pseudonyms, may_name
from worker.store.privacy.traces import COMPANY, RecordId
from worker.store.readings import readings
from worker.store.terms import stored

PERSONAL = ("email", "contact", "phone")
"""Fields of identities whose values are e-mail addresses or phone numbers."""
UNDECIDED = "nobody decided about it for too long; it was in review: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """How long each kind is kept, in seconds. `payloads`: of what ended well; `records`: what fields hold, since an event was last about the record."""

    payloads: float
    dead: float
    review: float
    calls: float
    records: float


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows of each kind. `dead`: dead letters that were deleted, by connection."""

    payloads: int
    dead: Mapping[str, int]
    review: int
    calls: int
    records: int

    def __bool__(self) -> bool:
        return any((self.payloads, self.dead, self.review, self.calls, self.records))


def expire(store: Store, ages: Ages, batch: int = 100) -> Expired:
    """One batch of each kind; to be repeated until nothing went."""
    with store.read() as conn:
        at = now(conn)
    return Expired(
        _payloads(store, at, ages.payloads, batch),
        _dead(store, at, ages.dead, batch),
        _review(store, at, ages.review, batch),
        _calls(store, at, ages.calls),
        _records(store, at, ages.records, batch),
    )


def _before(at: datetime, seconds: float) -> datetime:
    return at - timedelta(seconds=seconds)


def _payloads(store: Store, at: datetime, keep: float, batch: int) -> int:
    """Their events stay, so that what is sent again is recognised."""
    kept = and_(events.c.waits_for.is_not(None), events.c.waits_until > at)
    needed = exists().where(events.c.request_id == requests.c.id, or_(events.c.status.not_in(WELL), kept))
    old = (requests.c.received_at < _before(at, keep), ~needed)
    with store.read() as conn:
        found = conn.execute(select(requests.c.id).where(*old).limit(batch)).scalars().all()
    if not found:
        return 0
    with store.write() as conn:
        gone = (
            conn.execute(delete(requests).where(requests.c.id.in_(found), *old).returning(requests.c.id))
            .scalars()
            .all()
        )
        # By what was said in them nobody finds the events any more. What was read for them goes with them.
        told = conn.execute(select(events.c.seq, events.c.id).where(events.c.request_id.in_(gone))).all()
        stored.drop(conn, [row.seq for row in told])
        readings.drop(conn, [row.id for row in told])
        return len(gone)


def _ended_as(status: str, since: datetime) -> Any:
    """Asked by arrival, too: that is what the index has."""
    ended = func.coalesce(events.c.done_at, events.c.received_at) < since
    return and_(events.c.status == status, events.c.received_at < since, ended)


def _dead(store: Store, at: datetime, keep: float, batch: int) -> Mapping[str, int]:
    """Their requests, and what was read for them, go with them, unless another event needs one."""
    old = _ended_as("dead", _before(at, keep))
    with store.read() as conn:
        found = conn.execute(select(events.c.seq).where(old).limit(batch)).scalars().all()
    if not found:
        return {}
    number: dict[str, int] = {}
    with store.write() as conn:
        gone = delete(events).where(events.c.seq.in_(found), old)
        rows = conn.execute(gone.returning(events.c.seq, events.c.id, events.c.connection, events.c.request_id)).all()
        stored.gone(conn, [row.seq for row in rows])
        readings.drop(conn, [row.id for row in rows])
        orphaned = and_(
            requests.c.id.in_([row.request_id for row in rows]), ~exists().where(events.c.request_id == requests.c.id)
        )
        conn.execute(delete(requests).where(orphaned))
    for row in rows:
        number[row.connection] = number.get(row.connection, 0) + 1
    return number


def _review(store: Store, at: datetime, keep: float, batch: int) -> int:
    """They are dead letters from then on, and kept as those."""
    old = _ended_as("review", _before(at, keep))
    with store.read() as conn:
        found = conn.execute(select(events.c.seq).where(old).limit(batch)).scalars().all()
    if not found:
        return 0
    reason = func.substr(literal(UNDECIDED) + func.coalesce(events.c.reason, ""), 1, LONGEST_TEXT)
    given_up = update(events).where(events.c.seq.in_(found), old)
    with store.write() as conn:
        values = {
            "status": "dead",
            "reason": reason,
            "reason_code": "undecided",
            "done_at": db_now(),
            **UNASKED,
            **KEPT_NO_MORE,
        }
        return conn.execute(given_up.values(**values)).rowcount


def _calls(store: Store, at: datetime, keep: float) -> int:
    """What a call carried that nobody looks for any more. There are few of them: those that a person was asked about."""
    open_ended = (calls.c.state.in_(OPEN_STATES), calls.c.verify_at.is_(None), calls.c.sent.is_not(None))
    old = (*open_ended, calls.c.started_at < _before(at, keep))
    with store.read() as conn:
        found = conn.execute(select(calls.c.id, calls.c.sent).where(*old)).all()
    texts = {row.id: left for row in found if row.sent and (left := without_texts(row.sent)) != row.sent}
    if texts:
        with store.write() as conn:
            for call, left in sorted(texts.items()):
                conn.execute(update(calls).where(calls.c.id == call, *old).values(sent=left))
    return len(texts)


def _records(store: Store, at: datetime, keep: float, batch: int) -> int:
    columns = (records.c.account, records.c.resource, records.c.record_id)
    untold = select(*columns).where(records.c.touched_at.is_(None)).limit(batch)
    old = (records.c.touched_at > EPOCH, records.c.touched_at < _before(at, keep))
    with store.read() as conn:
        new = conn.execute(untold).all()
        found = [RecordId(*row) for row in conn.execute(select(*columns).where(*old).limit(batch))]
    if new:
        with store.write() as conn:
            of_new = tuple_(*columns).in_([tuple(row) for row in new])
            conn.execute(update(records).where(of_new, records.c.touched_at.is_(None)).values(touched_at=at))
    for each in found:
        with store.write() as conn:
            one_at_a_time(conn, each.account, as_resource(each.resource))
            mine = tuple_(*columns) == tuple_(*each)
            row = conn.execute(select(records).where(mine, *old).with_for_update()).one_or_none()
            if row is not None:
                _age(conn, each, row)
    return len(new) + len(found)


def _age(conn: Connection, each: RecordId, row: Row[Any]) -> None:
    """A value keeps its age, so that nothing older is written over it. What names people in how the record is known goes, or is hashed."""
    at = tuple_(records.c.account, records.c.resource, records.c.record_id) == tuple_(*each)
    conn.execute(update(records).where(at).values(fields=without_texts(row.fields), touched_at=EPOCH))
    known_as = tuple_(identities.c.account, identities.c.resource, identities.c.record_id) == tuple_(*each)
    conn.execute(delete(identities).where(known_as, identities.c.field.in_(PERSONAL)))
    of_record = tuple_(links.c.account, links.c.resource, links.c.record_id) == tuple_(*each)
    for link in conn.execute(select(links).where(of_record)).all():
        if may_name(link.key) and PREFIX not in link.key and not link.key.startswith(COMPANY):
            hidden = made_pseudonyms(conn).link(link.connection, link.resource, link.key)
            named = (links.c.connection == link.connection, links.c.resource == link.resource)
            conn.execute(delete(links).where(*named, links.c.key == hidden))
            conn.execute(update(links).where(*named, links.c.key == link.key).values(key=hidden))
