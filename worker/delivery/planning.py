"""Asks for a plan for each event of a claim, and ends events that have none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from worker.errors import NotReadYet, Rejected, RequestErased, RequestGone
from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.fetch import there, wanted
from worker.sdk.read import BACKFILL, OVER_PEOPLE, READ, RECONCILE, BadBody, parts
from worker.sdk.route import plan_event, rank_of, rule_for
from worker.sdk.source import Absent, Get
from worker.sdk.version import version_of
from worker.settings import Connection
from worker.settings.routes import astray, divides
from worker.store import Store
from worker.store.events import events
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome
from worker.store.privacy.masking import ERASED
from worker.store.readings import readings
from worker.store.readings.readings import Reading
from worker.sync.fold import Mend, Planned
from worker.tracing import HEADER, Trace, trace_of

MARK = f'"{ERASED}"'


class StoredRequests:
    """The requests of some waiting events, each fetched and parsed once, when the first of its events is asked for.

    And what was read of the sender's API for them.
    """

    def __init__(self, store: Store, connector: Connector, waiting: Sequence[WaitingEvent]) -> None:
        self._connector = connector
        self._waiting = waiting
        self._parts: dict[str, Sequence[Incoming] | BadBody] = {}
        self._readings: dict[str, dict[str, Reading]] = {}
        with store.read() as conn:
            self._requests = events.requests_of(conn, {event.request_id for event in waiting})
            if self.fetches:
                found = readings.of_events(conn, {event.id for event in waiting})
                self._readings = {event: dict(named) for event, named in found.items()}

    @property
    def fetches(self) -> bool:
        """Whether any of them needs what is read of the sender's API."""
        return any(_fetch(self._connector, event) for event in self._waiting)

    def event(self, waiting: WaitingEvent, connection: str) -> Event:
        """Raises Rejected when the request is gone, was erased or holds fewer events, BadBody when it no longer reads as it did.

        NotReadYet: while what it needs of the sender's API was not read.
        """
        part = self._part(waiting)
        unread = self.wanted(waiting)
        if unread is not None:
            get, thing = unread
            raise NotReadYet(f"{get.kind} {thing} is to be read at the sender first")
        rule = rule_for(self._connector, waiting.type)
        read = self._read(waiting)
        part = replace(part, read=there(read))
        return Event(
            id=waiting.event_id,
            type=waiting.type,
            subject=waiting.subject,
            time=waiting.time,
            payload=part.payload,
            connection=connection,
            version=version_of(rule, part) if isinstance(rule, Handles) else None,
            read=read,
            changed=self._changed(waiting),
        )

    def refuse_astray(self, waiting: WaitingEvent, connection: Connection) -> None:
        """Raises Rejected for an event of a tenant that is another's, or nobody's, and as `event` does."""
        why = astray(connection, self._part(waiting)) if divides(connection) else None
        if why:
            raise Rejected(why)

    def wanted(self, waiting: WaitingEvent) -> tuple[Get, str] | None:
        """What of the sender's API is to be read next for it; None once it can be planned. Raises as `event` does."""
        rule = rule_for(self._connector, waiting.type)
        if not isinstance(rule, Handles) or not rule.fetch:
            return None
        return wanted(rule, self._part(waiting), self._read(waiting))

    def unread(self, waiting: WaitingEvent) -> bool:
        """Whether it has still to be read for. What can't be read as it came is told when it is planned."""
        try:
            return self.wanted(waiting) is not None
        except (Rejected, BadBody):
            return False

    @property
    def behind(self) -> bool:
        """Whether a backfill or a repair brought all of them, whatever they are called: no webhook's request has that method."""
        stored = [self._requests.get(event.request_id) for event in self._waiting]
        return all(each and each.method == READ and each.url.startswith((BACKFILL, RECONCILE)) for each in stored)

    def mend(self, waiting: WaitingEvent) -> Mend | None:
        """How it repairs, if it was stored to. No webhook has that method, whatever it calls itself."""
        request = self._requests.get(waiting.request_id)
        if request is None or request.method != READ or not request.url.startswith(RECONCILE):
            return None
        return "over_people" if request.url.endswith(OVER_PEOPLE) else "careful"

    def learn(self, waiting: WaitingEvent, name: str, reading: Reading) -> None:
        self._readings.setdefault(waiting.id, {})[name] = reading

    def _part(self, waiting: WaitingEvent) -> Incoming:
        try:
            part = self._parts_of(waiting.request_id)[waiting.position]
        except (KeyError, IndexError):
            raise RequestGone("its request is no longer stored, or holds fewer events than it did") from None
        if self._erased(waiting.request_id, part):
            raise RequestErased("its request was erased, in whole or in part: send it again from the sender")
        return part

    def _read(self, waiting: WaitingEvent) -> Mapping[str, Any]:
        return {name: _body(reading) for name, reading in self._readings.get(waiting.id, {}).items()}

    def _changed(self, waiting: WaitingEvent) -> datetime | None:
        """As the first thing that its rule reads tells: the event is about that one."""
        read = self._readings.get(waiting.id, {})
        names = [get.called for get in _fetch(self._connector, waiting)]
        return next((read[name].changed for name in names if name in read and read[name].changed), None)

    def traces(self) -> Mapping[str, Trace]:
        """By event: what a request brings belongs to its trace, however often and wherever it is tried."""
        found = {}
        for event in self._waiting:
            request = self._requests.get(event.request_id)
            found[event.id] = trace_of(event.request_id, request.header(HEADER) if request else None)
        return found

    def _erased(self, request_id: str, part: Incoming) -> bool:
        """Whether texts in it are replaced: they must not be written to Upsales."""
        return MARK.encode() in self._requests[request_id].body and MARK in json.dumps(part.payload)

    def _parts_of(self, request_id: str) -> Sequence[Incoming]:
        if request_id not in self._parts:
            self._parts[request_id] = self._parsed(request_id)
        found = self._parts[request_id]
        if isinstance(found, BadBody):
            raise found
        return found

    def _parsed(self, request_id: str) -> Sequence[Incoming] | BadBody:
        try:
            return parts(self._connector, self._requests[request_id])
        except BadBody as failure:
            return failure


def _fetch(connector: Connector, waiting: WaitingEvent) -> Sequence[Get]:
    return connector.handles[waiting.type].fetch if waiting.type in connector.handles else ()


def _body(reading: Reading) -> Any:
    """Raises RequestErased: what was replaced in it must not be written to Upsales."""
    if reading.status != "read" or reading.body is None:
        what = "unread" if reading.status == "read" else reading.status
        return Absent(what, reading.note or f"{reading.kind} is not there")
    if MARK.encode() in reading.body:
        raise RequestErased("what was read for it was erased, in whole or in part: replay it with --refetch")
    return reading.value


def planned(
    store: Store,
    connection: Connection,
    events: Sequence[WaitingEvent],
    most_claims: int,
    requests: StoredRequests | None = None,
) -> tuple[list[Planned], list[Outcome]]:
    """The plans, in the sender's order.

    Events that ended `most_claims` workers end here, and so do those that are about nothing or can't be read. `requests`: theirs,
    where they were fetched already.
    """
    requests = requests or StoredRequests(store, connection.connector, events)
    found = [_planned(event, connection, requests, most_claims) for event in events]
    plans = [each for each in found if isinstance(each, Planned)]
    return sorted(plans, key=lambda each: each.version), [each for each in found if isinstance(each, Outcome)]


def _planned(
    waiting: WaitingEvent, connection: Connection, requests: StoredRequests, most_claims: int
) -> Planned | Outcome:
    if waiting.claims > most_claims:
        return Outcome(
            waiting.id, "dead", f"its worker stopped {waiting.claims - 1} times without an outcome", code="worker_died"
        )
    try:
        requests.refuse_astray(waiting, connection)
        event = requests.event(waiting, connection.name)
        plan = plan_event(connection.connector, connection.settings, event)
    except (Rejected, BadBody) as failure:
        code = failure.code if isinstance(failure, Rejected) else "unreadable"
        return Outcome(waiting.id, "dead", str(failure), code=code)
    if isinstance(plan, Ignored):
        return Outcome(waiting.id, "ignored", plan.rule, code=plan.code)
    if not plan:
        return Outcome(waiting.id, "ignored", "its plan is empty", code="empty_plan")
    return Planned(
        event=waiting.id,
        time=event.counts_as_of,
        seq=waiting.seq,
        connection=connection.name,
        plan=plan,
        sender_version=event.version,
        rank=rank_of(connection.connector, event.type),
        mend=requests.mend(waiting),
    )
