"""Reads how often a connection catches up with what has changed at its sender."""

from __future__ import annotations

import re
from typing import Any

from worker.errors import ConfigError
from worker.sdk.connector import Connector
from worker.settings.tables import UNITS
from worker.settings.values import Connection

PERIOD = re.compile(r"([1-9]\d{0,5})([smhd])")
SHORTEST = 60
LONGEST = 30 * 86400


def usual_of(connection: Connection) -> float | None:
    """As it is where its table says nothing."""
    return catch_up(None, connection.connector, "")


def catch_up(value: Any, connector: Connector, where: str) -> float | None:
    """Seconds; None for never. What the table doesn't say its connector's source says."""
    if value is False or value == "off":
        return None
    lists = connector.source is not None and bool(connector.source.changing)
    if value is None:
        usual = connector.source.catch_up if connector.source and lists else None
        return None if usual is None else _period(usual, f"connector {connector.name}")
    if not lists:
        raise ConfigError(
            f"{where} catch_up: {connector.name} can't list what has changed at its sender; leave the line out"
        )
    return _period(value, where)


def _period(value: Any, where: str) -> float:
    found = PERIOD.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ConfigError(f'{where} catch_up: {value!r} is no time; write one such as "15m", "1h" or "1d", or false')
    seconds = int(found[1]) * UNITS[found[2]]
    if not SHORTEST <= seconds <= LONGEST:
        raise ConfigError(f"{where} catch_up: {value} is not between 1m and 30d")
    return float(seconds)
