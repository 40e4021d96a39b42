"""Reads how far connections have caught up with their senders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection as Database

from worker.errors import SourceForbidden
from worker.settings import Connection
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress

UNREAD: Final = 3600.0
"""Seconds for which a sender may be away."""


def under_way(conn: Database, configured: Mapping[str, Connection]) -> Sequence[Progress]:
    """Of the lists that these connections catch up with now. What is switched off grows older, and is nobody's concern."""
    kinds = {(name, kind) for name, each in configured.items() for kind in listed(each)}
    if not kinds:
        return ()
    return [each for each in cursors.progress(conn, configured) if (each.connection, each.kind) in kinds]


def listed(connection: Connection) -> Sequence[str]:
    """The kinds of things whose changes it reads; none where it is set not to."""
    source = connection.connector.source
    return () if source is None or connection.catch_up is None else source.changing


def unread_senders(conn: Database, configured: Mapping[str, Connection]) -> Mapping[str, str]:
    """Why nobody knows what has changed there, by connection: at once where the sender lets nobody in, later where it may come back."""
    return {
        each.connection: each.failing
        for each in under_way(conn, configured)
        if each.failing and (each.failing_code == SourceForbidden.code or each.failing_for > UNREAD)
    }
