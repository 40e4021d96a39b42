"""Sends connections to the fakes of their senders' APIs, where those run on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from worker.errors import ConfigError
from worker.sdk.source import where
from worker.settings.values import Connection

VARIABLE = "RELAY_NEIGHBOURS_URL"


def beside(environ: Mapping[str, str], connections: Mapping[str, Connection]) -> Mapping[str, Connection]:
    """Those that read their sender's API, and say nowhere else; each has a neighbour of its name. Raises ConfigError."""
    given = environ.get("RELAY_NEIGHBOURS_URL")
    if not given:
        return connections
    try:
        root = where.for_trying(given)
    except ConfigError:
        raise ConfigError(f"{VARIABLE} is not on this machine; `relay up --sandbox` sets it, and nobody else") from None
    return {name: _beside(each, f"{root}/{name}") for name, each in connections.items()}


def _beside(connection: Connection, url: str) -> Connection:
    if connection.connector.source is None or connection.source_url is not None:
        return connection
    return replace(connection, source_url=url)
