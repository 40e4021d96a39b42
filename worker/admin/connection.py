"""Tells all that is known of one connection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from sqlalchemy import Connection as Database

from worker.admin import events
from worker.admin.catching_up import CatchingUp, catching_up
from worker.admin.connections import Counts, counts, standing_of_all
from worker.admin.credentials import Credentials, credentials
from worker.admin.cursors import Place
from worker.admin.events import EventPage
from worker.admin.filters import Filters
from worker.admin.key_budgets import Budgets, KeyBudget
from worker.admin.known import Known, ask
from worker.admin.marks import Mark, mark
from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.admin.refusals import NotThere
from worker.admin.standing import Standing
from worker.errors import did_you_mean
from worker.instruments.outcomes import REFUSED
from worker.instruments.silence import asking, silences, usual_now
from worker.sdk.settings import describe
from worker.settings import Connection, Settings
from worker.settings.catch_up import usual_of
from worker.settings.values import BODY_LIMIT
from worker.store.instruments.counters import ANSWERED
from worker.store.instruments.minutely import lately
from worker.store.ledger import marker_fields
from worker.store.people import audit
from worker.store.people.audit import Deed
from worker.upsales.marker_fields import marked

LATELY = 60
"""Minutes."""
EVENTS = 10
DEEDS = 10


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: for how long it is `quiet`, and may be. `usual`: how many events came in this hour of the weeks before."""

    quiet: float | None
    limit: float | None
    silent: bool
    usual: Sequence[int]


@dataclass(frozen=True, slots=True)
class LastHour:
    """By the minute, the oldest first: calls to Upsales, those of them that write. `refused`: requests, by reason."""

    calls: Sequence[int]
    writes: Sequence[int]
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Setting:
    """As it was read. `usual`: as it is without being set."""

    name: str
    value: str
    usual: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the settings alone tell of a connection that is set up. `read_from`: relay.toml; None: there is none."""

    read_from: str | None
    settings: Sequence[Setting]
    urgent: Sequence[str]
    writes: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Each part is known, or not, by itself. None: of a connection that is not set up there is no such thing."""

    standing: Standing
    counts: Known[Counts]
    credentials: Known[Credentials] | None
    marks: Known[Sequence[Mark]] | None
    budget: Known[KeyBudget] | None
    rhythm: Known[Rhythm]
    catching_up: Known[CatchingUp] | None
    hour: Known[LastHour]
    events: Known[EventPage]
    people: Known[Sequence[Deed]]
    facts: Facts | None


def detail(parts: Parts, name: str) -> Known[Detail]:
    """Raises NotThere."""
    found = standing_of_all(parts)
    if found.value is None:
        return Known(None, why=found.why)
    standing = next((each for each in found.value if each.name == name), None)
    if standing is None:
        raise NotThere(f"there is no connection {name}; {did_you_mean(name, [each.name for each in found.value])}")
    connection, store = parts.settings.connections.get(name), parts.store
    made = Detail(
        standing=standing,
        counts=ask(store, lambda conn: counts(conn, [name])[name]),
        credentials=credentials(parts, connection) if connection else None,
        marks=ask(store, lambda conn: marks(conn, parts, connection, standing)) if connection else None,
        budget=Budgets(parts).of(name, standing.account) if connection else None,
        rhythm=ask(store, lambda conn: rhythm(conn, name, asking(parts.settings.connections))),
        catching_up=ask(store, lambda conn: catching_up(conn, connection)) if connection else None,
        hour=ask(store, lambda conn: last_hour(conn, name)),
        events=events.page(store, Filters(connection=(name,)), Place(limit=EVENTS)),
        people=ask(store, lambda conn: audit.listed(conn, about=about(name), limit=DEEDS)),
        facts=facts(parts.settings, connection) if connection else None,
    )
    return Known(made, found.as_of)


def marks(conn: Database, parts: Parts, connection: Connection, standing: Standing) -> Sequence[Mark]:
    """Of what it makes, as far as anybody has looked."""
    known = marker_fields.known(conn, standing.account, parts.settings.upsales.external_id)
    return [mark(each, known.get(each)) for each in marked(connection.makes)]


def rhythm(conn: Database, name: str, asks: Mapping[str, float]) -> Rhythm:
    found = silences(conn, [name], asks)[name]
    return Rhythm(found.quiet, found.limit, found.silent, usual_now(conn, name))


def last_hour(conn: Database, name: str) -> LastHour:
    found = lately(conn, name, LATELY)
    refused: dict[str, int] = {reason: n for reason in REFUSED if (n := found.counted[ANSWERED + reason])}
    return LastHour(found.calls, found.writes, refused)


def facts(settings: Settings, connection: Connection) -> Facts:
    return Facts(
        read_from=str(settings.config) if settings.config else None,
        settings=list(_settings(connection)),
        urgent=sorted(name for name, handles in connection.connector.handles.items() if handles.priority),
        writes={resource: sorted(verbs) for resource, verbs in sorted(connection.writes.items())},
    )


def _settings(connection: Connection) -> Iterator[Setting]:
    """A connector's settings hold no secrets: those are none of relay.toml's."""
    for each in describe(connection.connector.settings):
        value = getattr(connection.settings, each.name)
        yield Setting(each.name, _written(value), not each.required and value == each.default, each.doc)
    limit = connection.body_limit
    yield Setting("body_limit", str(limit), limit == BODY_LIMIT, "The largest body, in bytes.")
    every = "off" if connection.catch_up is None else f"{connection.catch_up:g} s"
    yield Setting(
        "catch_up", every, usual_of(connection) == connection.catch_up, "How often what changed at the sender is read."
    )


def _written(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
