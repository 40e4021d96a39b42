"""Makes keys up for a sandbox, and forgets what an earlier one held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.cli.local import demo_setup, lockfile, made_up
from worker.cli.local.samples import samples_of
from worker.errors import ConfigError
from worker.keys import Keys
from worker.settings import Settings
from worker.settings.variables import variables_of
from worker.store import Store
from worker.store.lanes import accounts, connections
from worker.store.lanes.connections import State

FILE = "sandbox-secrets.json"
REMEDY = "delete it, and start `relay up --sandbox` again"
SANDBOX_ACCOUNTS = 2_000_000_000
"""Above it are the customer ids that a sandbox draws with --new-accounts (docs/sandbox.md), and none of Upsales."""


def draw(settings: Settings, keys: Keys) -> Mapping[str, str]:
    """API keys and signing secrets where none are set, by their variables; the same ones at each start."""
    path = lockfile.directory_of(settings) / FILE
    before, now = made_up.kept(path, REMEDY), {}
    for name, connection in settings.connections.items():
        samples = list(samples_of(connection.connector).values())
        if not samples:
            continue
        drawn = demo_setup.demo_connection_of(name, connection.connector, samples)
        if not keys.found(name, "api_key"):
            now[variables_of(name, "API_KEY")[0]] = drawn.api_key
        if connection.connector.signature.needs_secret and not keys.secrets(name):
            now[variables_of(name, "SECRET")[0]] = drawn.secret
        # Whatever token there is, a neighbour does not get it.
        now |= demo_setup.tokens(name, connection.connector)
    if not keys.can_encrypt:
        now |= demo_setup.master_key(each.connector for each in settings.connections.values())
    found = {variable: before.get(variable, value) for variable, value in now.items()}
    if found:
        made_up.keep(path, {**before, **found})
    return found


def in_use(settings: Settings) -> Mapping[str, str]:
    """What was made up for the `relay up --sandbox` that runs here. Nothing where none runs: Upsales never gets it."""
    running = lockfile.running(settings)
    return made_up.kept(lockfile.directory_of(settings) / FILE, REMEDY) if running and running.sandbox else {}


def forget_earlier(settings: Settings, store: Store) -> Sequence[str]:
    """The connections whose records an earlier sandbox held: they are bound to none. Nobody may work on their lanes.

    Raises ConfigError when one of them is bound to an account that no sandbox drew: its records are not to be forgotten.
    """
    with store.read() as conn:
        bound = [state for state in (connections.get(conn, name) for name in settings.connections) if state.account]
    other = next((state for state in bound if (state.account or 0) <= SANDBOX_ACCOUNTS), None)
    if other:
        raise ConfigError(
            f"{other.name} is bound to account {other.account} ({other.account_name}), which is none of `relay up --sandbox`:"
            " try the sandbox in another directory, or with another DATABASE_URL"
        )
    for state in bound:
        accounts.rebind(store, state.name)
        if _paused_by_a_person(state):
            connections.pause(store, state.name, state.reason or "", probe_in=None)
    return [state.name for state in bound]


def _paused_by_a_person(state: State) -> bool:
    return state.paused and state.probe_at is None and state.reason != accounts.UNFINISHED.format(state.name)
