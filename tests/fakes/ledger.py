"""Keeps a ledger in dicts, with the same promises as the ledger in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tests.fakes.clock import Clock
from worker.errors import Busy, LeaseLost
from worker.plan import Key, Match, QualifiedKey, Resource, normalised
from worker.sync.records import Answer, CallState, Held, Identity, Json, Link, LinkState, OpenWrite, Recheck, Record
from worker.sync.waits import next_try

State: TypeAlias = Literal["open", "unknown", "done", "failed", "lost"]
LinkId: TypeAlias = tuple[str, Key]
Place: TypeAlias = tuple[Resource, str, str]
RecordId: TypeAlias = tuple[Resource, int]
LONG_AGO = float("-inf")


@dataclass(slots=True)
class CallRow:
    connection: str
    resource: Resource
    record_id: int | None
    key: Key | None
    event: str | None
    sent: Mapping[str, Json]
    started_at: float
    deadline_at: float
    state: State = "open"
    rechecks: int = 0
    verify_at: float | None = None
    answered: bool = False

    @property
    def open_create(self) -> bool:
        return self.key is not None and self.state in {"open", "unknown"}

    def close(self, state: State) -> None:
        self.state = state
        self.verify_at = None


@dataclass(slots=True)
class LinkRow:
    state: LinkState
    record_id: int | None
    call: str | None
    missing_since: float | None = None


@dataclass(slots=True)
class IdentityRow:
    """`reserved_by` while there is no record."""

    record_id: int | None
    reserved_by: LinkId | None
    seen_at: float


@dataclass(slots=True)
class RecordRow:
    fields: dict[str, Held] = field(default_factory=dict)
    holder: tuple[str, str, int] | None = None
    lease_until: float = 0.0


class MemoryStore:
    """One account's tables."""

    def __init__(self, clock: Clock, *, settled_after: float = 300.0) -> None:
        self.clock = clock
        self.settled_after = settled_after
        self.lanes: dict[tuple[str, str], int] = {}
        self.links: dict[LinkId, LinkRow] = {}
        self.identities: dict[Place, IdentityRow] = {}
        self.records: dict[RecordId, RecordRow] = {}
        self.calls: dict[str, CallRow] = {}
        self.duplicates: dict[str, tuple[int, ...]] = {}
        self.reports: dict[str, str] = {}
        self.fates: dict[str, Literal["dead", "review"]] = {}

    def claim(self, connection: str, subject: str, event: str | None = None) -> MemoryLedger:
        """The lane, taken from whoever has it."""
        token = self.lanes.get((connection, subject), 0) + 1
        self.lanes[connection, subject] = token
        return MemoryLedger(self, connection, subject, token, event)

    def rechecks(self) -> list[tuple[str, Recheck]]:
        """The calls to recheck now, each with its connection."""
        return [
            (row.connection, Recheck(call, row.resource, row.record_id, row.key, row.sent, row.event))
            for call, row in self.calls.items()
            if row.verify_at is not None and row.verify_at <= self.clock.now and not self._awaited(row)
        ]

    def next_due(self) -> float | None:
        """When the next call is to be rechecked."""
        due = [row for row in self.calls.values() if row.verify_at is not None and not self._awaited(row)]
        return min((row.verify_at for row in due if row.verify_at is not None), default=None)

    def report(self, call: str, reason: str) -> None:
        """A person is told."""
        row = self.calls[call]
        row.verify_at = None
        if not row.open_create:
            row.close("failed")
        self.reports[call] = reason

    def undecided(self, call: str | None) -> bool:
        """Whether the create waits for a person."""
        row = self.calls[call or ""]
        return row.verify_at is None or self.fates.get(row.event or "") == "review"

    def _awaited(self, row: CallRow) -> bool:
        """Whether an event that waits, or a person, ends the create."""
        return row.open_create and self.fates.get(row.event or "") != "dead"


class MemoryLedger:
    """The ledger of one claim of one lane."""

    def __init__(self, store: MemoryStore, connection: str, subject: str, token: int, event: str | None) -> None:
        self.connection = connection
        self._store = store
        self._clock = store.clock
        self._subject = subject
        self._token = token
        self._event = event
        self._holder = (connection, subject, token)
        self._seen_identities: dict[Place, int | None] = {}
        self._seen_owners: dict[RecordId, Key | None] = {}
        self._seen_creates: dict[Key, str | None] = {}
        self._held: set[RecordId] = set()

    def link(self, key: Key) -> Link | None:
        row = self._store.links.get((self.connection, key))
        creating = row is not None and row.state is LinkState.CREATING
        self._seen_creates[key] = row.call if row is not None and creating else None
        if row is None:
            return None
        open_write = self._open_write(row.call) if creating else None
        undecided = creating and self._store.undecided(row.call)
        return Link(row.state, row.record_id, open_write, undecided, row.missing_since is not None)

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        found = self._owner(resource, record_id)
        self._seen_owners[resource, record_id] = found
        return found

    def taken(self, resource: Resource, record_id: int) -> bool:
        wanted = (resource, record_id, LinkState.LINKED)
        return any((key.resource, row.record_id, row.state) == wanted for (_, key), row in self._store.links.items())

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        place = _place(resource, match)
        row = self._store.identities.get(place)
        self._seen_identities[place] = row.record_id if row else None
        if row is None:
            return None
        maker = None if row.reserved_by is None else QualifiedKey.of(*row.reserved_by)
        return Identity(row.record_id, self._clock.now - row.seen_at, self._undecided(row.reserved_by), maker)

    def natural_fields(self, key: Key) -> frozenset[str]:
        link = self._store.links.get((self.connection, key))
        whose = None if link is None else link.record_id
        known = self._store.identities.items()
        of_key = [p for p, row in known if row.reserved_by == (self.connection, key)]
        of_record = [p for p, row in known if whose is not None and (p[0], row.record_id) == (key.resource, whose)]
        return frozenset(field for _, field, _ in of_key + of_record)

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:
        self._guard()
        place = _place(resource, match)
        row = self._store.identities.get(place)
        if row is not None and row.record_id == record_id:
            del self._store.identities[place]
        self._seen_identities[place] = None

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:
        self._guard()
        self._point(resource, [match], record_id)

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,
    ) -> None:
        self._guard()
        row = self._store.links.get((self.connection, key))
        ended = self._given_up_create(key, row, record_id)
        owner = self._owner(key.resource, record_id)
        if owner not in {None, key, self._seen_owners.get((key.resource, record_id), owner)}:
            raise Busy(f"{key.resource} {record_id} has just become another thing's", seconds=0.1)
        if lost is not None:
            self._move(key.resource, lost, record_id)
            self._forget_record(key.resource, lost)
        self._store.links[self.connection, key] = LinkRow(LinkState.LINKED, record_id, None)
        self._fulfil(key, record_id, LONG_AGO)
        self._point(key.resource, matches, record_id)
        record = self._row(key.resource, record_id)
        record.fields.update({name: held for name, held in seen.items() if name not in record.fields})
        if ended is not None:
            self._store.calls[ended].close("done")
            self._store.calls[ended].record_id = record_id

    def renamed(self, key: Key) -> None:
        self._guard()
        row = self._store.links[self.connection, key]
        if row.state is LinkState.LINKED:
            row.state = LinkState.FORMER

    def record(self, resource: Resource, record_id: int) -> Record:
        row = self._store.records.get((resource, record_id))
        return Record(resource, record_id, dict(row.fields) if row else {}, self._open_writes_on(resource, record_id))

    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:
        self._guard()
        row = self._store.links.get((self.connection, key))
        if row is not None and row.state is LinkState.LINKED:
            raise Busy(f"the {key.resource} was just made by another worker", seconds=0.1)
        ended = self._given_up_create(key, row, None)
        if ended != self._seen_creates.get(key, ended):
            raise Busy(f"the {key.resource} was begun by another worker", seconds=0.1)
        places = {_place(key.resource, match) for match in matches}
        for place in places:
            self._check_free(key, place)
        if row is not None:
            self._give_up(key)
        for place in places:
            self._store.identities.setdefault(place, IdentityRow(None, (self.connection, key), self._clock.now))
        if ended is not None:
            self._store.calls[ended].state = "lost"
            self._store.calls[ended].verify_at = self._clock.now + self._store.settled_after
        call = self._intend(key.resource, None, key, sent, seconds)
        self._store.calls[call].verify_at = self._clock.now + max(seconds, self._store.settled_after)
        self._store.links[self.connection, key] = LinkRow(LinkState.CREATING, None, call)
        return call

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        made = self._store.calls[call]
        try:
            self._guard()
            self._check_own(key, call)
        except LeaseLost:
            self._surfaced(made, answer.id)
            raise
        made.record_id = answer.id
        self._store.links[self.connection, key] = LinkRow(LinkState.LINKED, answer.id, None)
        self._fulfil(key, answer.id, self._clock.now)
        for match in matches:
            self._store.identities.setdefault(
                _place(key.resource, match), IdentityRow(answer.id, None, self._clock.now)
            )
        self._merge(key.resource, answer.id, fields)
        made.close("done")
        made.answered = True

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:
        self._guard()
        self._take(resource, record_id, seconds)
        self._held.add((resource, record_id))
        return self.record(resource, record_id)

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        self._guard()
        if fields:
            self._merge(resource, record_id, fields)
        self._give_back(resource, record_id)

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str:
        self._guard()
        row = self._row(resource, record_id)
        if (resource, record_id) in self._held and row.holder != self._holder:
            raise Busy(f"{resource} {record_id} was written by another worker meanwhile", seconds=0.1)
        self._take(resource, record_id, seconds + 10.0)
        call = self._intend(resource, record_id, None, sent, seconds)
        self._store.calls[call].verify_at = self._clock.now + max(seconds, self._store.settled_after)
        return call

    def updated(
        self,
        call: str,
        resource: Resource,
        record_id: int,
        answer: Answer,  # noqa: ARG002 - nothing of the journal is kept here
        matches: Sequence[Match],
        fields: Mapping[str, Held],
    ) -> None:
        self._guard()
        self._point(resource, matches, record_id)
        for match in matches:
            mine = _place(resource, match)
            for place, row in list(self._store.identities.items()):
                if row.record_id == record_id and place[:2] == mine[:2] and place != mine:
                    del self._store.identities[place]
        self._merge(resource, record_id, fields)
        self._give_back(resource, record_id)
        self._store.calls[call].close("done")

    def settled(self, call: str, *, effective: bool) -> None:
        self._guard()
        self._store.calls[call].close("done" if effective else "failed")

    def failed(self, call: str, error: Exception) -> None:  # noqa: ARG002 - nothing of the journal is kept here
        self._guard()
        row = self._store.calls[call]
        if row.key is None:
            assert row.record_id is not None
            self._give_back(row.resource, row.record_id)
        else:
            link = self._store.links.get((self.connection, row.key))
            if link is not None and link.call == call:
                del self._store.links[self.connection, row.key]
                self._give_up(row.key)
        row.close("failed")

    def unknown(self, call: str, error: Exception) -> None:  # noqa: ARG002 - nothing of the journal is kept here
        self._guard()
        row = self._store.calls[call]
        if row.key is None:
            assert row.record_id is not None
            self._give_back(row.resource, row.record_id)
        if row.state == "open":
            row.state = "unknown"

    def rechecked(self, call: str) -> None:
        self._guard()
        self._store.calls[call].rechecks += 1

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        sent_at = self._store.calls[call].started_at
        until = float("inf") if within is None else sent_at + within
        witness = None
        after = False
        for name, row in self._store.calls.items():
            if after and row.key is not None and row.state == "done" and row.answered and row.started_at <= until:
                assert row.record_id is not None
                witness = (row.resource, row.record_id)
            after = after or name == call
        return witness

    def duplicated(self, call: str, record_ids: Sequence[int]) -> None:
        self._guard()
        self._store.calls[call].close("done")
        self._store.duplicates[call] = tuple(record_ids)

    def missing(self, key: Key, record_id: int) -> float:
        self._guard()
        row = self._store.links.get((self.connection, key))
        if row is None or row.record_id != record_id:
            return 0.0
        if row.missing_since is None:
            row.missing_since = self._clock.now
        return self._clock.now - row.missing_since

    def found(self, key: Key, record_id: int) -> None:
        self._guard()
        row = self._store.links.get((self.connection, key))
        if row is not None and row.record_id == record_id:
            row.missing_since = None

    def gone(self, key: Key, record_id: int, *, final: bool) -> None:
        self._guard()
        mine = self._store.links.get((self.connection, key))
        if mine is not None and mine.record_id == record_id:
            if final:
                mine.state = LinkState.GONE
            else:
                del self._store.links[self.connection, key]
        for place, row in list(self._store.identities.items()):
            if place[0] == key.resource and row.record_id == record_id:
                del self._store.identities[place]
        if not any(link.state is LinkState.LINKED for link in self._links_to(key.resource, record_id)):
            self._forget_record(key.resource, record_id)

    def _move(self, resource: Resource, lost: int, record_id: int) -> None:
        for link in self._links_to(resource, lost):
            link.state, link.record_id, link.missing_since = LinkState.LINKED, record_id, None
        for place, row in self._store.identities.items():
            if place[0] == resource and row.record_id == lost:
                row.record_id, row.seen_at = record_id, LONG_AGO

    def _forget_record(self, resource: Resource, record_id: int) -> None:
        self._store.records.pop((resource, record_id), None)
        for open_write in self._open_writes_on(resource, record_id):
            self._store.calls[open_write.id].close("failed")

    def _links_to(self, resource: Resource, record_id: int) -> Sequence[LinkRow]:
        links = self._store.links.items()
        return [link for (_, key), link in links if (key.resource, link.record_id) == (resource, record_id)]

    def _check_own(self, key: Key, call: str) -> None:
        row = self._store.links.get((self.connection, key))
        if row is None or row.call != call:
            raise LeaseLost(f"{key.resource} {key.id!r} was made by another worker meanwhile")

    def _surfaced(self, call: CallRow, record_id: int) -> None:
        if call.state in {"open", "unknown"}:
            call.state = "unknown"
        elif (call.state, call.record_id) != ("done", record_id):
            call.state, call.verify_at = "lost", self._clock.now
        call.record_id = record_id

    def _guard(self) -> None:
        if self._store.lanes.get((self.connection, self._subject)) != self._token:
            raise LeaseLost(f"the lane of {self._subject!r} was taken over by another worker")

    def _undecided(self, maker: LinkId | None) -> QualifiedKey | None:
        link = None if maker is None else self._store.links.get(maker)
        if maker is None or link is None or not self._store.undecided(link.call):
            return None
        connection, key = maker
        return QualifiedKey.of(connection, key)

    def _owner(self, resource: Resource, record_id: int) -> Key | None:
        wanted = (self.connection, resource, record_id, LinkState.LINKED)
        links = self._store.links.items()
        keys = [key for (name, key), row in links if (name, key.resource, row.record_id, row.state) == wanted]
        return min(keys, key=lambda key: key.natural, default=None)

    def _given_up_create(self, key: Key, link: LinkRow | None, record_id: int | None) -> str | None:
        if link is None or link.state is not LinkState.CREATING or link.call is None:
            return None
        open_write = self._open_write(link.call)
        if open_write is not None and open_write.state is CallState.OPEN and open_write.remaining > 0:
            raise Busy(f"the {key.resource} is being made by another worker", seconds=next_try(open_write.age))
        if open_write is not None and open_write.record_id not in {None, record_id}:
            raise Busy(f"the {key.resource} was just made by another worker", seconds=0.1)
        return link.call

    def _check_free(self, key: Key, place: Place) -> None:
        row = self._store.identities.get(place)
        if row is None or row.reserved_by == (self.connection, key):
            return
        if row.record_id is None:
            assert row.reserved_by is not None
            link = self._store.links[row.reserved_by]
            open_write = self._open_write(link.call)
            seconds = next_try(open_write.age) if open_write is not None else 0.1
            raise Busy(f"another worker is making the {key.resource} with this {place[1]}", seconds=seconds)
        if self._seen_identities.get(place, row.record_id) != row.record_id:
            raise Busy(f"the {key.resource} with this {place[1]} was just made", seconds=0.1)

    def _intend(
        self, resource: Resource, record_id: int | None, key: Key | None, sent: Mapping[str, Json], seconds: float
    ) -> str:
        call, now = f"call-{len(self._store.calls) + 1}", self._clock.now
        self._store.calls[call] = CallRow(
            self.connection, resource, record_id, key, self._event, dict(sent), now, now + seconds
        )
        return call

    def _open_write(self, call: str | None) -> OpenWrite | None:
        row = self._store.calls.get(call or "")
        if call is None or row is None or row.state not in {"open", "unknown"}:
            return None
        now = self._clock.now
        remaining = max(row.deadline_at - now, 0.0)
        return OpenWrite(
            call, CallState(row.state), now - row.started_at, remaining, row.rechecks, row.sent, row.record_id
        )

    def _open_writes_on(self, resource: Resource, record_id: int) -> tuple[OpenWrite, ...]:
        of_record = (
            call
            for call, row in self._store.calls.items()
            if row.record_id == record_id and row.resource == resource and row.key is None
        )
        return tuple(open_write for call in of_record if (open_write := self._open_write(call)) is not None)

    def _row(self, resource: Resource, record_id: int) -> RecordRow:
        return self._store.records.setdefault((resource, record_id), RecordRow())

    def _merge(self, resource: Resource, record_id: int, newer: Mapping[str, Held]) -> None:
        fields = self._row(resource, record_id).fields
        for name, held in newer.items():
            if name not in fields or held.version >= fields[name].version:
                fields[name] = held

    def _take(self, resource: Resource, record_id: int, seconds: float) -> None:
        row = self._row(resource, record_id)
        if row.holder not in {None, self._holder} and row.lease_until > self._clock.now:
            wait = min(row.lease_until - self._clock.now, 1.0)
            raise Busy(f"{resource} {record_id} is being written by another worker", seconds=wait)
        row.holder = self._holder
        row.lease_until = self._clock.now + seconds

    def _give_back(self, resource: Resource, record_id: int) -> None:
        self._held.discard((resource, record_id))
        row = self._store.records.get((resource, record_id))
        if row is not None and row.holder == self._holder:
            row.holder = None

    def _fulfil(self, key: Key, record_id: int, seen_at: float) -> None:
        for row in self._reserved(key):
            row.record_id, row.reserved_by, row.seen_at = record_id, None, seen_at

    def _give_up(self, key: Key) -> None:
        for place, row in list(self._store.identities.items()):
            if row.reserved_by == (self.connection, key):
                del self._store.identities[place]

    def _reserved(self, key: Key) -> Iterable[IdentityRow]:
        return [row for row in self._store.identities.values() if row.reserved_by == (self.connection, key)]

    def _point(self, resource: Resource, matches: Sequence[Match], record_id: int) -> None:
        for match in matches:
            row = self._store.identities.setdefault(
                _place(resource, match), IdentityRow(record_id, None, self._clock.now)
            )
            if row.record_id is not None:
                row.record_id, row.seen_at = record_id, self._clock.now


def _place(resource: Resource, match: Match) -> Place:
    return (resource, match.field, normalised(match))
