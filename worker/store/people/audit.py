"""Keeps what people did: who, when, what, why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, select, update

from worker.store.db.clock import now
from worker.store.db.sql import readable
from worker.store.db.tables import audit

Via: TypeAlias = Literal["page", "api", "command"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `address`: where they do it from, where that is known."""

    name: str
    via: Via
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a person did. `about`: `event/<id>`, `batch/<id>`, `connection/<name>`, `record/<account>/<resource>/<id>`, `relay`."""

    seq: int
    at: datetime
    who: str
    via: Via
    address: str | None
    act: str
    about: str
    why: str | None
    outcome: str | None


def record(
    conn: Connection, actor: Actor, act: str, about: str, *, why: str | None = None, outcome: str | None = None
) -> int:
    """In the transaction that does it. Answers the number under which it is kept. Neither text may hold personal data or secrets."""
    values = {
        "at": now(conn),
        "who": (readable(actor.name) or "")[:255],
        "via": actor.via,
        "address": actor.address,
        "act": act,
        "about": about[:255],
        "why": why and readable(why),
        "outcome": outcome and readable(outcome),
    }
    return int(conn.execute(audit.insert().values(**values).returning(audit.c.seq)).scalar_one())


def ended(conn: Connection, seq: int, outcome: str) -> None:
    """What it came to, of a deed that was recorded before it was done because its effect is not in this database."""
    conn.execute(update(audit).where(audit.c.seq == seq).values(outcome=readable(outcome)))


def get(conn: Connection, seq: int) -> Deed | None:
    row = conn.execute(select(audit).where(audit.c.seq == seq)).one_or_none()
    return None if row is None else Deed(*row)


def by_seq(conn: Connection, seqs: Collection[int]) -> Sequence[Deed]:
    """The newest first."""
    return [Deed(*row) for row in conn.execute(select(audit).where(audit.c.seq.in_(seqs)).order_by(audit.c.seq.desc()))]


def listed(
    conn: Connection,
    *,
    who: str | None = None,
    act: str | None = None,
    about: str | None = None,
    without: Collection[str] = (),
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Deed]:
    """The newest first. `without`: acts that are left out. `before`: only those with a smaller number."""
    statement = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    for column, value in ((audit.c.who, who), (audit.c.act, act), (audit.c.about, about)):
        if value is not None:
            statement = statement.where(column == value)
    if without:
        statement = statement.where(audit.c.act.not_in(sorted(without)))
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    return [Deed(*row) for row in conn.execute(statement)]


def purge(conn: Connection, keep: float, batch: int = 500) -> int:
    """What is older than so many seconds, the oldest first: they come in the order of time, so that no index of it is needed. Answers how many went."""
    old = now(conn) - timedelta(seconds=keep)
    oldest = conn.execute(select(audit.c.seq, audit.c.at).order_by(audit.c.seq).limit(batch))
    gone = [row.seq for row in oldest if row.at < old]
    return conn.execute(delete(audit).where(audit.c.seq.in_(gone))).rowcount if gone else 0
