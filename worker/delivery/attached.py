"""Keeps what a list showed of a thing, so that it need not be read again for its event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection
from ulid import ULID

from worker.sources.ports import Thing
from worker.store.readings import readings
from worker.store.readings.readings import Link, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What `Get.called` names for the event is `thing`. `read_at`: by the database's clock, before the list was asked for."""

    connection: str
    event: str
    called: str
    thing: Thing
    changed: datetime | None
    read_at: datetime


Attach: TypeAlias = Callable[[Connection, Sequence[Attachment]], None]


def attach(conn: Connection, attachments: Sequence[Attachment]) -> None:
    """In the transaction that stores the events."""
    for each in attachments:
        reading = Reading(
            id=str(ULID()),
            connection=each.connection,
            kind=each.thing.kind,
            thing=each.thing.id,
            status="read",
            body=readings.packed(each.thing.body),
            changed=each.changed,
            read_at=each.read_at,
        )
        readings.store(conn, reading, [Link(each.event, each.called, reading.id)])
