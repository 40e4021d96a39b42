"""Tells whose stream nobody listens to, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection as Database

from worker.settings import Connection, Settings
from worker.store.streams import leases
from worker.store.streams.leases import Listening

OPENS_WITHIN: Final = 120.0
"""Seconds. A stream ends now and then, and a sender may be away for a moment."""


def streams(settings: Settings) -> Sequence[str]:
    """The connections that are listened to."""
    return [name for name, each in settings.connections.items() if is_listened_to(each)]


def is_listened_to(connection: Connection) -> bool:
    """One that is received by another one is listened to with that."""
    return connection.connector.stream is not None and connection.received_by == connection.name


def members(settings: Settings, connection: Connection) -> Sequence[Connection]:
    """Those whose tenants its stream tells of: itself, unless it only receives for others."""
    found = [settings.connections[name] for name in connection.tenants.values() if name in settings.connections]
    return found or [connection]


def listening(conn: Database, settings: Settings) -> Mapping[str, Listening | None]:
    """How each of them is listened to; None: it never was."""
    names = streams(settings)
    found = leases.standing(conn, names) if names else {}
    return {name: found.get(name) for name in names}


def why_unheard(conn: Database, settings: Settings) -> Mapping[str, str | None]:
    return {name: unheard(name, found) for name, found in listening(conn, settings).items()}


def unheard(name: str, found: Listening | None) -> str | None:
    """Why nothing is heard of its sender, in a line; None where something would be, or will be in a moment."""
    if found is None or not found.alive:
        return f"nobody listens to its sender: start `relay listen {name}`; the Procfile needs a line for it"
    match found.state:
        case "forbidden":
            return f"its sender does not let it listen: {found.reason}"
        case "unlike":
            return f"its sender tells something else than its connector declares: {found.reason}"
        case "listening":
            return None
        case _ if found.lasts < OPENS_WITHIN:
            return None
        case _:
            return f"its sender can't be listened to: {found.reason or 'the stream does not open'}"
