"""`relay budget` shows what each key has used and has left of its call windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import json_option, print_json, say_text, show
from worker.errors import ConfigError
from worker.store.lanes import backlog, connections
from worker.store.ledger.statistics import Statistics, statistics
from worker.upsales.budget import Budget, Past, WindowUse

WINDOWS = ("connection", "window", "limit", "used", "left")
OF_A_DAY = (
    "connection",
    "account_calls",
    "reads",
    "writes",
    "coalesced",
    "unchanged",
    "lookups_spared",
    "waiting",
    "done_in",
)
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class _Key:
    """One connection's key, as Redis and the database know it."""

    connection: str
    windows: Sequence[WindowUse]
    account_calls: int
    lookups_spared: int
    saved: Statistics
    waiting: int


@click.command()
@click.argument("connection", required=False)
@json_option
@pass_installation
def budget(installation: Installation, connection: str | None, *, as_json: bool) -> None:
    """Show what is left of each key's call windows, what a day's events cost, and when the backlog will be done."""
    names = [installation.connection(connection).name] if connection else list(installation.settings.connections)
    found = [_key(installation, name) for name in names]
    windows = [row for key in found for row in _windows(key)]
    days = [_day(key) for key in found if isinstance(key, _Key)]
    if as_json:
        print_json({"windows": windows, "day": days})
        return
    show(windows, WINDOWS, as_json=False)
    if days:
        say_text("\nOf the last 24 hours; only calls made here are known, an account may be used by others too:\n")
        show(days, OF_A_DAY, as_json=False)


def _key(installation: Installation, name: str) -> _Key | str:
    """A name only for a connection without a key."""
    try:
        fingerprint = installation.keys.fingerprint(installation.keys.api_key(name))
    except ConfigError:
        return name
    with installation.store.read() as conn:
        account = connections.get(conn, name).account
        saved = statistics(conn, name, DAY)
        waiting = backlog.waiting(conn).get(name, 0)
    asked = Budget(installation.redis, fingerprint, installation.settings.upsales, lambda *_: Past(()), account=account)
    day = asked.day()
    return _Key(name, asked.left(), day.calls, day.spared, saved, waiting)


def _windows(key: _Key | str) -> Iterator[dict[str, Any]]:
    if isinstance(key, str):
        yield {"connection": key, "window": "no API key"}
        return
    for window in key.windows:
        yield {
            "connection": key.connection,
            "window": f"{window.kind} in {window.seconds:g} s",
            "kind": window.kind,
            "seconds": window.seconds,
            "limit": window.limit,
            "used": window.used,
            "left": window.left,
        }


def _day(key: _Key) -> dict[str, Any]:
    return {
        "connection": key.connection,
        "account_calls": key.account_calls,
        "reads": key.saved.reads,
        "writes": key.saved.writes,
        "delivered": key.saved.delivered,
        "coalesced": key.saved.coalesced,
        "unchanged": key.saved.unchanged,
        "lookups_spared": key.lookups_spared,
        "waiting": key.waiting,
        "done_in": _span(seconds_for(key.waiting * key.saved.writes_per_event, key.windows)),
    }


def seconds_for(writes: float, windows: Sequence[WindowUse]) -> float:
    """Until so many more writes are made, if no other limit than the key's windows holds them up."""
    waits = (
        max(writes - window.left, 0.0) * window.seconds / window.limit for window in windows if window.kind == "writes"
    )
    return max(waits, default=0.0)


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"about {seconds / length:.0f} {unit}"
    return f"about {seconds:.0f} s" if seconds > 0 else "as fast as Upsales answers"
