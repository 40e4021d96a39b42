"""What we know of one connection's records, kept in the database: each method one transaction, fenced by the lane's token.

Rows are locked in one order everywhere (lane, link, identities, record, call), so that workers never wait for each other in a circle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from worker.errors import Busy, LeaseLost
from worker.plan import Key, Match, Resource
from worker.ports import Answer, CallState, Held, Identity, Json, Link, LinkState, Record
from worker.store import calls, identities, links, records
from worker.store.calls import Caller
from worker.store.engine import Store
from worker.store.fence import Fence, guard

# The lane must outlive what is done under its token: the call, and the transaction that records its answer.
MARGIN = 10.0
SHORTEST_WAIT = 0.1
WAIT_FOR_THE_LOST = 5.0


class SqlLedger:
    """The Ledger of one claim. `event`: on whose behalf its calls are journalled.

    `horizon`: after so many seconds a call that was made again is looked for once more.
    """

    def __init__(
        self, store: Store, fence: Fence, *, account: int, fingerprint: str, event: str | None, horizon: float
    ) -> None:
        self.connection = fence.connection
        self._store = store
        self._fence = fence
        self._account = account
        self._caller = Caller(fence.connection, account, fingerprint, event)
        self._horizon = horizon
        self._holder = hashlib.sha256(f"{fence.connection}\n{fence.subject}\n{fence.token}".encode()).hexdigest()
        self._looked_up: dict[tuple[Resource, identities.Place], int | None] = {}

    def link(self, key: Key) -> Link | None:
        with self._store.read() as conn:
            row = links.find(conn, self.connection, key)
            if row is None:
                return None
            pending = calls.pending(conn, row.call_id) if row.state == LinkState.CREATING else None
            return Link(LinkState(row.state), row.record_id, pending)

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        with self._store.read() as conn:
            return links.owner(conn, self.connection, self._account, resource, record_id)

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        where = identities.place(match)
        with self._store.read() as conn:
            row = identities.find(conn, self._account, resource, where)
        self._looked_up[resource, where] = row.record_id if row else None
        return Identity(row.record_id, max((row.now - row.seen_at) / timedelta(seconds=1), 0.0)) if row else None

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:
        where = identities.place(match)
        with self._fenced() as conn:
            identities.forget(conn, self._account, resource, where, record_id)
        self._looked_up[resource, where] = None

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:
        with self._fenced() as conn:
            identities.point(conn, self._account, resource, [match], record_id)

    def adopt(self, key: Key, record_id: int, matches: Sequence[Match], seen: Mapping[str, Held]) -> None:
        """Raises Busy while a create of the same key may still be on its way."""
        with self._fenced() as conn:
            row = links.find(conn, self.connection, key, lock=True)
            ended = self._given_up_create(conn, key, row)
            links.join(conn, self.connection, key, self._account, record_id)
            identities.fulfil(conn, self._account, self.connection, key, record_id)
            identities.point(conn, self._account, key.resource, matches, record_id)
            records.fill(conn, self._account, key.resource, record_id, seen)
            if ended is not None:
                calls.close(conn, ended, "done", record_id=record_id)

    def record(self, resource: Resource, record_id: int) -> Record:
        with self._store.read() as conn:
            fields = records.fields(conn, self._account, resource, record_id)
            return self._as_record(conn, resource, record_id, fields)

    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:
        with self._fenced(seconds) as conn:
            row = links.find(conn, self.connection, key, lock=True)
            if row is not None and row.state == LinkState.LINKED:
                raise Busy(f"the {key.resource} was just made by another worker", seconds=SHORTEST_WAIT)
            ended = self._given_up_create(conn, key, row)
            call = calls.new_id()
            if row is not None:
                links.restart(conn, self.connection, key, self._account, call)
            elif not links.begin(conn, self.connection, key, self._account, call):
                raise Busy(f"the {key.resource} is being made by another worker", seconds=SHORTEST_WAIT)
            for where in identities.places(matches):
                self._reserve(conn, key, where)
            if ended is not None:
                calls.lose(conn, ended, self._horizon)
            calls.intend(conn, call, self._caller, key.resource, sent, seconds, key=key.id)
            return call

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        with self._fenced() as conn:
            row = links.find(conn, self.connection, key, lock=True)
            ours = row is not None and row.call_id == call
            if ours:
                links.join(conn, self.connection, key, self._account, answer.id)
                identities.fulfil(conn, self._account, self.connection, key, answer.id)
                identities.add(conn, self._account, key.resource, matches, answer.id)
                records.merge(conn, self._account, key.resource, answer.id, fields)
                calls.done(conn, call, answer)
            else:
                calls.surfaced(conn, call, answer)
        if not ours:
            raise LeaseLost(f"{key.resource} {key.id!r} was given up and made by another worker meanwhile")

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:
        with self._fenced(seconds) as conn:
            fields = records.take(conn, self._account, resource, record_id, self._holder, seconds)
            return self._as_record(conn, resource, record_id, fields)

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        with self._fenced() as conn:
            if fields:
                records.merge(conn, self._account, resource, record_id, fields)
            records.give_back(conn, self._account, resource, record_id, self._holder)

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str:
        with self._fenced(seconds) as conn:
            records.take(conn, self._account, resource, record_id, self._holder, seconds + MARGIN)
            call = calls.new_id()
            calls.intend(conn, call, self._caller, resource, sent, seconds, record_id=record_id)
            return call

    def updated(
        self,
        call: str,
        resource: Resource,
        record_id: int,
        answer: Answer,
        matches: Sequence[Match],
        fields: Mapping[str, Held],
    ) -> None:
        with self._fenced() as conn:
            identities.point(conn, self._account, resource, matches, record_id)
            identities.drop_others(conn, self._account, resource, matches, record_id)
            records.merge(conn, self._account, resource, record_id, fields)
            records.give_back(conn, self._account, resource, record_id, self._holder)
            calls.done(conn, call, answer)

    def settled(self, call: str, *, effective: bool) -> None:
        with self._fenced() as conn:
            calls.close(conn, call, "done" if effective else "failed")

    def failed(self, call: str, error: Exception) -> None:
        with self._fenced() as conn:
            row = calls.find(conn, call)
            if row.record_id is not None:
                records.give_back(conn, self._account, row.resource, row.record_id, self._holder)
            elif links.abandon(conn, self.connection, _key(row), call):
                identities.give_up(conn, self._account, self.connection, _key(row))
            calls.failed(conn, call, error)

    def unknown(self, call: str, error: Exception) -> None:
        with self._fenced() as conn:
            row = calls.find(conn, call)
            if row.record_id is not None:
                records.give_back(conn, self._account, row.resource, row.record_id, self._holder)
            calls.unknown(conn, call, error)

    def looked(self, call: str) -> None:
        with self._fenced() as conn:
            calls.looked(conn, call)

    def later_create(self, call: str) -> tuple[Resource, int] | None:
        with self._store.read() as conn:
            return calls.later_create(conn, self._account, call)

    def gone(self, resource: Resource, record_id: int, *, final: bool) -> None:
        with self._fenced() as conn:
            links.bury(conn, self._account, resource, record_id, final=final)
            identities.bury(conn, self._account, resource, record_id)
            records.bury(conn, self._account, resource, record_id)
            for pending in calls.pending_on(conn, self._account, resource, record_id):
                calls.close(conn, pending.id, "failed", error="the record no longer exists")

    @contextmanager
    def _fenced(self, seconds: float = 0.0) -> Iterator[Connection]:
        with self._store.write() as conn:
            guard(conn, self._fence, seconds + MARGIN)
            yield conn

    def _as_record(self, conn: Connection, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> Record:
        return Record(resource, record_id, fields, calls.pending_on(conn, self._account, resource, record_id))

    def _given_up_create(self, conn: Connection, key: Key, link: Row[Any] | None) -> str | None:
        """The key's create whose answer nobody waits for any more. Raises Busy while somebody does."""
        if link is None or link.state != LinkState.CREATING:
            return None
        pending = calls.pending(conn, link.call_id)
        if pending is None:
            return None
        if pending.state is CallState.OPEN and pending.remaining > 0:
            raise Busy(
                f"the {key.resource} is being made by another worker", seconds=max(pending.remaining, SHORTEST_WAIT)
            )
        return pending.id

    def _reserve(self, conn: Connection, key: Key, where: identities.Place) -> None:
        """Raises Busy when the value is being made, or was made since it was looked up."""
        taken = identities.reserve(conn, self._account, where, self.connection, key)
        if taken is None:
            return
        if taken.record_id is None:
            raise Busy(f"another worker is making the {key.resource} with this {where[0]}", seconds=_wait(conn, taken))
        # A record that was known at look-up was not found to be the one meant; it keeps the value.
        if self._looked_up.get((key.resource, where), taken.record_id) != taken.record_id:
            raise Busy(f"the {key.resource} with this {where[0]} was just made", seconds=SHORTEST_WAIT)


def _wait(conn: Connection, reservation: Row[Any]) -> float:
    """How long the create that holds the reservation may still take."""
    key = Key(calls.as_resource(reservation.resource), reservation.key)
    link = links.find(conn, reservation.connection, key)
    pending = calls.pending(conn, link.call_id) if link else None
    if pending is None or pending.state is not CallState.OPEN:
        return WAIT_FOR_THE_LOST
    return max(pending.remaining, SHORTEST_WAIT)


def _key(call: Row[Any]) -> Key:
    return Key(calls.as_resource(call.resource), call.key)
