"""Finds out what is to be shown of the events that a worker had in hand; never fails."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from worker.delivery import fates
from worker.queue.fate import Fate
from worker.settings import Connection as Configured
from worker.store import Store, StoreUnavailable
from worker.store.events.standing import Standing, behind, standings
from worker.store.lanes import connections

MOST_BEHIND = 20
"""Of the events that wait in a lane behind those that were claimed. The next claim tells of the others."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reports:
    store: Store
    configured: Mapping[str, Configured]

    def found_ended(self, event: str) -> Sequence[Fate]:
        """Of an event that another worker had ended when its message was taken."""
        return self._read(event, (), before=True) or [fates.gone(event)]

    def worked_on(self, event: str, claimed: Collection[str]) -> Sequence[Fate]:
        """Of the event that a message named, of those that were `claimed` with it, and of those that have to wait behind them."""
        return self._read(event, claimed)

    def _read(self, event: str, claimed: Collection[str], *, before: bool = False) -> Sequence[Fate]:
        try:
            with self.store.read() as conn:
                return self._fates(conn, event, claimed, before=before)
        except StoreUnavailable:
            return [fates.away(event)]
        except Exception as error:  # noqa: BLE001 - the outcome is committed, whatever goes wrong here
            log.warning("what became of an event can't be shown", error=type(error).__name__)
            return []

    def _fates(self, conn: Connection, event: str, claimed: Collection[str], *, before: bool) -> Sequence[Fate]:
        found = standings(conn, {event, *claimed})
        waiting = next((each for each in found if each.waits), None)
        state = None
        if waiting is not None and waiting.connection in self.configured:
            state = connections.get(conn, waiting.connection)
        if waiting is not None and (waiting.put_off or state is None or not state.runs):
            found = [*found, *_behind(conn, waiting, found)]
        shown = (fates.fate(each, state, before=before, mine=each.id == event) for each in found)
        return [each for each in shown if each is not None]


def _behind(conn: Connection, waiting: Standing, known: Sequence[Standing]) -> Sequence[Standing]:
    ids = set(behind(conn, waiting.connection, waiting.subject, MOST_BEHIND))
    return standings(conn, ids - {each.id for each in known})
