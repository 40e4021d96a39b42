"""Keeps the bytes of files that were read of senders, until they are delivered."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, exists, select

from worker.store.db.statuses import WELL
from worker.store.db.tables import contents, event_readings, events


def keep(conn: Connection, reading: str, data: bytes) -> None:
    conn.execute(contents.insert().values(reading=reading, data=data))


def of(conn: Connection, reading: str) -> bytes | None:
    """None where they are not kept any more."""
    found: bytes | None = conn.execute(
        select(contents.c.data).where(contents.c.reading == reading)
    ).scalar_one_or_none()
    return found


def kept(conn: Connection, reading: str) -> bool:
    return conn.execute(select(exists().where(contents.c.reading == reading))).scalar_one()


def forget(conn: Connection, of_readings: Collection[str]) -> None:
    if of_readings:
        conn.execute(delete(contents).where(contents.c.reading.in_(sorted(of_readings))))


def purge(conn: Connection, most: int = 100) -> int:
    """Those that no event waits for any more: Upsales has them. A replay reads them again."""
    needing = event_readings.join(events, event_readings.c.event == events.c.id)
    needed = (
        exists()
        .select_from(needing)
        .where(event_readings.c.reading == contents.c.reading, events.c.status.not_in(WELL))
    )
    settled = conn.execute(select(contents.c.reading).where(~needed).limit(most)).scalars().all()
    forget(conn, settled)
    return len(settled)
