"""Defines options of several commands: what narrows a list, who has it done, and why."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

import click

from worker.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])
AGO = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What is left of all events. False when it is all of them."""

    connection: str | None = None
    type: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in astuple(self))


def _moment(_ctx: click.Context, param: click.Parameter, text: str | None) -> datetime | None:
    return moment(text, datetime.now(UTC), f"--{param.name}")


connection_option = click.option("--connection", metavar="NAME", help="Only this connection's.")
type_option = click.option("--type", "type_", metavar="TYPE", help="Only events of this type.")
subject_option = click.option("--subject", metavar="SUBJECT", help="Only events about this external thing.")
since_option = click.option(
    "--since",
    metavar="WHEN",
    callback=_moment,
    help="Received since: 90m, 24h, 7d or 2026-11-23T08:00 (here; with Z at the end: UTC).",
)
changed_since_option = click.option(
    "--since",
    metavar="WHEN",
    callback=_moment,
    help="Changed since: 90m, 24h, 7d or 2026-11-23T08:00 (here; with Z at the end: UTC); else since it was last read.",
)
listed_since_option = click.option(
    "--since",
    metavar="WHEN",
    callback=_moment,
    help="Only what changed since: 90m, 24h, 7d or 2026-11-23T08:00 (here; with Z at the end: UTC).",
)
until_option = click.option(
    "--until", metavar="WHEN", callback=_moment, help="Received before that, said as for --since."
)
limit_option = click.option(
    "--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="Show at most so many, the newest."
)


follow_option = click.option(
    "--follow",
    is_flag=True,
    help="Then show new ones as they come, the oldest first, until Ctrl-C; with --json a line each.",
)


def _by(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str:
    if name and name.strip():
        return name.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        return f"uid {os.getuid()}"


def _why(_ctx: click.Context, _param: click.Parameter, why: str | None) -> str | None:
    return (why or "").strip() or None


by_option = click.option(
    "--by", metavar="NAME", callback=_by, help="Who has it done; kept as proof. Without it: the user of this machine."
)
"""For every command that changes something: who goes into the audit, as `Actor(by, "command")`."""
why_option = click.option(
    "--why", metavar="TEXT", callback=_why, help="Why; kept beside what was done, so it must name no person."
)


def event_filters(command: Command) -> Command:
    """The command gets them as `filters`."""

    @wraps(command)
    def filtered(
        *args: Any,
        connection: str | None,
        type_: str | None,
        subject: str | None,
        since: datetime | None,
        until: datetime | None,
        **kwargs: Any,
    ) -> Any:
        return command(*args, filters=Filters(connection, type_, subject, since, until), **kwargs)

    wrapped: Any = filtered
    for option in (until_option, since_option, subject_option, type_option, connection_option):
        wrapped = option(wrapped)
    found: Command = wrapped
    return found


def moment(text: str | None, now: datetime, option: str = "--since") -> datetime | None:
    """A point in time, said as one (without a zone: this machine's) or as how long ago."""
    if text is None:
        return None
    ago = AGO.fullmatch(text)
    try:
        if ago:
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {text}: write 90m, 24h, 7d, a date or a date and time") from None


USUAL = "20/min"
"""1 200 an hour, where a key may write 5 000 times (https://api.upsales.com)."""
RATE = re.compile(r"([1-9]\d{0,4})(/min)?")


def _a_minute(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    found = RATE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text}: say how many a minute, such as {USUAL}.")
    return int(found[1])


rate_option = click.option(
    "--rate",
    "a_minute",
    metavar="N/min",
    default=USUAL,
    show_default=True,
    callback=_a_minute,
    help="At most so many for each connection, and none while a live event waits.",
)
