"""Tells how each connection stands: whether it delivers, why not, and for which account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection as Database

from worker.admin.parts import Parts
from worker.admin.refusals import Conflict, NotThere
from worker.admin.standstill import LEFT_OVER, standstill
from worker.errors import did_you_mean
from worker.instruments.markers import without_marker
from worker.instruments.misconfigured import misconfigured
from worker.plan import Resource
from worker.settings import Connection, Settings
from worker.store.lanes import connections
from worker.store.lanes.connections import State

How: TypeAlias = Literal["active", "paused", "stopped", "misconfigured", "unknown"]
"""`stopped`: Upsales does not answer. `unknown`: the database knows it, the settings do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`since`, `reason`: of what keeps it from delivering. `by_person`: who paused it; else Upsales is asked `again` by itself.

    `read_from`: where the setting that is wrong stands. `key`: fingerprint of the key for which it was last bound to the account.
    `no_marker`: kinds of records that it makes without a marker.
    """

    name: str
    connector: str | None = None
    state: How = "active"
    since: datetime | None = None
    reason: str | None = None
    read_from: str | None = None
    by_person: bool = False
    again: datetime | None = None
    account: int | None = None
    account_name: str | None = None
    user_name: str | None = None
    key: str | None = None
    no_marker: Sequence[Resource] = ()

    @property
    def known(self) -> bool:
        """Whether the settings name it."""
        return self.state != "unknown"


def configured(parts: Parts, name: str) -> Connection:
    """Raises Refusal for a connection that can't be worked with."""
    settings = parts.settings
    if name in settings.connections:
        return settings.connections[name]
    if name in settings.misconfigured:
        raise Conflict(settings.misconfigured[name])
    raise NotThere(f"there is no connection {name}; {did_you_mean(name, settings.connections)}")


def lacks(parts: Parts) -> Mapping[str, str]:
    """What is wrong with settings, keys and secrets, by connection. Raises StoreUnavailable: not known."""
    return misconfigured(parts.settings, parts.keys)


def standings(conn: Database, settings: Settings, wrong: Mapping[str, str]) -> Sequence[Standing]:
    """Of all that there are: those of the settings in their order, then those that only the database knows."""
    named = (*settings.connections, *(name for name in settings.misconfigured if name not in settings.connections))
    states = connections.by_name(conn, named)
    left_over = [name for name in states if name not in named]
    return [_standing(conn, settings, states[name], wrong.get(name)) for name in (*named, *left_over)]


def standing(conn: Database, settings: Settings, name: str, wrong: Mapping[str, str]) -> Standing | None:
    """None for a connection that nobody has heard of."""
    return next((each for each in standings(conn, settings, wrong) if each.name == name), None)


def _standing(conn: Database, settings: Settings, state: State, wrong: str | None) -> Standing:
    connection = settings.connections.get(state.name)
    how, reason = _how(settings, state, wrong)
    return Standing(
        name=state.name,
        connector=connection.connector.name if connection else None,
        state=how,
        since=state.since,
        reason=reason,
        read_from=_read_from(settings, state.name) if how == "misconfigured" else None,
        by_person=state.paused and state.probe_at is None,
        again=state.probe_at if state.paused else None,
        account=state.account,
        account_name=state.account_name,
        user_name=state.user_name,
        key=state.fingerprint,
        no_marker=without_marker(conn, settings, state) if connection else (),
    )


def _how(settings: Settings, state: State, wrong: str | None) -> tuple[How, str | None]:
    """Wrong settings tell most; a pause tells more than a key or a secret that is lacking."""
    if state.name in settings.misconfigured:
        return "misconfigured", settings.misconfigured[state.name]
    if state.name not in settings.connections:
        return "unknown", LEFT_OVER
    if not state.runs:
        return "paused" if state.paused else "stopped", standstill(state)
    return ("misconfigured", wrong) if wrong else ("active", None)


def _read_from(settings: Settings, name: str) -> str:
    if name not in settings.misconfigured or name in settings.connections:
        return "the environment, the files that it names, and the database"
    return str(settings.config) if settings.config else "the environment: there is no relay.toml"
