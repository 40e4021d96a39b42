"""Each connection as it stands: its account, and whether its deliveries run, are paused or are stopped by the breaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, null, select, update

from worker.store.clock import db_now
from worker.store.insert import insert_new
from worker.store.tables import connections


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A connection as it stands. `broken_for`: seconds until the breaker lets deliveries through again.

    `refused_key`: fingerprint of the key for which it was paused, empty when it had none. `failing`: subjects that failed since
    the last success.
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
    failing: Sequence[str] | None = None
    breaks: int = 0
    broken_for: float = 0.0

    @property
    def paused(self) -> bool:
        return self.state == "paused"

    @property
    def runs(self) -> bool:
        """Whether its lanes may be worked on now."""
        return not self.paused and self.broken_for <= 0


def get(conn: Connection, name: str) -> State:
    """A connection that was never heard of is active and bound to no account."""
    row = conn.execute(_selected().where(connections.c.name == name)).one_or_none()
    return State(name=name) if row is None else _state(row)


def every(conn: Connection) -> Sequence[State]:
    return [_state(row) for row in conn.execute(_selected().order_by(connections.c.name))]


def locked(conn: Connection, name: str) -> Row[Any]:
    """The connection's row, made if need be, to ourselves until the transaction ends; and the time, as `now`."""
    insert_new(conn, connections, name=name, failing=null())
    return conn.execute(_selected().where(connections.c.name == name).with_for_update()).one()


def change(conn: Connection, name: str, **values: Any) -> None:
    conn.execute(update(connections).where(connections.c.name == name).values(**values))


def _selected() -> Any:
    return select(connections, db_now().label("now"))


def _state(row: Row[Any]) -> State:
    values = {name: getattr(row, name) for name in State.__dataclass_fields__ if name != "broken_for"}
    until = row.broken_until
    return State(**values, broken_for=max((until - row.now) / timedelta(seconds=1), 0.0) if until else 0.0)
