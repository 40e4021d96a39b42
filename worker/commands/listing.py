"""Events as rows, for every command that lists them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import click

from worker.commands.filters import Filters
from worker.commands.installation import Installation
from worker.commands.tables import show
from worker.errors import ConfigError
from worker.store import events as stored
from worker.store.events import Event

COLUMNS = ("id", "connection", "type", "subject", "status", "attempts", "received", "next_attempt", "reason")


def found(
    installation: Installation, filters: Filters, *, statuses: Collection[str] = (), limit: int
) -> Sequence[Event]:
    """The newest first. Raises ConfigError for a connection that nobody ever heard of."""
    with installation.store.read() as conn:
        events = stored.listed(
            conn,
            connection=filters.connection,
            type=filters.type,
            subject=filters.subject,
            statuses=statuses,
            since=filters.since,
            limit=limit,
        )
    if not events and filters.connection is not None:
        installation.connection(filters.connection)
    return events


def show_list(
    installation: Installation,
    filters: Filters,
    *,
    statuses: Collection[str] = (),
    limit: int,
    as_json: bool,
    empty: str,
) -> None:
    events = found(installation, filters, statuses=statuses, limit=limit + 1)
    show(rows(events[:limit]), COLUMNS, as_json=as_json, empty=empty)
    if len(events) > limit:
        click.echo(f"These are the newest {limit}; --limit shows more.", err=True)


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
            "event_id": event.event_id,
            "time": event.time,
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


def our_id(installation: Installation, wanted: str) -> str:
    """By our id or the sender's; what was given, of an event that is no longer kept."""
    with installation.store.read() as conn:
        event = stored.show(conn, wanted)
    return wanted if event is None else event.id
