"""Reads what is known of the connections and of what runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection as Transaction

from worker.alerts.findings import Facts, OfConnection, TokenEnds
from worker.instruments.catching_up import unread_senders
from worker.instruments.listening import why_unheard
from worker.instruments.markers import without_marker
from worker.instruments.misconfigured import misconfigured
from worker.instruments.outcomes import REFUSED
from worker.instruments.silence import asking, silences
from worker.instruments.standing import Silence
from worker.instruments.tokens import Ends, known_ends
from worker.keys import Keys
from worker.settings import Settings
from worker.store import Store
from worker.store.db.clock import now
from worker.store.instruments import gauges, processes, totals
from worker.store.instruments.counters import ANSWERED
from worker.store.instruments.gauges import ForPeople
from worker.store.instruments.processes import Process
from worker.store.lanes import connections
from worker.store.lanes.connections import State

LATELY: Final = 900.0
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How each configured connection stands, by its name. `lacking`: of how many kinds it makes records without a marker."""

    states: Mapping[str, State]
    for_people: Sequence[ForPeople]
    oldest: Mapping[str, float]
    lacking: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Running:
    """`swept`: seconds since the last sweep; None if there was none yet."""

    processes: Sequence[Process]
    swept: float | None

    @property
    def workers(self) -> int:
        return len(processes.alive_by_kind(self.processes)["worker"])


@dataclass(frozen=True, slots=True)
class Look:
    """`redis_answers`: whether Redis does, now."""

    store: Store
    settings: Settings
    keys: Keys
    redis_answers: Callable[[], bool]

    def facts(self) -> Facts:
        with self.store.read() as conn:
            stands = standing(conn, self.settings)
            silent = silences(conn, list(self.settings.connections), asking(self.settings.connections))
            heard = why_unheard(conn, self.settings)
            refused = refused_lately(conn)
            unread = unread_senders(conn, self.settings.connections)
            runs = running(conn)
            at = now(conn)
        wrong = misconfigured(self.settings, self.keys)
        ends = token_ends(known_ends(self.settings, self.keys), at)
        told = of_connections(self.settings, stands, silent, refused, wrong, ends, heard)
        told = [replace(each, unread=unread.get(each.name)) for each in told]
        return Facts(connections=told, redis=self.redis_answers(), workers=runs.workers, swept=runs.swept)


def standing(conn: Transaction, settings: Settings) -> Standing:
    names = list(settings.connections)
    states = connections.by_name(conn, names)
    return Standing(
        states=states,
        for_people=gauges.for_people(conn),
        oldest=gauges.oldest_waiting(conn, names),
        lacking={name: len(without_marker(conn, settings, states[name])) for name in names},
    )


def running(conn: Transaction) -> Running:
    swept = processes.last_runs(conn).get("sweep")
    return Running(processes.every(conn), None if swept is None else (now(conn) - swept) / SECOND)


def refused_lately(conn: Transaction) -> Mapping[str, Mapping[str, int]]:
    """By connection and reason."""
    found: dict[str, dict[str, int]] = {}
    for (connection, what), number in totals.lately(conn, LATELY).items():
        reason = what.removeprefix(ANSWERED)
        if what.startswith(ANSWERED) and reason in REFUSED:
            found.setdefault(connection, {})[reason] = number
    return found


def token_ends(found: Mapping[str, Ends], at: datetime) -> Mapping[str, TokenEnds]:
    return {name: TokenEnds((each.at - at) / SECOND, each.cure) for name, each in found.items()}


def of_connections(
    settings: Settings,
    stands: Standing | None,
    silent: Mapping[str, Silence] | None,
    refused: Mapping[str, Mapping[str, int]] | None,
    wrong: Mapping[str, str] | None,
    ends: Mapping[str, TokenEnds] | None,
    heard: Mapping[str, str | None] | None,
) -> Sequence[OfConnection]:
    """What is known of each, of one that is misconfigured too. None: nobody knows, which is no finding."""
    told = [OfConnection(name=name) for name in settings.connections]
    if stands is not None:
        numbers = {(each.connection, each.fate): each.number for each in stands.for_people}
        told = [_standing(each.name, stands, numbers) for each in told]
    told = [
        replace(
            each,
            silent=_silent((silent or {}).get(each.name)),
            refused=(refused or {}).get(each.name, {}),
            misconfigured=(wrong or {}).get(each.name),
            token=(ends or {}).get(each.name),
            unheard=(heard or {}).get(each.name),
        )
        for each in told
    ]
    others = [OfConnection(name=name, misconfigured=line) for name, line in (wrong or {}).items()]
    return [*told, *(each for each in others if each.name not in settings.connections)]


def _standing(name: str, stands: Standing, numbers: Mapping[tuple[str, str], int]) -> OfConnection:
    state = stands.states[name]
    return OfConnection(
        name=name,
        paused=(state.reason or "by a person") if state.paused else None,
        breaks=state.breaks if state.broken_for > 0 else 0,
        dead=numbers.get((name, "dead"), 0),
        review=numbers.get((name, "review"), 0),
        without_marker=stands.lacking[name],
        oldest=stands.oldest[name],
    )


def _silent(silence: Silence | None) -> float | None:
    return silence.quiet if silence is not None and silence.silent else None
