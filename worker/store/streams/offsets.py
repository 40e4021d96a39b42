"""Keeps up to where each topic of a stream is stored. Offsets are never compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from worker.store.db.clock import db_now
from worker.store.db.sql import insert_in
from worker.store.db.tables import offsets


@dataclass(frozen=True, slots=True)
class Offset:
    offset: str
    at: datetime


def stored(conn: Connection, connection: str) -> Mapping[str, Offset]:
    query = select(offsets).where(offsets.c.connection == connection)
    return {row.topic: Offset(row.offset, row.at) for row in conn.execute(query)}


def earliest(conn: Connection, connections: Collection[str]) -> Mapping[str, str]:
    """Of each topic, from where all of these connections can be told what they have not heard.

    That is where the one stands that was left behind first. One without an offset has missed nothing.
    """
    query = select(offsets).where(offsets.c.connection.in_(sorted(connections))).order_by(offsets.c.at.desc())
    return {row.topic: row.offset for row in conn.execute(query)}


def put(conn: Connection, connection: str, new: Mapping[str, str]) -> None:
    """Within the transaction that stores what they stand for."""
    for topic, offset in sorted(new.items()):
        row = insert_in(conn.dialect.name, offsets).values(
            connection=connection, topic=topic, offset=offset, at=db_now()
        )
        conn.execute(
            row.on_conflict_do_update(
                index_elements=["connection", "topic"], set_={"offset": row.excluded.offset, "at": row.excluded.at}
            )
        )


def latest(conn: Connection) -> Mapping[str, datetime]:
    """By connection, when anything of its stream was last stored."""
    query = select(offsets.c.connection, func.max(offsets.c.at).label("at")).group_by(offsets.c.connection)
    return {row.connection: row.at for row in conn.execute(query)}
