"""Lists what the relay made in Upsales, as far back as the journal of calls goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from worker.store.db.tables import calls, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A record, or a custom field's definition, that a create of ours made or may have made.

    `state`: that of the create: done; open or unknown while nobody can tell; lost if nothing was found of it, so that it was sent again.
    `event_type`, `subject`: of the event it was made for, while that is kept.
    """

    call: str
    at: datetime
    connection: str
    account: int | None
    resource: str
    record_id: int | None
    state: str
    event: str | None
    event_type: str | None
    subject: str | None


def made(
    conn: Connection,
    *,
    connection: str | None = None,
    resource: str | None = None,
    since: datetime | None = None,
    limit: int,
) -> Sequence[Made]:
    """The newest first: so an order comes before the company that it belongs to."""
    columns = (
        calls.c.id.label("call"), calls.c.started_at.label("at"), calls.c.connection, calls.c.account, calls.c.resource,
        calls.c.record_id, calls.c.state, calls.c.event, events.c.type.label("event_type"), events.c.subject,
    )  # fmt: skip
    statement = (
        select(*columns)
        .outerjoin(events, events.c.id == calls.c.event)
        .where(calls.c.method == "POST", calls.c.state != "failed")
        .order_by(calls.c.started_at.desc(), calls.c.id.desc())
        .limit(limit)
    )
    if connection is not None:
        statement = statement.where(calls.c.connection == connection)
    if resource is not None:
        statement = statement.where(calls.c.resource == resource)
    if since is not None:
        statement = statement.where(calls.c.started_at >= since)
    names = Made.__dataclass_fields__
    return [Made(**{name: getattr(row, name) for name in names}) for row in conn.execute(statement)]
