"""Events as rows, for every command that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from worker.commands.filters import moment
from worker.commands.installation import Installation
from worker.errors import ConfigError
from worker.store import events as stored
from worker.store.events import Event

COLUMNS = ("id", "connection", "type", "subject", "status", "attempts", "received", "next_attempt", "reason")


def found(
    installation: Installation,
    *,
    connection: str | None,
    type_: str | None,
    subject: str | None,
    since: str | None,
    statuses: Sequence[str] = (),
    limit: int,
) -> Sequence[Event]:
    with installation.store.read() as conn:
        return stored.listed(
            conn,
            connection=connection,
            type=type_,
            subject=subject,
            statuses=statuses,
            since=moment(since, datetime.now(UTC)),
            limit=limit,
        )


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {
            "id": event.id,
            "connection": event.connection,
            "type": event.type,
            "subject": event.subject,
            "status": event.status,
            "attempts": event.attempts,
            "received": event.received_at,
            "next_attempt": event.next_attempt,
            "reason": event.reason,
        }
        for event in events
    ]


def one(installation: Installation, wanted: str) -> Event:
    """By our id or the sender's."""
    with installation.store.read() as conn:
        event = stored.show(conn, wanted)
    if event is None:
        raise ConfigError(f"there is no event {wanted}; `relay events list` shows the newest")
    return event
