"""Tells how far a connection has caught up with its sender, and has it read on now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Database

from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.admin.refusals import Conflict
from worker.admin.standing import configured
from worker.instruments.catching_up import listed, under_way
from worker.settings import Connection
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """`every`: so many seconds what changed is read; None: never. `kinds`: of things that are listed. `lists`: those that were read already."""

    every: float | None
    kinds: Sequence[str]
    lists: Sequence[Progress]


def catching_up(conn: Database, connection: Connection) -> CatchingUp:
    kinds = listed(connection)
    return CatchingUp(connection.catch_up if kinds else None, kinds, under_way(conn, {connection.name: connection}))


def read_now(parts: Parts, actor: Actor, name: str, since: datetime | None = None) -> int:
    """A worker reads within seconds what has changed; `since`: from then on, else from where it was. Raises Refusal."""
    connection = configured(parts, name)
    kinds = listed(connection)
    if not kinds:
        source = connection.connector.source
        lists = source is not None and bool(source.changing)
        why = "is set not to catch up: see `catch_up`" if lists else "can't list what has changed at its sender"
        raise Conflict(f"{connection.name} {why}")
    with parts.store.write() as conn:
        cursors.ask(conn, connection.name, kinds, since)
        told = "from where it was" if since is None else f"since {since.isoformat(timespec='seconds')}"
        return audit.record(conn, actor, "catch-up", about(connection.name), outcome=told)
