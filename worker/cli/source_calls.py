"""Shows what was read of senders, for `relay calls --sources` and `relay events show`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from worker.admin.source_calls import Filters, found
from worker.cli.follow import Changes
from worker.store import Store
from worker.store.db.clock import now
from worker.store.ledger.call_pages import Place
from worker.store.ledger.source_calls import SourceCall

COLUMNS: Final = ("started", "connection", "kind", "thing", "status", "seconds", "event", "why", "code")
LATELY: Final = timedelta(minutes=5)
"""Longer than any reading takes: it is written down when it has ended."""
MOST: Final = 20_000
DONE: Final = "done"


class SourceTail:
    """The readings that were written down since it was made."""

    def __init__(self, store: Store, wanted: Filters) -> None:
        self._store, self._wanted = store, wanted
        self._changes = Changes(dict.fromkeys(self._lately(), DONE))

    def news(self) -> Sequence[SourceCall]:
        """The first first."""
        lately = self._lately()
        new = self._changes.new(dict.fromkeys(lately, DONE))
        return [lately[each] for each in new]

    def _lately(self) -> dict[str, SourceCall]:
        with self._store.read() as conn:
            since = (now(conn) - LATELY).isoformat()
            calls = found(conn, replace(self._wanted, since=(since,)), Place(MOST))
        return {call.id: call for call in reversed(calls)}


def rows(calls: Sequence[SourceCall]) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "started": call.started_at,
            "connection": call.connection,
            "key": call.fingerprint,
            "kind": call.kind,
            "thing": call.thing,
            "status": call.status,
            "seconds": round(call.duration, 3),
            "event": call.event,
            "why": f"{call.event_type} {call.subject}" if call.event_type else None,
            "code": call.code,
        }
        for call in calls
    ]
