"""Reads what is known of the connections and of what runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection as Transaction

from worker.alerts.findings import Facts, OfConnection
from worker.instruments.markers import without_marker
from worker.instruments.misconfigured import misconfigured
from worker.instruments.outcomes import REFUSED
from worker.instruments.silence import silences
from worker.keys import Keys
from worker.settings import Settings
from worker.store import Store
from worker.store.db.clock import now
from worker.store.instruments import gauges, processes, totals
from worker.store.instruments.counters import ANSWERED
from worker.store.lanes import connections
from worker.store.lanes.connections import State

LATELY: Final = 900.0
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    """`redis_answers`: whether Redis does, now."""

    store: Store
    settings: Settings
    keys: Keys
    redis_answers: Callable[[], bool]

    def facts(self) -> Facts:
        names = list(self.settings.connections)
        with self.store.read() as conn:
            states = connections.by_name(conn, names)
            for_people = gauges.numbers_for_people(conn)
            oldest = gauges.oldest_waiting(conn, names)
            silent = silences(conn, names)
            refused = _refused(totals.lately(conn, LATELY))
            of = [
                replace(
                    self._of(conn, states[name], for_people),
                    oldest=oldest[name],
                    silent=silent[name].quiet if silent[name].silent else None,
                    refused=refused.get(name, {}),
                )
                for name in names
            ]
            alive = processes.alive_by_kind(processes.every(conn))
            swept = processes.last_runs(conn).get("sweep")
            since = None if swept is None else (now(conn) - swept) / SECOND
        wrong = misconfigured(self.settings, self.keys)
        told = [replace(each, misconfigured=wrong.get(each.name)) for each in of]
        told += [OfConnection(name=name, misconfigured=line) for name, line in wrong.items() if name not in names]
        return Facts(
            connections=told,
            redis=self.redis_answers(),
            workers=len(alive["worker"]),
            swept=since,
        )

    def _of(self, conn: Transaction, state: State, for_people: Mapping[tuple[str, str], int]) -> OfConnection:
        return OfConnection(
            name=state.name,
            paused=(state.reason or "by a person") if state.paused else None,
            breaks=state.breaks if state.broken_for > 0 else 0,
            dead=for_people.get((state.name, "dead"), 0),
            review=for_people.get((state.name, "review"), 0),
            without_marker=len(without_marker(conn, self.settings, state)),
        )


def _refused(counts: Mapping[tuple[str, str], int]) -> Mapping[str, Mapping[str, int]]:
    """By connection and reason."""
    found: dict[str, dict[str, int]] = {}
    for (connection, what), number in counts.items():
        reason = what.removeprefix(ANSWERED)
        if what.startswith(ANSWERED) and reason in REFUSED:
            found.setdefault(connection, {})[reason] = number
    return found
