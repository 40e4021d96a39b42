"""Keeps what was answered to a request with a key, for when it is sent again."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, delete, null, select, update

from worker.store.db.clock import now
from worker.store.db.sql import insert_new
from worker.store.db.tables import idempotent_answers as table

KEPT: Final = timedelta(hours=24)
ABANDONED: Final = timedelta(minutes=2)
"""Whoever began so long ago and did not end was killed: what they did not commit is not done."""

Standing: TypeAlias = Literal["ours", "running", "another", "answered"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` and `location` as they were told. `body`: None where it was not to be kept."""

    at: datetime
    status: int = 0
    location: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key. `id`: of person and key. `request`: what else it said, hashed with the key, which nobody keeps."""

    id: str
    request: str


def asked(person: str, key: str, request: bytes) -> Asked:
    whose = hashlib.sha256(f"{person}\0{key}".encode()).hexdigest()
    return Asked(whose, hmac.new(key.encode(), request, hashlib.sha256).hexdigest())


def begin(conn: Connection, wanted: Asked) -> tuple[Standing, Answer]:
    """`ours`: nobody did it yet, and whoever asks now does. `another`: the key was used for something else."""
    at = now(conn)
    conn.execute(delete(table).where(table.c.id == wanted.id, table.c.at < at - KEPT))
    if insert_new(conn, table, id=wanted.id, request=wanted.request, at=at):
        return "ours", Answer(at)
    row = conn.execute(select(table).where(table.c.id == wanted.id)).one()
    found = Answer(row.at, row.status or 0, row.location, row.body)
    if not hmac.compare_digest(row.request, wanted.request):
        return "another", found
    if row.status is not None:
        return "answered", found
    if at - row.at <= ABANDONED:
        return "running", found
    taken = update(table).where(table.c.id == wanted.id, table.c.at == row.at, table.c.status.is_(None)).values(at=at)
    return ("ours", Answer(at)) if conn.execute(taken).rowcount else ("running", found)


def keep(conn: Connection, wanted: Asked, answer: Answer) -> None:
    """`answer.at` as `begin` told it: nothing is kept where somebody else began meanwhile."""
    ours = (table.c.id == wanted.id, table.c.at == answer.at)
    values = {"status": answer.status, "location": answer.location, "body": answer.body}
    conn.execute(update(table).where(*ours).values(**values))


def drop(conn: Connection, wanted: Asked, at: datetime) -> None:
    """Nothing was done: the key is as if it had never been used."""
    conn.execute(delete(table).where(table.c.id == wanted.id, table.c.at == at))


def empty(conn: Connection) -> None:
    """Leaves of all answers only that they were given: what they told may have been about a person who is erased."""
    conn.execute(update(table).where(table.c.body.is_not(None)).values(body=null()))


def purge(conn: Connection) -> int:
    return conn.execute(delete(table).where(table.c.at < now(conn) - KEPT)).rowcount
