"""How lists are narrowed: the same options everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from worker.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])
STATUSES = ("pending", "delivered", "superseded", "ignored", "dead", "review")
AGO = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

connection_option = click.option("--connection", metavar="NAME", help="Only this connection's.")
type_option = click.option("--type", "type_", metavar="TYPE", help="Only events of this type.")
subject_option = click.option("--subject", metavar="SUBJECT", help="Only events about this external thing.")
since_option = click.option("--since", metavar="WHEN", help="Received since: 90m, 24h, 7d or 2026-11-23T08:00.")
limit_option = click.option("--limit", default=100, show_default=True, help="At most so many, the newest.")


def event_filters(command: Command) -> Command:
    for option in (since_option, subject_option, type_option, connection_option):
        command = option(command)
    return command


def moment(text: str | None, now: datetime) -> datetime | None:
    """A point in time, said as one (without a zone: this machine's) or as how long ago."""
    if text is None:
        return None
    ago = AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise ConfigError(f"--since {text}: write 90m, 24h, 7d, a date or a date and time") from None
