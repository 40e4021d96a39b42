"""Reads what the database tells of the installation, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import MultiFernet

from worker.cli.doctor.facts import Lanes
from worker.errors import ConfigError
from worker.instruments.silence import asking, silences
from worker.instruments.standing import Silence
from worker.keys import grants, stored
from worker.settings import Connection
from worker.store import Store
from worker.store.db.clock import now
from worker.store.instruments import gauges, processes, totals
from worker.store.instruments.counters import ANSWERED
from worker.store.instruments.processes import Process
from worker.store.lanes import backlog, connections, holds, lanes
from worker.store.lanes.connections import State
from worker.store.sources import cursors
from worker.store.sources.cursors import Progress
from worker.store.streams import leases, offsets
from worker.store.streams.leases import Listening

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    now: datetime
    states: Mapping[str, State]
    lanes: Mapping[str, Lanes]
    answered: Mapping[str, Mapping[str, int]]
    silences: Mapping[str, Silence]
    processes: Sequence[Process]
    last_sweep: datetime | None
    waiting: int
    catching_up: Sequence[Progress] = ()
    used: Mapping[tuple[str, str, str], datetime]
    listening: Mapping[str, Listening]
    stored_at: Mapping[str, datetime]
    """When anything was last stored of a stream."""

    @property
    def nameless(self) -> int:
        return self.answered.get("", {}).get("unknown", 0)


def read(store: Store, configured: Mapping[str, Connection]) -> Stored:
    """Of these connections. Raises StoreUnavailable."""
    names = list(configured)
    with store.read() as conn:
        at = now(conn)
        answered: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (connection, what), count in totals.lately(conn, HOUR).items():
            if what.startswith(ANSWERED):
                answered[connection][what.removeprefix(ANSWERED)] = count
        oldest = gauges.oldest_waiting(conn, names)
        queued = gauges.replays_queued(conn)
        for_people = gauges.numbers_for_people(conn)
        return Stored(
            now=at,
            states=connections.by_name(conn, names),
            lanes={
                name: Lanes(
                    due=backlog.lanes_due(conn, name),
                    worked_on=len(lanes.owned(conn, name)),
                    oldest=oldest[name],
                    parked=queued.get(name, 0),
                    dead=for_people.get((name, "dead"), 0),
                    review=for_people.get((name, "review"), 0),
                    held=holds.held(conn, name),
                )
                for name in names
            },
            answered=answered,
            silences=silences(conn, names, asking(configured)),
            catching_up=cursors.progress(conn),
            processes=processes.every(conn),
            last_sweep=processes.last_runs(conn).get("sweep"),
            waiting=sum(totals.waiting(totals.totals(conn)).values()),
            used=stored.last_used(store),
            listening=leases.standing(conn, names),
            stored_at=offsets.latest(conn),
        )


def sealed(store: Store, cipher: MultiFernet | None) -> str | None:
    """What is wrong with the master key: what is stored encrypted and does not open."""
    rows = stored.in_force(store)
    shut = []
    for row in rows:
        try:
            row.value(cipher)
        except ConfigError:
            shut.append(row.connection)
    with store.read() as conn:
        granted = grants.every(conn)
    shut += [each.connection for each in granted if not grants.opens(each, cipher)]
    if not shut:
        return None
    which = ", ".join(sorted(set(shut)))
    if cipher is None:
        return f"RELAY_MASTER_KEY is not set, and {len(shut)} stored keys and secrets need it: those of {which}"
    return (
        f"{len(shut)} stored keys and secrets ({which}) were stored under another RELAY_MASTER_KEY:"
        " add that key behind a comma, or set them anew with `relay keys set`"
    )
