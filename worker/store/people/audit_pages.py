"""Reads what people did a page at a time, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.store.db.tables import audit
from worker.store.people.audit import Deed


@dataclass(frozen=True, slots=True)
class Slice:
    """`older`, `newer`: the numbers from where on there is more."""

    deeds: Sequence[Deed]
    older: int | None
    newer: int | None


def page(
    conn: Connection,
    wanted: Mapping[str, Sequence[str]],
    *,
    since: datetime | None,
    until: datetime | None,
    after: int | None,
    before: int | None,
    limit: int,
) -> Slice:
    """`wanted`: by column, any of these values. What lies `after` is newer than it, what lies `before` is older."""
    statement = select(audit).where(*(audit.c[name].in_(values) for name, values in wanted.items() if values))
    if since is not None:
        statement = statement.where(audit.c.at >= since)
    if until is not None:
        statement = statement.where(audit.c.at < until)
    if after is not None:
        statement = statement.where(audit.c.seq > after)
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    ordered = statement.order_by(audit.c.seq if after is not None else audit.c.seq.desc())
    found = [Deed(*row) for row in conn.execute(ordered.limit(limit + 1))]
    more, found = len(found) > limit, found[:limit]
    if after is not None:
        found.reverse()
    older = more if after is None else bool(found)
    newer = more if after is not None else before is not None
    return Slice(found, found[-1].seq if older and found else None, found[0].seq if newer and found else None)
