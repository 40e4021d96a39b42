"""Implements the ledger in the database.

Each method is one transaction, fenced by the lane's token.

Who changes links or identities has them alone (`one_at_a_time`); rows are locked in the order lane, record, call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from worker.errors import Busy, LeaseLost, MadeTwice
from worker.plan import Key, Match, QualifiedKey, Resource
from worker.store.db.engine import Store
from worker.store.db.sql import one_at_a_time, readable
from worker.store.events import kept, replay
from worker.store.lanes import connections
from worker.store.lanes.lanes import Fence, guard
from worker.store.ledger import creates, identities, links, rechecks, records, write_calls
from worker.store.ledger.creates import SHORTEST_WAIT
from worker.store.ledger.write_calls import Caller
from worker.sync.records import Answer, Held, Identity, Json, Link, LinkState, Record, unpacked_fields

# The lane must outlive what is done under its token: the call, and the transaction that records its answer.
MARGIN = 10.0


class SqlLedger:
    """The Ledger of one claim. `event`: on whose behalf its calls are journalled.

    `settled_after`: after so many seconds a call that was made again, or that nobody ended, is looked for once more.
    """

    def __init__(
        self, store: Store, fence: Fence, *, account: int, fingerprint: str, event: str | None, settled_after: float
    ) -> None:
        self.connection = fence.connection
        self._store = store
        self._fence = fence
        self._account = account
        self._caller = Caller(fence.connection, account, fingerprint, event)
        self._settled_after = settled_after
        self._holder = hashlib.sha256(f"{fence.connection}\n{fence.subject}\n{fence.token}".encode()).hexdigest()
        # What was answered before: a decision that rests on it must not be carried out when it has changed.
        self._identities: dict[tuple[Resource, identities.Place], int | None] = {}
        self._owners: dict[tuple[Resource, int], Key | None] = {}
        self._begun: dict[Key, str | None] = {}
        self._held: set[tuple[Resource, int]] = set()

    def link(self, key: Key) -> Link | None:
        with self._store.read() as conn:
            row, open_write = creates.find(conn, self.connection, key)
            self._begun[key] = creates.begun(row)
            if row is None:
                return None
            erased = row.key != key.id
            undecided = creates.begun(row) is not None and (open_write is None or rechecks.undecided(conn, row.call_id))
            missing = row.missing_since is not None
        if erased:
            with self._fenced() as conn:
                one_at_a_time(conn, self._account, key.resource)
                links.restore(conn, self.connection, key)
        return Link(LinkState(row.state), row.record_id, open_write, undecided, missing)

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        with self._store.read() as conn:
            found = links.owner(conn, self.connection, self._account, resource, record_id)
        self._owners[resource, record_id] = found
        return found

    def taken(self, resource: Resource, record_id: int) -> bool:
        with self._store.read() as conn:
            return links.any_to(conn, self._account, resource, record_id)

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        where = identities.place(match)
        with self._store.read() as conn:
            row = identities.find(conn, self._account, resource, where)
            maker = undecided = None
            if row is not None and row.record_id is None:
                maker, undecided = creates.maker(row), creates.undecided(conn, row)
        self._identities[resource, where] = row.record_id if row else None
        if row is None:
            return None
        return Identity(row.record_id, max((row.now - row.seen_at) / timedelta(seconds=1), 0.0), undecided, maker)

    def natural_fields(self, key: Key) -> frozenset[str]:
        with self._store.read() as conn:
            row = links.find(conn, self.connection, key)
            record_id = None if row is None else row.record_id
            return identities.fields_of(conn, self._account, self.connection, key, record_id)

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:
        where = identities.place(match)
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, resource)
            identities.forget(conn, self._account, resource, where, record_id)
        self._identities[resource, where] = None

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, resource)
            identities.point(conn, self._account, resource, [match], record_id)

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,
    ) -> None:
        """Raises Busy while a create of the same key may still be on its way, too."""
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, key.resource)
            row = links.find(conn, self.connection, key)
            ended = creates.given_up(conn, row, record_id)
            if row is None or row.record_id != record_id:
                self._check_owner(conn, key, record_id)
            if lost is not None:
                links.move(conn, self._account, key.resource, lost, record_id)
                identities.move(conn, self._account, key.resource, lost, record_id)
                self._forget_record(conn, key.resource, lost)
            links.join(conn, self.connection, key, self._account, record_id)
            identities.fulfil(conn, self._account, self.connection, key, record_id)
            identities.point(conn, self._account, key.resource, matches, record_id)
            records.fill(conn, self._account, key.resource, record_id, seen)
            if ended is not None:
                write_calls.close(conn, ended, "done", record_id=record_id)
        kept.apply_kept(self._store, QualifiedKey.of(self.connection, key))

    def renamed(self, key: Key) -> None:
        with self._fenced() as conn:
            links.rename(conn, self.connection, key)

    def record(self, resource: Resource, record_id: int) -> Record:
        with self._store.read() as conn:
            fields = records.fields(conn, self._account, resource, record_id)
            return self._as_record(conn, resource, record_id, fields)

    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:
        with self._fenced(seconds) as conn:
            one_at_a_time(conn, self._account, key.resource)
            row = links.find(conn, self.connection, key)
            if row is not None and row.state == LinkState.LINKED:
                raise Busy(f"the {key.resource} was just made by another worker", seconds=SHORTEST_WAIT)
            ended = creates.given_up(conn, row, None)
            if self._begun.get(key, creates.begun(row)) != creates.begun(row):
                raise Busy(f"the {key.resource} was begun by another worker", seconds=SHORTEST_WAIT)
            call = write_calls.new_id()
            if row is not None:
                links.restart(conn, self.connection, key, self._account, call)
                # Those of the create that is given up: what this one carries may be something else.
                identities.give_up(conn, self._account, self.connection, key)
            elif not links.begin(conn, self.connection, key, self._account, call):
                raise Busy(f"the {key.resource} is being made by another worker", seconds=SHORTEST_WAIT)
            for where in identities.places(matches):
                creates.reserve(conn, self._account, self.connection, key, where, self._identities)
            if ended is not None:
                write_calls.lose(conn, ended, self._settled_after)
            verify_in = max(seconds, self._settled_after)
            write_calls.intend(conn, call, self._caller, key.resource, sent, seconds, key=key.id, verify_in=verify_in)
            return call

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        try:
            self._made(call, key, answer, matches, fields)
        except LeaseLost:
            # What Upsales answered is so, whoever has the lane.
            with self._store.write() as conn:
                write_calls.surfaced(conn, call, answer, connections.get(conn, self.connection).account)
            raise
        kept.apply_kept(self._store, QualifiedKey.of(self.connection, key))

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:
        with self._fenced(seconds) as conn:
            fields = records.take(conn, self._account, resource, record_id, self._holder, seconds)
            found = self._as_record(conn, resource, record_id, unpacked_fields(fields))
        self._held.add((resource, record_id))
        return found

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        with self._fenced() as conn:
            if fields:
                records.merge(conn, self._account, resource, record_id, fields)
            self._give_back(conn, resource, record_id)

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str:
        with self._fenced(seconds) as conn:
            kept = (resource, record_id) in self._held
            records.take(conn, self._account, resource, record_id, self._holder, seconds + MARGIN, kept=kept)
            call = write_calls.new_id()
            verify_in = max(seconds, self._settled_after)
            write_calls.intend(
                conn, call, self._caller, resource, sent, seconds, record_id=record_id, verify_in=verify_in
            )
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
            one_at_a_time(conn, self._account, resource)
            identities.point(conn, self._account, resource, matches, record_id)
            identities.drop_others(conn, self._account, resource, matches, record_id)
            records.merge(conn, self._account, resource, record_id, fields)
            self._give_back(conn, resource, record_id)
            write_calls.done(conn, call, answer)

    def settled(self, call: str, *, effective: bool) -> None:
        with self._fenced() as conn:
            write_calls.close(conn, call, "done" if effective else "failed")

    def failed(self, call: str, error: Exception) -> None:
        with self._fenced() as conn:
            row = write_calls.find(conn, call)
            if row.method in write_calls.UPDATES:
                self._give_back(conn, row.resource, row.record_id)
                write_calls.failed(conn, call, error)
                return
            one_at_a_time(conn, self._account, row.resource)
            if links.abandon(conn, self.connection, _key(row), call):
                identities.give_up(conn, self._account, self.connection, _key(row))
            write_calls.failed(conn, call, error)

    def unknown(self, call: str, error: Exception) -> None:
        with self._fenced() as conn:
            row = write_calls.find(conn, call)
            if row.method in write_calls.UPDATES:
                self._give_back(conn, row.resource, row.record_id)
            write_calls.unknown(conn, call, error)

    def rechecked(self, call: str) -> None:
        with self._fenced() as conn:
            write_calls.rechecked(conn, call)

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        with self._store.read() as conn:
            return write_calls.later_create(conn, self._account, call, within)

    def duplicated(self, call: str, record_ids: Sequence[int]) -> None:
        with self._fenced() as conn:
            row = write_calls.find(conn, call)
            finding = f"{row.resource} {row.key!r} was made more than once: {', '.join(map(str, record_ids))}"
            if rechecks.left_to_delivery(conn, row, readable(finding)):
                return
            write_calls.close(conn, call, "done", error=readable(finding))
            if row.event is not None:
                key = QualifiedKey.of(row.connection, _key(row))
                told = f"{finding}. Merge them in Upsales."
                replay.report(conn, row.event, MadeTwice(told, key=key, candidates=tuple(record_ids)))

    def missing(self, key: Key, record_id: int) -> float:
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, key.resource)
            return links.miss(conn, self.connection, key, record_id)

    def found(self, key: Key, record_id: int) -> None:
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, key.resource)
            links.found(conn, self.connection, key, record_id)

    def gone(self, key: Key, record_id: int, *, final: bool) -> None:
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, key.resource)
            links.bury(conn, self.connection, key, record_id, final=final)
            identities.bury(conn, self._account, key.resource, record_id)
            # What it held tells the others that it was theirs and that a person deleted it.
            if not links.any_to(conn, self._account, key.resource, record_id):
                self._forget_record(conn, key.resource, record_id)

    def _made(self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]) -> None:
        with self._fenced() as conn:
            one_at_a_time(conn, self._account, key.resource)
            row = links.find(conn, self.connection, key)
            if row is None or row.call_id != call:
                raise LeaseLost(f"{key.resource} {key.id!r} was given up and made by another worker meanwhile")
            links.join(conn, self.connection, key, self._account, answer.id)
            identities.fulfil(conn, self._account, self.connection, key, answer.id, seen=True)
            identities.add(conn, self._account, key.resource, matches, answer.id)
            records.merge(conn, self._account, key.resource, answer.id, fields)
            write_calls.done(conn, call, answer)

    @contextmanager
    def _fenced(self, seconds: float = 0.0) -> Iterator[Connection]:
        with self._store.write() as conn:
            guard(conn, self._fence, seconds + MARGIN)
            yield conn

    def _give_back(self, conn: Connection, resource: Resource, record_id: int) -> None:
        records.give_back(conn, self._account, resource, record_id, self._holder)
        self._held.discard((resource, record_id))

    def _forget_record(self, conn: Connection, resource: Resource, record_id: int) -> None:
        records.bury(conn, self._account, resource, record_id)
        for open_write in write_calls.open_writes_on(conn, self._account, resource, record_id):
            write_calls.close(conn, open_write.id, "failed", error="the record no longer exists")

    def _check_owner(self, conn: Connection, key: Key, record_id: int) -> None:
        """Whoever else of this connection wanted the record has it by now, or comes after us."""
        other = links.owner(conn, self.connection, self._account, key.resource, record_id, besides=key.id)
        if other is not None and self._owners.get((key.resource, record_id), other) != other:
            raise Busy(f"{key.resource} {record_id} has just become another thing's", seconds=SHORTEST_WAIT)

    def _as_record(self, conn: Connection, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> Record:
        return Record(resource, record_id, fields, write_calls.open_writes_on(conn, self._account, resource, record_id))


def _key(call: Row[Any]) -> Key:
    return Key(write_calls.as_resource(call.resource), call.key)
