"""`relay connections` shows each connection's account and what keeps it from delivering."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from worker.admin import catching_up, pausing, rebinding
from worker.admin.standing import Standing, lacks, standing, standings
from worker.cli.connections_authorize import authorize
from worker.cli.context import Installation, pass_installation
from worker.cli.options import by_option, changed_since_option, why_option
from worker.cli.output import json_option, print_json, say, show, utc
from worker.cli.selection import agreed
from worker.errors import ConfigError, did_you_mean
from worker.instruments.catching_up import under_way
from worker.instruments.listening import listening
from worker.plan import QualifiedKey
from worker.store.events import events
from worker.store.lanes import connections as stored
from worker.store.ledger import reviews
from worker.store.people.audit import Actor
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress

COLUMNS = (
    "connection",
    "connector",
    "account",
    "account_name",
    "state",
    "since",
    "reason",
    "no_marker",
    "stream",
    "waiting",
    "dead",
    "review",
    "caught_up",
    "unread",
)
LIST_COLUMNS = (
    "kind",
    "ended_at",
    "next_at",
    "since",
    "found",
    "brought",
    "duplicates",
    "dead",
    "failing",
    "lost_from",
    "lost_until",
)


COUNTED = (("waiting", "pending"), ("dead", "dead"), ("review", "review"))


@click.group()
def connections() -> None:
    """List, show, pause, resume, ask, authorize, catch up, rebind and settle connections."""


connections.add_command(authorize)


@connections.command(name="list")
@json_option
@pass_installation
def list_connections(installation: Installation, *, as_json: bool) -> None:
    """List every connection: its account, its state, what it makes without a marker, and how much waits.

    The last ones are those that the settings no longer know.
    """
    wrong = lacks(installation)
    with installation.store.read() as conn:
        found = standings(conn, installation.settings, wrong)
        counts = events.counts(conn)
        lists = under_way(conn, installation.settings.connections)
        heard = listening(conn, installation.settings)
    streams = {name: each.state if each and each.alive else "nobody listens" for name, each in heard.items()}
    rows = [
        _row(each)
        | {"stream": streams.get(each.name)}
        | {column: counts.get((each.name, status), 0) for column, status in COUNTED}
        | _caught_up([progress for progress in lists if progress.connection == each.name])
        for each in found
    ]
    show(rows, COLUMNS, as_json=as_json, empty="No connections: set an API key, or write relay.toml.")


@connections.command(name="show")
@click.argument("connection")
@json_option
@pass_installation
def show_connection(installation: Installation, connection: str, *, as_json: bool) -> None:
    """Show one connection, and how far what changed at its sender was read."""
    wrong = lacks(installation)
    with installation.store.read() as conn:
        found = standing(conn, installation.settings, connection, wrong)
        counts = events.counts(conn)
        lists = [each for each in cursors.progress(conn, [connection]) if found is not None]
    if found is None:
        raise ConfigError(
            f"there is no connection {connection}; {did_you_mean(connection, installation.settings.connections)}"
        )
    row = _row(found) | {column: counts.get((found.name, status), 0) for column, status in COUNTED}
    if as_json:
        print_json(row | {"catch_up": [_list_row(each) for each in lists]})
        return
    for name, value in row.items():
        if value not in (None, ""):
            say(f"{name.replace('_', ' '):<14} {utc(value) if isinstance(value, datetime) else value}")
    if lists:
        say()
        show([_list_row(each) for each in lists], LIST_COLUMNS, as_json=False, empty="")


@connections.command(name="catch-up")
@click.argument("connection")
@changed_since_option
@by_option
@pass_installation
def catch_up(installation: Installation, connection: str, *, since: datetime | None, by: str) -> None:
    """Have a worker read now what has changed at a connection's sender, and bring what no webhook brought."""
    catching_up.read_now(installation, Actor(by, "command"), connection, since)
    say(f"{connection}: a worker reads what has changed; `relay connections show {connection}` tells how far it is.")


@connections.command()
@click.argument("connection")
@click.option(
    "--reason", default="paused by a person", show_default=True, help="Why it is paused; shown with the connection."
)
@by_option
@pass_installation
def pause(installation: Installation, connection: str, *, reason: str, by: str) -> None:
    """Stop the deliveries of a connection until it is resumed. Webhooks are still accepted."""
    pausing.pause(installation, Actor(by, "command"), connection, reason)
    say(f"{connection} is paused; events are kept until `relay connections resume {connection}`.")


@connections.command()
@click.argument("connection")
@why_option
@by_option
@pass_installation
def resume(installation: Installation, connection: str, *, why: str | None, by: str) -> None:
    """Start the deliveries of a connection again. What waits after failures is tried now."""
    paused = pausing.resume(installation, Actor(by, "command"), connection, why).paused
    say(f"{connection} delivers again." if paused else f"{connection} was not paused; Upsales is asked again now.")


@connections.command()
@click.argument("connection")
@by_option
@pass_installation
def ask(installation: Installation, connection: str, *, by: str) -> None:
    """Ask Upsales whose a connection's key is. One that paused itself for its key goes on, if it is accepted."""
    asked = pausing.ask_now(installation, Actor(by, "command"), connection)
    if not asked.accepted:
        raise ConfigError(f"{connection}: {asked.says}")
    say(f"{connection}: {asked.says}.{' It delivers again.' if asked.resumed else ''}")


@connections.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Don't ask.")
@why_option
@by_option
@pass_installation
def rebind(installation: Installation, connection: str, *, yes: bool, why: str | None, by: str) -> None:
    """Bind a connection to the account that its key belongs to now. The relay forgets what it made in the other account."""
    configured = installation.connection(connection)
    name = configured.name
    with installation.store.read() as conn:
        bound = stored.get(conn, name)
    if bound.account is None:
        say(f"{name} is bound to no account.")
        return
    present = installation.runtime.binding.present(configured)
    if present.id == bound.account:
        raise ConfigError(
            f"{name}: its key belongs to account {present.id} ({present.name}), which it is bound to: nothing is forgotten."
            " Set the key of the new account first."
        )
    question = (
        f"Forget which records {name} made in account {bound.account} ({bound.account_name})?"
        f" Its key belongs to account {present.id} ({present.name})."
    )
    if yes or agreed(question):
        rebinding.rebind(installation, Actor(by, "command"), bound, why)
        say(f"{name} is bound again before its next write.")


@connections.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Don't ask.")
@why_option
@by_option
@pass_installation
def settle(installation: Installation, connection: str, *, yes: bool, why: str | None, by: str) -> None:
    """Give up the creates of a connection that got no answer, also of one that was removed. Look in Upsales first."""
    with installation.store.read() as conn:
        keys = [QualifiedKey.of(connection, key) for key in reviews.begun(conn, connection)]
    if not keys:
        say(f"{connection} has begun no create that got no answer.")
        return
    named = ", ".join(map(str, keys[:5])) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
    if not (yes or agreed(f"{named}: were they never made, or need nobody know them?")):
        return
    for key, count in rebinding.settle(installation, Actor(by, "command"), connection, keys, why):
        say(f"{key}: its create got no answer; the key is free, and {count} events are tried again.")


@connections.command()
@why_option
@by_option
@pass_installation
def restored(installation: Installation, *, why: str | None, by: str) -> None:
    """Look for what was made before by its marker: run this after a restore from a backup, before the workers start."""
    number = rebinding.restored(installation, Actor(by, "command"), why)
    say(f"{number} connection{'s look' if number != 1 else ' looks'} for what was made before, by its marker.")


def _caught_up(lists: Sequence[Progress]) -> dict[str, Any]:
    """Of the list that is the furthest behind; nothing of a connection that catches up with nothing."""
    oldest = max(lists, key=lambda each: each.age, default=None)
    return {} if oldest is None else {"caught_up": oldest.ended_at, "unread": oldest.failing}


def _list_row(each: Progress) -> dict[str, Any]:
    return {name: getattr(each, name) for name in LIST_COLUMNS}


def _row(of: Standing) -> dict[str, Any]:
    return {
        "connection": of.name,
        "connector": of.connector,
        "account": of.account,
        "account_name": of.account_name,
        "state": of.state,
        "since": of.since,
        "reason": of.reason,
        "key": of.key,
        "no_marker": of.no_marker or None,
    }
