"""Tells at a glance what is wrong, what came and went, and how each connection stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as Database

from worker.admin.budgets import Left
from worker.admin.health import Checks, Health
from worker.admin.known import Deadline, Known, part
from worker.admin.parts import Parts
from worker.admin.traffic import WINDOWS, Amounts, Traffic, traffic
from worker.admin.way_out import WayOut, way_out
from worker.admin.wrong import Problem, problems
from worker.alerts.facts import Standing, of_connections, refused_lately, standing, token_ends
from worker.alerts.findings import Facts, TokenEnds, judge
from worker.instruments.listening import why_unheard
from worker.instruments.silence import asking, silences
from worker.instruments.standing import Silence
from worker.instruments.tokens import known_ends
from worker.settings import Settings
from worker.store import StoreUnavailable
from worker.store.alerts.alerts import Alert, open_ones
from worker.store.lanes.connections import State as ConnectionState
from worker.store.lanes.holds import waiting_in_held
from worker.store.people import audit
from worker.store.people.audit import Deed

DEEDS = 5
NO_DEEDS = ("sign-in", "sign-out")


@dataclass(frozen=True, slots=True)
class State:
    """`state`: active, stopped (Upsales does not answer it), paused, misconfigured, or removed from the settings. `out`: what ends a pause."""

    state: str
    reason: str | None = None
    since: datetime | None = None
    out: WayOut | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One connection. `address`: where its sender posts to. Of what was counted `received` is of the window, the rest of now.

    `held`: of what waits, what a person holds back. `oldest`: seconds since the oldest event that waits came, 0 if none does. `quiet`: seconds since the last event, to the minute.
    """

    name: str
    connector: str | None
    address: str
    state: Known[State]
    received: Known[int]
    a_minute: Known[Sequence[float]]
    waiting: Known[int]
    held: Known[int]
    oldest: Known[float]
    dead: Known[int]
    review: Known[int]
    writes_left: Known[Left]
    quiet: Known[float]
    silent: Known[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`unchecked`: what could not be judged in time, so that `wrong` may lack something. `checked`: when it was."""

    window: str
    wrong: Sequence[Problem]
    unchecked: Sequence[str]
    checked: datetime | None
    health: Health
    traffic: Known[Traffic]
    held: Known[int]
    dead: Known[int]
    review: Known[int]
    connections: Sequence[Row]
    deeds: Known[Sequence[Deed]]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database told, each in its time."""

    stands: Known[tuple[Standing, Sequence[Alert]]]
    traffic: Known[Traffic]
    silent: Known[Mapping[str, Silence]]
    refused: Known[Mapping[str, Mapping[str, int]]]
    held: Known[Mapping[str, int]]
    deeds: Known[Sequence[Deed]]
    heard: Known[Mapping[str, str | None]]
    """Why nobody listens, of the connections that are listened to."""


def overview(parts: Parts, checks: Checks, window: str, deadline: Deadline) -> Overview:
    settings = parts.settings
    checks.begin()
    stored = _ask(parts, window, deadline)
    health, misconfigured, left = checks.health(), checks.misconfigured(), checks.writes_left()
    stands = part(stored.stands, lambda both: both[0])
    told = of_connections(
        settings,
        stands.value,
        stored.silent.value,
        stored.refused.value,
        misconfigured.value,
        _ends(parts),
        stored.heard.value,
    )
    # Also what nobody is to be told of is wrong.
    found = [*health.stops, *judge(Facts(connections=told), replace(settings.alerts, off=()))]
    alerts = () if stored.stands.value is None else stored.stands.value[1]
    judged: Mapping[str, Known[Any]] = {
        "keys and secrets": misconfigured,
        "how connections stand": stands,
        "silent senders": stored.silent,
        "refused webhooks": stored.refused,
        "streams": stored.heard,
    }
    return Overview(
        window=window,
        wrong=problems(found, alerts, stands.value, stands.as_of),
        unchecked=[*health.unknown, *(name for name, each in judged.items() if each.value is None)],
        checked=health.checked,
        health=health,
        traffic=stored.traffic,
        held=part(stored.held, lambda all_: sum(all_.values())),
        dead=part(stands, lambda all_: _people(all_, "dead")),
        review=part(stands, lambda all_: _people(all_, "review")),
        connections=[
            _row(settings, name, stands, stored, misconfigured, left) for name in _names(settings, stands, stored)
        ],
        deeds=stored.deeds,
    )


def _ends(parts: Parts) -> Mapping[str, TokenEnds] | None:
    try:
        return token_ends(known_ends(parts.settings, parts.keys), datetime.now(UTC))
    except StoreUnavailable:
        return None


def _ask(parts: Parts, window: str, deadline: Deadline) -> _Stored:
    settings, names = parts.settings, list(parts.settings.connections)

    def ask_standing(conn: Database) -> tuple[Standing, Sequence[Alert]]:
        return standing(conn, settings), open_ones(conn)

    return _Stored(
        stands=deadline.ask(parts.store, ask_standing),
        traffic=deadline.ask(parts.store, lambda conn: traffic(conn, WINDOWS[window], names)),
        silent=deadline.ask(parts.store, lambda conn: silences(conn, names, asking(settings.connections))),
        refused=deadline.ask(parts.store, refused_lately),
        deeds=deadline.ask(parts.store, lambda conn: audit.listed(conn, limit=DEEDS, without=NO_DEEDS)),
        heard=deadline.ask(parts.store, lambda conn: why_unheard(conn, settings)),
        held=deadline.ask(parts.store, waiting_in_held),
    )


def _names(settings: Settings, stands: Known[Standing], stored: _Stored) -> Sequence[str]:
    """Those that are set up, and those that are not and hold something."""
    set_up = [*settings.connections, *(name for name in settings.misconfigured if name not in settings.connections)]
    holding: set[str] = set()
    if stands.value is not None:
        holding |= {each.connection for each in stands.value.for_people if each.number}
    if stored.traffic.value is not None:
        holding |= {name for name, of in stored.traffic.value.connections.items() if of.waiting or of.received}
    return [*set_up, *sorted(holding - set(set_up))]


def _row(
    settings: Settings,
    name: str,
    stands: Known[Standing],
    stored: _Stored,
    misconfigured: Known[Mapping[str, str]],
    left: Known[Mapping[str, Left]],
) -> Row:
    connection = settings.connections.get(name)
    amounts: Known[Amounts] = part(stored.traffic, lambda all_: all_.connections.get(name))
    silence = part(stored.silent, lambda all_: all_.get(name))
    return Row(
        name=name,
        connector=None if connection is None else connection.connector.name,
        address=address(settings, name),
        state=_state(settings, name, stands, misconfigured),
        received=part(stored.traffic, lambda _: amounts.value.received if amounts.value else 0),
        a_minute=part(stored.traffic, lambda _: amounts.value.a_minute if amounts.value else ()),
        waiting=part(stored.traffic, lambda _: amounts.value.waiting if amounts.value else 0),
        held=part(stored.held, lambda all_: all_.get(name, 0)),
        oldest=part(stands, lambda all_: all_.oldest.get(name)),
        dead=part(stands, lambda all_: _people(all_, "dead", name)),
        review=part(stands, lambda all_: _people(all_, "review", name)),
        writes_left=part(left, lambda all_: all_.get(name)),
        quiet=part(silence, lambda found: found.quiet),
        silent=part(silence, lambda found: found.silent),
    )


def _state(
    settings: Settings, name: str, stands: Known[Standing], misconfigured: Known[Mapping[str, str]]
) -> Known[State]:
    """Paused before misconfigured: a pause holds what has come, and both are named where it says what is wrong."""
    if name not in settings.connections:
        told = settings.misconfigured.get(name)
        return Known(State("removed") if told is None else State("misconfigured", told))
    stood = part(stands, lambda all_: _of(settings, all_.states[name]))
    told = (misconfigured.value or {}).get(name)
    if told is None or (stood.value is not None and stood.value.state == "paused"):
        return stood
    return Known(State("misconfigured", told), misconfigured.as_of)


def _of(settings: Settings, state: ConnectionState) -> State:
    if state.paused:
        return State("paused", state.reason or "by a person", state.since, way_out(settings, state))
    return State("active") if state.runs else State("stopped", "Upsales does not answer")


def _people(stands: Standing, fate: str, connection: str | None = None) -> int:
    return sum(each.number for each in stands.for_people if each.fate == fate and connection in (None, each.connection))


def address(settings: Settings, connection: str) -> str:
    """Where its sender posts to, as far as the settings know it."""
    public = settings.public_url or f"http://127.0.0.1:{settings.port}"
    return f"{public.rstrip('/')}/webhooks/{connection}"
