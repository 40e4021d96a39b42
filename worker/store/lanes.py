"""One subject's pending events, and the one worker that owns them at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    exists,
    func,
    select,
    type_coerce,
    update,
)

from worker.errors import LeaseLost
from worker.store.backlog import IN_ORDER, waiting_in
from worker.store.clock import after, db_now
from worker.store.engine import Store
from worker.store.fence import Fence, guard, lane, next_token
from worker.store.storable import storable
from worker.store.tables import Instant, calls, events, lanes

Ended: TypeAlias = Literal["delivered", "superseded", "ignored", "dead", "review"]
SUCCESSES = frozenset({"delivered", "superseded", "ignored"})

SUSPECT = 2
"""Claims without an outcome that an event may share with its neighbours. From then on it is claimed alone, and so are they."""
SUSPECTS_WAIT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event that waits. `failing_for`: seconds since its first failure, pauses not counted.

    `seq`: its place among the events of one time, a replay's being that of what it replays. `claims`: those without an
    outcome, this one included. `server_errors`: those of Upsales that it met in a row while others succeeded.
    """

    id: str
    seq: int
    event_id: str
    type: str
    subject: str
    time: datetime
    priority: bool
    attempts: int
    claims: int
    failing_for: float
    request_id: str
    position: int
    received_at: datetime
    server_errors: int = 0
    replay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lane that is ours until its lease ends, and the first of its events in the sender's order. `attempts`: failures in a row."""

    connection: str
    subject: str
    token: int
    version: int
    attempts: int
    events: tuple[Waiting, ...]

    @property
    def fence(self) -> Fence:
        return Fence(self.connection, self.subject, self.token)

    @property
    def suspect(self) -> bool:
        """Whether workers died with its first event in hand, and may again."""
        return self.events[0].claims > SUSPECT


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an event ended. `event`: its id."""

    event: str
    status: Ended
    reason: str | None = None


def claim(
    store: Store,
    connection: str,
    subject: str,
    owner: str,
    seconds: float,
    batch: int = 100,
    *,
    suspects: bool = True,
) -> Claim | None:
    """None when another worker owns the lane, or nothing in it is due; without `suspects` also when it is to begin with one."""
    with store.write() as conn:
        row = conn.execute(
            select(lanes, db_now().label("now")).where(lane(connection, subject)).with_for_update()
        ).one_or_none()
        if row is None or row.due_at is None or row.due_at > row.now or (row.lease_until and row.lease_until > row.now):
            return None
        found = conn.execute(
            select(events).where(waiting_in(connection, subject)).order_by(*IN_ORDER).limit(batch)
        ).all()
        if not found:
            _give_back(conn, Fence(connection, subject, row.token), due_at=None, priority=False)
            return None
        if found[0].claims >= SUSPECT and not suspects:
            conn.execute(update(lanes).where(lane(connection, subject)).values(due_at=after(SUSPECTS_WAIT)))
            return None
        if any(event.claims >= SUSPECT for event in found):
            found = found[:1]
        ours = {"token": next_token(), "owner": owner, "lease_until": after(seconds)}
        taken = update(lanes).where(lane(connection, subject)).values(**ours).returning(lanes.c.token)
        token = conn.execute(taken).scalar_one()
        conn.execute(update(events).where(events.c.seq.in_([e.seq for e in found])).values(claims=events.c.claims + 1))
        return Claim(
            connection=connection,
            subject=subject,
            token=token,
            version=row.version,
            attempts=row.attempts,
            events=tuple(_waiting(event, row.now) for event in found),
        )


def owned(conn: Connection, connection: str) -> frozenset[tuple[str, int]]:
    """The connection's lanes that are being worked on, by subject and token."""
    statement = select(lanes.c.subject, lanes.c.token).where(
        lanes.c.connection == connection, lanes.c.lease_until > db_now()
    )
    return frozenset((row.subject, row.token) for row in conn.execute(statement))


def waiting(conn: Connection, event: str) -> Waiting:
    """One event by its id, whether it waits or not."""
    row = conn.execute(select(events, db_now().label("now")).where(events.c.id == event)).one()
    return _waiting(row, row.now)


def extend(store: Store, claim: Claim, seconds: float) -> None:
    """Keep the lane for so many seconds more. Raises LeaseLost."""
    with store.write() as conn:
        guard(conn, claim.fence, seconds)


def defer(
    store: Store,
    claim: Claim,
    *,
    seconds: float,
    attempts: int,
    failing: bool,
    reason: str | None = None,
    server_error: Literal["counts", "stays"] | None = None,
    concerned: Collection[str] | None = None,
    outcomes: Sequence[Outcome] = (),
) -> None:
    """End events of the claim, give the lane back and come again in `seconds`. Raises LeaseLost.

    `failing`: an attempt of the `concerned` events (ids; default all of the claim) failed. Otherwise the wait is nobody's
    fault, and the time it takes is not held against them. `server_error`: the failure was one of a row, which ends with
    any other failure; it `counts` when others succeeded since.
    """
    with store.write() as conn:
        guard(conn, claim.fence)
        _end(conn, claim, outcomes)
        ids = [event.id for event in claim.events]
        pending = [events.c.id.in_(ids), events.c.status == "pending"]
        conn.execute(update(events).where(*pending).values(claims=0))
        if failing:
            of_these = events.c.id.in_(ids if concerned is None else list(concerned))
            first = func.coalesce(events.c.failing_since, db_now())
            conn.execute(
                update(events)
                .where(*pending, of_these)
                .values(
                    attempts=events.c.attempts + 1,
                    server_errors=0 if server_error is None else events.c.server_errors + int(server_error == "counts"),
                    failing_since=first,
                    reason=storable(reason),
                )
            )
        else:
            conn.execute(update(events).where(*pending).values(failing_since=_moved(seconds), reason=storable(reason)))
        _give_back(conn, claim.fence, due_at=after(seconds), attempts=attempts)


def release(store: Store, claim: Claim, outcomes: Sequence[Outcome] = (), *, suspects: bool = False) -> bool:
    """End events of the claim and give the lane back. Raises LeaseLost.

    False when more waits in it, which came in meanwhile or was beyond the batch. `suspects`: what is left of the claim
    is to be claimed one by one.
    """
    with store.write() as conn:
        guard(conn, claim.fence)
        _end(conn, claim, outcomes)
        of_lane = waiting_in(claim.connection, claim.subject)
        more = conn.execute(select(exists().where(of_lane))).scalar_one()
        urgent = conn.execute(select(exists().where(of_lane, events.c.priority))).scalar_one()
        if more:
            ids = [event.id for event in claim.events]
            left = update(events).where(events.c.id.in_(ids), events.c.status == "pending")
            conn.execute(left.values(claims=SUSPECT if suspects else 0))
        _give_back(conn, claim.fence, due_at=db_now() if more else None, priority=urgent)
        return not more


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
        ids = [event.id for event in claim.events]
        counted = update(events).where(events.c.id.in_(ids), events.c.status == "pending", events.c.claims > 0)
        conn.execute(counted.values(claims=events.c.claims - 1))
        if free:
            _give_back(conn, claim.fence, due_at=after(seconds))
        return free


def _writes(conn: Connection, claim: Claim) -> bool:
    """Whether a write of the claim's events was sent and its time has not run out."""
    of_claim = calls.c.event.in_([event.id for event in claim.events])
    on_its_way = (calls.c.write, calls.c.state == "open", calls.c.deadline_at > db_now())
    return conn.execute(select(exists().where(of_claim, *on_its_way))).scalar_one()


def _end(conn: Connection, claim: Claim, outcomes: Sequence[Outcome]) -> None:
    """What a person ended meanwhile stays as it is."""
    if not outcomes:
        return
    statement = (
        update(events)
        .where(events.c.id == bindparam("event"), events.c.status == "pending")
        .values(status=bindparam("ended"), reason=bindparam("because"), done_at=db_now(), failing_since=None)
    )
    conn.execute(statement, [{"event": o.event, "ended": o.status, "because": storable(o.reason)} for o in outcomes])
    if any(outcome.status in SUCCESSES for outcome in outcomes):
        conn.execute(update(lanes).where(lane(claim.connection, claim.subject)).values(attempts=0))


def _give_back(conn: Connection, fence: Fence, **values: Any) -> None:
    conn.execute(
        update(lanes).where(lane(fence.connection, fence.subject)).values(owner=None, lease_until=db_now(), **values)
    )


def _moved(seconds: float) -> ColumnElement[datetime]:
    micros = type_coerce(events.c.failing_since, BigInteger) + round(seconds * 1_000_000)
    return type_coerce(micros, Instant())


def _waiting(row: Row[Any], now: datetime) -> Waiting:
    since = row.failing_since
    return Waiting(
        id=row.id,
        seq=row.seq if row.place is None else row.place,
        event_id=row.event_id,
        type=row.type,
        subject=row.subject,
        time=row.time,
        priority=row.priority,
        attempts=row.attempts,
        claims=row.claims + 1,
        server_errors=row.server_errors,
        failing_for=max((now - since) / timedelta(seconds=1), 0.0) if since else 0.0,
        request_id=row.request_id,
        position=row.position,
        received_at=row.received_at,
        replay=row.replay,
    )
