"""`relay connections` shows each connection's account and what keeps it from delivering."""

from __future__ import annotations

from typing import Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.doctor.standstill import LEFT_OVER, left_over, standstill
from worker.cli.output import json_option, say, show
from worker.cli.selection import agreed
from worker.errors import ConfigError
from worker.instruments.markers import without_marker
from worker.instruments.misconfigured import misconfigured
from worker.plan import QualifiedKey
from worker.settings import Connection
from worker.store.events import events, replay
from worker.store.lanes import accounts
from worker.store.lanes import connections as stored
from worker.store.lanes.connections import State
from worker.store.ledger import reviews

COLUMNS = (
    "connection",
    "connector",
    "account",
    "account_name",
    "state",
    "since",
    "reason",
    "no_marker",
    "waiting",
    "dead",
    "review",
)


COUNTED = (("waiting", "pending"), ("dead", "dead"), ("review", "review"))


@click.group()
def connections() -> None:
    """List, pause, resume, rebind and settle connections."""


@connections.command(name="list")
@json_option
@pass_installation
def list_connections(installation: Installation, *, as_json: bool) -> None:
    """List every connection: its account, its state, what it makes without a marker, and how much waits.

    The last ones are those that the settings no longer know.
    """
    settings, wrong = installation.settings, installation.settings.misconfigured
    names = (*settings.connections, *wrong)
    with installation.store.read() as conn:
        states = stored.by_name(conn, names)
        counts = events.counts(conn)
        lacking = {name: without_marker(conn, settings, states[name]) for name in settings.connections}
    lacks = misconfigured(settings, installation.keys)
    known = [
        _row(connection, states[name], wrong.get(name), lacks.get(name)) | {"no_marker": lacking[name] or None}
        for name, connection in settings.connections.items()
    ]
    known += [
        _stored(states[name]) | _misconfigured(problem)
        for name, problem in wrong.items()
        if name not in settings.connections
    ]
    rows = [
        row | {column: counts.get((row["connection"], status), 0) for column, status in COUNTED}
        for row in (*known, *map(_left_over, left_over(installation)))
    ]
    show(rows, COLUMNS, as_json=as_json, empty="No connections: set an API key, or write relay.toml.")


@connections.command()
@click.argument("connection")
@click.option(
    "--reason", default="paused by a person", show_default=True, help="Why it is paused; shown with the connection."
)
@pass_installation
def pause(installation: Installation, connection: str, reason: str) -> None:
    """Stop the deliveries of a connection until it is resumed. Webhooks are still accepted."""
    stored.pause(installation.store, installation.connection(connection).name, reason, probe_in=None)
    say(f"{connection} is paused; events are kept until `relay connections resume {connection}`.")


@connections.command()
@click.argument("connection")
@pass_installation
def resume(installation: Installation, connection: str) -> None:
    """Start the deliveries of a connection again. What waits after failures is tried now."""
    paused = stored.resume(installation.store, installation.connection(connection).name)
    say(f"{connection} delivers again." if paused else f"{connection} was not paused; Upsales is asked again now.")


@connections.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Don't ask.")
@pass_installation
def rebind(installation: Installation, connection: str, *, yes: bool) -> None:
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
        accounts.rebind(installation.store, name)
        say(f"{name} is bound again before its next write.")


@connections.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Don't ask.")
@pass_installation
def settle(installation: Installation, connection: str, *, yes: bool) -> None:
    """Give up the creates of a connection that got no answer, also of one that was removed. Look in Upsales first."""
    with installation.store.read() as conn:
        keys = [QualifiedKey.of(connection, key) for key in reviews.begun(conn, connection)]
    if not keys:
        say(f"{connection} has begun no create that got no answer.")
        return
    named = ", ".join(map(str, keys[:5])) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
    if not (yes or agreed(f"{named}: were they never made, or need nobody know them?")):
        return
    horizon = installation.settings.upsales.settled_after
    for key in keys:
        reviews.make_again(installation.store, connection, key.key, verify_in=horizon)
        count = replay.revive_reviewed(installation.store, connection, "", key)
        say(f"{key}: its create got no answer; the key is free, and {count} events are tried again.")


@connections.command()
@pass_installation
def restored(installation: Installation) -> None:
    """Look for what was made before by its marker: run this after a restore from a backup, before the workers start."""
    number = accounts.restored(installation.store)
    say(f"{number} connection{'s look' if number != 1 else ' looks'} for what was made before, by its marker.")


def _row(connection: Connection, state: State, wrong: str | None, lacks: str | None) -> dict[str, Any]:
    """`wrong`: its settings; `lacks`: a key or a secret. A pause tells more than what is lacking."""
    problem = wrong or (lacks if state.runs else None)
    told = {
        "connector": connection.connector.name,
        "state": "active" if state.runs else "paused" if state.paused else "stopped",
        "reason": standstill(state),
    }
    return _stored(state) | told | (_misconfigured(problem) if problem else {})


def _misconfigured(problem: str) -> dict[str, Any]:
    return {"state": "misconfigured", "reason": problem}


def _left_over(state: State) -> dict[str, Any]:
    return _stored(state) | {"connector": None, "state": "unknown", "reason": LEFT_OVER, "no_marker": None}


def _stored(state: State) -> dict[str, Any]:
    return {
        "connection": state.name,
        "account": state.account,
        "account_name": state.account_name,
        "since": state.since,
        "key": state.fingerprint,
    }
