"""Stores what became of the events of a claim, and gives the lane back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, exists, func, select, type_coerce, update

from worker.errors import LeaseLost
from worker.plan import QualifiedKey
from worker.store.db.clock import after, db_now, now
from worker.store.db.engine import Store
from worker.store.db.sql import given, readable, same
from worker.store.db.statuses import WELL, Ended
from worker.store.db.tables import Instant, calls, events, lanes
from worker.store.events import kept
from worker.store.events.events import pending_in
from worker.store.instruments.counters import RETRY, count, took
from worker.store.lanes.connections import breaker_succeeded
from worker.store.lanes.lanes import SUSPECT, Claim, guard, hand_back

SECOND = timedelta(seconds=1)
KEPT_UNTIL = type_coerce(type_coerce(db_now(), BigInteger) + bindparam("microseconds", type_=BigInteger), Instant())
"""Null for those that are not kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an event ended. `event`: its id. `key` and `candidates` of one in review are those of NeedsReview.

    `waits_for`: the record for which it is kept, for `seconds`. `code`: the kind of reason (`worker/logs/reasons.py`): `reason` may quote what a
    sender wrote. `http_status`: of the answer that ended it.
    """

    event: str
    status: Ended
    reason: str | None = None
    key: QualifiedKey | None = None
    candidates: tuple[int, ...] = ()
    waits_for: QualifiedKey | None = None
    seconds: float = 0.0
    code: str = field(default="", compare=False)
    http_status: int | None = field(default=None, compare=False)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "event": self.event,
            "ended": self.status,
            "because": readable(self.reason),
            "coded": self.code or None,
            "about": self.key,
            "found": self.candidates or None,
            "kept_for": self.waits_for,
            "microseconds": None if self.waits_for is None else round(self.seconds * 1_000_000),
        }


def release(
    store: Store, claim: Claim, outcomes: Sequence[Outcome] = (), *, answered: bool = False, suspects: bool = False
) -> bool:
    """End events of the claim and give the lane back. Raises LeaseLost.

    False when more waits in it, which came in meanwhile or was beyond the batch. `answered`: Upsales did, which the breaker
    is told. `suspects`: what is left of the claim is to be claimed one by one.
    """
    with store.write() as conn:
        if answered:
            # Before the lane: whoever locks both rows takes the connection's first.
            breaker_succeeded(conn, claim.connection)
        guard(conn, claim.fence)
        ended = _end(conn, claim, outcomes)
        more, urgent, at = conn.execute(_WAITS, {"of_connection": claim.connection, "of_subject": claim.subject}).one()
        if more:
            conn.execute(update(events).where(*_left(claim)).values(claims=SUSPECT if suspects else 0))
        left = {"due_at": db_now()} if more else {"due_at": None, "held_at": None}
        hand_back(conn, claim.fence, priority=urgent, **left)
        count(conn, _counted(claim, ended, at), at)
    _apply_made(store, outcomes)
    return not more


_IN_LANE = pending_in(given(events.c.connection), given(events.c.subject))
_WAITS = select(exists().where(_IN_LANE), exists().where(_IN_LANE, events.c.priority), db_now())


def defer(
    store: Store,
    claim: Claim,
    *,
    seconds: float,
    attempts: int,
    failing: bool,
    reason: str | None = None,
    server_error: Literal["counts", "stays"] | None = None,
    outcomes: Sequence[Outcome] = (),
    expects_for: float | None = None,
    failure: str | None = None,
    concerns: Collection[str] | None = None,
) -> None:
    """End events of the claim, give the lane back and come again in `seconds`. Raises LeaseLost.

    `failing`: an attempt of those that are left failed; otherwise the wait is nobody's fault. `server_error`: the
    failure was one of a row, which ends with any other failure; it `counts` when others succeeded since.
    `expects_for`: from the first time on they wait for other events for so many seconds and no longer. `failure`: its class,
    which is counted. `concerns`: those whose attempt it was; None for all that are left.
    """
    with store.write() as conn:
        guard(conn, claim.fence)
        ended = _end(conn, claim, outcomes)
        counted = _failed(server_error) if failing else {}
        if expects_for is not None:
            counted["waits_until"] = func.coalesce(events.c.waits_until, after(expects_for))
        conn.execute(update(events).where(*_left(claim)).values(claims=0, reason=readable(reason)))
        if counted:
            conn.execute(update(events).where(*_left(claim, concerns)).values(**counted))
        hand_back(conn, claim.fence, due_at=after(seconds), attempts=attempts)
        at = now(conn)
        retry = Counter({(claim.connection, RETRY + failure): 1} if failure else {})
        count(conn, _counted(claim, ended, at) + retry, at)
    _apply_made(store, outcomes)


def take_back(store: Store, claim: Claim, seconds: float = 0.0) -> bool:
    """As if it had never been claimed: its worker didn't die. The lane comes again in `seconds`.

    False when the lane is another's by now, or a write may still be on its way: its lease then goes on, as after a death.
    """
    with store.write() as conn:
        try:
            guard(conn, claim.fence)
            free = not _writes(conn, claim)
        except LeaseLost:
            free = False
        counted = update(events).where(*_left(claim), events.c.claims > 0)
        conn.execute(counted.values(claims=events.c.claims - 1))
        if free:
            hand_back(conn, claim.fence, due_at=after(seconds))
        return free


def _end(conn: Connection, claim: Claim, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Leaves events alone that a person ended meanwhile. Answers which of the outcomes are those of their events now."""
    if not outcomes:
        return ()
    changed = conn.execute(_ENDED, [outcome.values for outcome in outcomes]).rowcount
    if any(outcome.status in WELL for outcome in outcomes):
        conn.execute(_WELL, {"of_connection": claim.connection, "of_subject": claim.subject})
    return outcomes if changed == len(outcomes) else _as_stored(conn, outcomes)


_ENDED = (
    update(events)
    .where(events.c.id == bindparam("event"), events.c.status == "pending")
    .values(
        status=bindparam("ended"),
        reason=bindparam("because"),
        reason_code=bindparam("coded"),
        review_key=bindparam("about"),
        candidates=bindparam("found"),
        done_at=db_now(),
        waits_for=bindparam("kept_for"),
        waits_until=KEPT_UNTIL,
    )
)
_WELL = update(lanes).where(same(lanes.c.connection, lanes.c.subject)).values(attempts=0)


def _as_stored(conn: Connection, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Without those of events that had ended before, which a person gave another reason."""
    of_them = events.c.id.in_([outcome.event for outcome in outcomes])
    rows = conn.execute(select(events.c.id, events.c.status, events.c.reason).where(of_them))
    stored = {row.id: (row.status, row.reason) for row in rows}
    return [each for each in outcomes if stored.get(each.event) == (each.status, readable(each.reason))]


def _counted(claim: Claim, ended: Sequence[Outcome], at: datetime) -> Counter[tuple[str, str]]:
    """Each fate, and how long what was delivered took. A replay waits for its turn: what it took tells nothing."""
    found = Counter((claim.connection, str(outcome.status)) for outcome in ended)
    for outcome in ended:
        event = claim.event(outcome.event)
        if outcome.status == "delivered" and not event.replay:
            found += took(claim.connection, (at - event.received_at) / SECOND)
    return found


def _apply_made(store: Store, outcomes: Sequence[Outcome]) -> None:
    """What a record was made for after its absence was seen. Whoever made it may have looked for what is kept too early."""
    keys = {outcome.waits_for for outcome in outcomes if outcome.waits_for is not None}
    if keys:
        kept.apply_made(store, keys)


def _left(claim: Claim, among: Collection[str] | None = None) -> tuple[ColumnElement[bool], ...]:
    """Those of its events that have not ended."""
    ids = [event.id for event in claim.events if among is None or event.id in among]
    return events.c.id.in_(ids), events.c.status == "pending"


def _failed(server_error: Literal["counts", "stays"] | None) -> dict[str, Any]:
    in_a_row = 0 if server_error is None else events.c.server_errors + int(server_error == "counts")
    return {"attempts": events.c.attempts + 1, "server_errors": in_a_row}


def _writes(conn: Connection, claim: Claim) -> bool:
    """Whether a write of the claim's events was sent and its time has not run out."""
    of_claim = calls.c.event.in_([event.id for event in claim.events])
    on_its_way = (calls.c.write, calls.c.state == "open", calls.c.deadline_at > db_now())
    return conn.execute(select(exists().where(of_claim, *on_its_way))).scalar_one()
