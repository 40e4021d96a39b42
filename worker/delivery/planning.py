"""Asks for a plan for each event of a claim, and ends events that have none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from worker.errors import Rejected, RequestErased, RequestGone
from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.read import BadBody, parts
from worker.sdk.route import plan_event, rank_of, rule_for
from worker.sdk.version import version_of
from worker.settings import Connection
from worker.settings.routes import astray
from worker.store import Store
from worker.store.events import events
from worker.store.events.events import WaitingEvent
from worker.store.events.outcomes import Outcome
from worker.store.privacy.masking import ERASED
from worker.sync.fold import Planned
from worker.tracing import HEADER, Trace, trace_of

MARK = f'"{ERASED}"'


class StoredRequests:
    """The requests of some waiting events, each fetched and parsed once, when the first of its events is asked for."""

    def __init__(self, store: Store, connector: Connector, waiting: Sequence[WaitingEvent]) -> None:
        self._connector = connector
        self._waiting = waiting
        self._parts: dict[str, Sequence[Incoming] | BadBody] = {}
        with store.read() as conn:
            self._requests = events.requests_of(conn, {event.request_id for event in waiting})

    def event(self, waiting: WaitingEvent, connection: str) -> Event:
        """Raises Rejected when the request is gone, was erased or holds fewer events, BadBody when it no longer reads as it did."""
        try:
            part = self._parts_of(waiting.request_id)[waiting.position]
        except (KeyError, IndexError):
            raise RequestGone("its request is no longer stored, or holds fewer events than it did") from None
        if self._erased(waiting.request_id, part):
            raise RequestErased("its request was erased, in whole or in part: send it again from the sender")
        rule = rule_for(self._connector, waiting.type)
        return Event(
            id=waiting.event_id,
            type=waiting.type,
            subject=waiting.subject,
            time=waiting.time,
            payload=part.payload,
            connection=connection,
            version=version_of(rule, part) if isinstance(rule, Handles) else None,
        )

    def refuse_astray(self, waiting: WaitingEvent, connection: Connection) -> None:
        """Raises Rejected for an event of a tenant that is another's, or nobody's. Its request was read before."""
        why = astray(connection, self._parts_of(waiting.request_id)[waiting.position]) if connection.tenants else None
        if why:
            raise Rejected(why)

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
        event = requests.event(waiting, connection.name)
        requests.refuse_astray(waiting, connection)
        plan = plan_event(connection.connector, connection.settings, event)
    except (Rejected, BadBody) as failure:
        code = failure.code if isinstance(failure, Rejected) else "unreadable"
        return Outcome(waiting.id, "dead", str(failure), code=code)
    if isinstance(plan, Ignored):
        return Outcome(waiting.id, "ignored", plan.rule, code="rule")
    if not plan:
        return Outcome(waiting.id, "ignored", "its plan is empty", code="empty_plan")
    return Planned(
        event=waiting.id,
        time=waiting.time,
        seq=waiting.seq,
        connection=connection.name,
        plan=plan,
        sender_version=event.version,
        rank=rank_of(connection.connector, event.type),
    )
