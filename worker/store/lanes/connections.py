"""Keeps the state of each connection: its account, paused or not, its breaker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, null, or_, select, update

from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_new, readable, same
from worker.store.db.tables import connections, lanes
from worker.store.lanes.batches import batches, locked_batch
from worker.sync.waits import ceiling

SECOND = timedelta(seconds=1)
SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A connection as it stands. `broken_for`: seconds until the breaker lets deliveries through again.

    `refused_key`: fingerprint of the key for which it was paused, empty when it had none. `refused_by`: SOURCE where its sender's API refused
    its token, None where Upsales refused its key. `failing`: subjects that failed since
    the last success. `rebound_for`: seconds since its links were forgotten, None if they never were.
    """

    name: str
    account: int | None = None
    account_name: str | None = None
    user_id: int | None = None
    user_name: str | None = None
    fingerprint: str | None = None
    state: str = "active"
    reason: str | None = None
    since: datetime | None = None
    probe_at: datetime | None = None
    probes: int = 0
    refused_key: str | None = None
    refused_by: str | None = None
    failing: Sequence[str] | None = None
    breaks: int = 0
    broken_for: float = 0.0
    rebound_for: float | None = None

    @property
    def paused(self) -> bool:
        return self.state == "paused"

    @property
    def may_read(self) -> bool:
        """Whether Upsales may be asked with its key now: it was not refused, and Upsales answers. What a person or its sender stopped may still be read with."""
        refused = self.paused and self.probe_at is not None and self.refused_by != SOURCE
        return self.broken_for <= 0 and not refused

    @property
    def runs(self) -> bool:
        """Whether its lanes may be worked on now."""
        return not self.paused and self.broken_for <= 0


def get(conn: Connection, name: str) -> State:
    """A connection that was never heard of is active and bound to no account."""
    row = conn.execute(_ONE, {"of_name": name}).one_or_none()
    return State(name=name) if row is None else _state(row)


_ONE = select(connections, db_now().label("now")).where(same(connections.c.name))


def by_name(conn: Connection, names: Iterable[str] = ()) -> Mapping[str, State]:
    """All that the database knows, and those of these names, as `get` answers them."""
    known = {row.name: _state(row) for row in conn.execute(_selected().order_by(connections.c.name))}
    return {name: State(name=name) for name in names} | known


def locked(conn: Connection, name: str) -> Row[Any]:
    """The connection's row, made if need be, to ourselves until the transaction ends; and the time, as `now`."""
    insert_new(conn, connections, name=name, failing=null())
    return conn.execute(_selected().where(connections.c.name == name).with_for_update()).one()


def change(conn: Connection, name: str, **values: Any) -> None:
    conn.execute(update(connections).where(connections.c.name == name).values(**values))


def _selected() -> Any:
    return select(connections, db_now().label("now"))


def _state(row: Row[Any]) -> State:
    values = {name: getattr(row, name) for name in State.__dataclass_fields__ if name in connections.c}
    broken_for = 0.0 if row.broken_until is None else max((row.broken_until - row.now) / SECOND, 0.0)
    rebound_for = None if row.rebound_at is None else (row.now - row.rebound_at) / SECOND
    return State(**values, broken_for=broken_for, rebound_for=rebound_for)


LONGEST_BREAK = 300.0
"""The most seconds for which the breaker stays open, unless its first pause is longer."""


def breaker_failed(store: Store, name: str, subject: str, *, lanes: int, seconds: float) -> bool:
    """Upsales was not available for a subject. True when that opened the breaker: so many lanes failed without a success.

    It stays open for `seconds`, twice as long each time it opens again, up to `LONGEST_BREAK`; the first failure after that opens it again.
    """
    with store.write() as conn:
        row = locked(conn, name)
        if row.broken_until is not None and row.broken_until > row.now:
            # Calls that were under way when it opened.
            return False
        failing = sorted({*(row.failing or ()), subject})
        if len(failing) < lanes and not row.breaks:
            change(conn, name, failing=failing)
            return False
        pause_for = ceiling(row.breaks + 1, first=seconds, longest=max(seconds, LONGEST_BREAK))
        change(conn, name, failing=null(), broken_until=after(pause_for), breaks=row.breaks + 1)
        return True


def breaker_succeeded(conn: Connection, name: str) -> None:
    """Upsales answered: what failed before counts no more. Writes only when there is something to forget."""
    conn.execute(_WELL, {"of_name": name})


_TROUBLED = or_(connections.c.failing.is_not(None), connections.c.breaks > 0)
_WELL = (
    update(connections).where(same(connections.c.name), _TROUBLED).values(failing=null(), broken_until=None, breaks=0)
)


def pause(
    store: Store, name: str, reason: str, *, probe_in: float | None, key: str | None = None, by: str | None = None
) -> bool:
    """No deliveries until resumed. `probe_in`: seconds until its `key` is tried; None: only a person resumes. `by`: who refused it.

    False when it was paused before: then only the reason is new, and what a person paused stays as it is.
    """
    with store.write() as conn:
        return begin_pause(conn, name, reason, probe_in=probe_in, key=key, by=by)


def begin_pause(
    conn: Connection, name: str, reason: str, *, probe_in: float | None, key: str | None = None, by: str | None = None
) -> bool:
    """As `pause`, in a transaction that does more."""
    row = locked(conn, name)
    if row.state == "paused" and row.probe_at is None and probe_in is not None:
        return False
    probe_at = null() if probe_in is None else after(probe_in)
    values: dict[str, Any] = {"reason": readable(reason), "probe_at": probe_at, "refused_key": key, "refused_by": by}
    if row.state != "paused":
        values |= {"state": "paused", "since": db_now(), "probes": 0}
    change(conn, name, **values)
    return bool(row.state != "paused")


def resume(store: Store, name: str) -> bool:
    """Deliveries go on, those that wait at once. False when it was not paused."""
    with store.write() as conn:
        paused = bool(locked(conn, name).state == "paused")
        end_pause(conn, name)
    hurry(store, name)
    return paused


def end_pause(conn: Connection, name: str) -> None:
    """Nothing is held against the connection any more."""
    calm = {"failing": null(), "broken_until": None, "breaks": 0}
    change(
        conn,
        name,
        state="active",
        reason=None,
        since=None,
        probe_at=None,
        probes=0,
        refused_key=None,
        refused_by=None,
        **calm,
    )


def hurry(store: Store, name: str) -> None:
    """All lanes of the connection that wait are due. For one that is active again: what was rung before that was rung in vain.

    Whoever is stopped in between leaves lanes that become due at their own time.
    """
    waiting = or_(lanes.c.due_at > db_now(), lanes.c.rung_at >= lanes.c.due_at)
    sooner = case((lanes.c.due_at > db_now(), db_now()), else_=lanes.c.due_at)
    for batch in batches(store, name, waiting):
        with locked_batch(store, batch) as conn:
            conn.execute(update(lanes).where(batch).values(due_at=sooner, rung_at=None))


def take_probe(store: Store, name: str, next_in: float, key: str | None = None) -> bool:
    """Take the probe that is due, so that nobody else makes it; the next one is in `next_in` seconds. False: taken already.

    With another `key` than the one that was refused it is due at once.
    """
    with store.write() as conn:
        another = func.coalesce(connections.c.refused_key, key or "") != (key or "")
        due = and_(connections.c.probe_at.is_not(None), or_(connections.c.probe_at <= db_now(), another))
        statement = update(connections).where(connections.c.name == name, connections.c.state == "paused", due)
        probes = case((another, 1), else_=connections.c.probes + 1)
        values = {"probe_at": after(next_in), "probes": probes, "refused_key": key}
        return conn.execute(statement.values(**values)).rowcount == 1


def probe_again(store: Store, name: str, seconds: float) -> None:
    """The probe that was taken told nothing about the key: it is made once more in so many seconds, and doesn't count."""
    with store.write() as conn:
        taken = (connections.c.name == name, connections.c.state == "paused", connections.c.probe_at.is_not(None))
        probes = case((connections.c.probes > 0, connections.c.probes - 1), else_=0)
        conn.execute(update(connections).where(*taken).values(probe_at=after(seconds), probes=probes))
