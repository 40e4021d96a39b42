"""Tells what the events of a request would do in Upsales, and does nothing.

Upsales is not asked, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from web.inbound import note_of
from web.ports import Clock
from worker.errors import Rejected
from worker.plan import Ignored
from worker.sdk.connector import Event
from worker.sdk.plan_json import as_json
from worker.sdk.read import ReadEvent
from worker.sdk.route import fetched, plan_event, rank_of
from worker.settings import Connection, Settings
from worker.settings.timing import timing_of
from worker.store import Store
from worker.store.ledger.known import known_to
from worker.sync.context import Access
from worker.sync.dry_run import DryRunCrm, Outcome, json_outcome, outcome_of
from worker.sync.dry_run_ledger import DryRunLedger
from worker.sync.fold import Planned

LAST = 2**62
"""Its place in the order of arrival: after all that is there."""


class DryRun:
    """The plan and the calls of each event, in the order of the request. What an event makes is there for the next one."""

    def __init__(self, store: Store, settings: Settings, now: Clock) -> None:
        self._store = store
        self._upsales = settings.upsales
        self._timing = timing_of(settings)
        self._matching = settings.matching
        self._now = now

    def __call__(self, connection: Connection, events: Sequence[ReadEvent]) -> Sequence[Mapping[str, Any]]:
        ledger = DryRunLedger(known_to(self._store, connection.name, self._upsales.settled_after))
        return [self._told(connection, each, ledger) for each in events]

    def _told(self, connection: Connection, read: ReadEvent, ledger: DryRunLedger) -> Mapping[str, Any]:
        event = Event(
            id=read.id,
            type=read.type,
            subject=read.subject,
            time=read.time or self._now(),
            payload=read.payload,
            connection=connection.name,
            version=read.version,
        )
        told = {
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "note": note_of(connection, read),
        }
        told["time"] = event.time.astimezone(UTC).isoformat()
        return {**told, **self._outcome(connection, read, event, ledger)}

    def _outcome(
        self, connection: Connection, read: ReadEvent, event: Event, ledger: DryRunLedger
    ) -> Mapping[str, Any]:
        if read.problem:
            return _ended(f"dead: {read.problem}")
        unread = [get.kind for get in fetched(connection.connector, event.type)]
        if unread:
            return _ended(f"its sender's API is read first ({', '.join(unread)}): `relay explain` reads it, too")
        try:
            plan = plan_event(connection.connector, connection.settings, event)
        except Rejected as failure:
            return _ended(f"dead: {failure}")
        if isinstance(plan, Ignored):
            return _ended(f"ignored: {plan.rule}")
        planned = Planned(
            event=event.id,
            time=event.counts_as_of,
            seq=LAST,
            connection=connection.name,
            plan=plan,
            sender_version=event.version,
            rank=rank_of(connection.connector, event.type),
        )
        crm = DryRunCrm(self._upsales.external_id, connection.writes)
        access = Access(crm, ledger, self._timing, matching=self._matching, adoption=connection.adoption)
        return {"plan": as_json(plan), **json_outcome(outcome_of(planned, crm, access))}


def _ended(ending: str) -> Mapping[str, Any]:
    return {"plan": [], **json_outcome(Outcome(ending=ending))}
