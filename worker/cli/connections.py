"""`relay connections` shows each connection's account and what keeps it from delivering."""

from __future__ import annotations

from typing import Any

import click

from worker.admin import pausing, rebinding
from worker.admin.standing import Standing, lacks, standings
from worker.cli.context import Installation, pass_installation
from worker.cli.options import by_option, why_option
from worker.cli.output import json_option, say, show
from worker.cli.selection import agreed
from worker.errors import ConfigError
from worker.instruments.listening import listening
from worker.plan import QualifiedKey
from worker.store.events import events
from worker.store.lanes import connections as stored
from worker.store.ledger import reviews
from worker.store.people.audit import Actor

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
)


COUNTED = (("waiting", "pending"), ("dead", "dead"), ("review", "review"))


@click.group()
def connections() -> None:
    """List, pause, resume, ask, rebind and settle connections."""


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
        heard = listening(conn, installation.settings)
    streams = {name: each.state if each and each.alive else "nobody listens" for name, each in heard.items()}
    rows = [
        _row(each)
        | {"stream": streams.get(each.name)}
        | {column: counts.get((each.name, status), 0) for column, status in COUNTED}
        for each in found
    ]
    show(rows, COLUMNS, as_json=as_json, empty="No connections: set an API key, or write relay.toml.")


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


def _row(standing: Standing) -> dict[str, Any]:
    return {
        "connection": standing.name,
        "connector": standing.connector,
        "account": standing.account,
        "account_name": standing.account_name,
        "state": standing.state,
        "since": standing.since,
        "reason": standing.reason,
        "key": standing.key,
        "no_marker": standing.no_marker or None,
    }
