"""Reads the ledger for a dry run, and writes nothing to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.plan import Key, Match, Resource
from worker.sync.dry_run import Placeholder
from worker.sync.ports import Ledger
from worker.sync.records import Answer, Held, Identity, Json, Link, LinkState, Record

CALL = "dry run"


class DryRunLedger:
    """What is known, and in memory what this dry run adds to it.

    `asking`: Upsales can be asked whether a record still carries a natural key. If it can't, the record is taken to carry it.
    """

    def __init__(self, known: Ledger, *, asking: bool = False) -> None:
        self.connection = known.connection
        self._known = known
        self._asking = asking
        self._links: dict[Key, Link] = {}
        self._seen: dict[tuple[Resource, int], Mapping[str, Held]] = {}

    def link(self, key: Key) -> Link | None:
        return self._links.get(key) or self._known.link(key)

    def owner(self, resource: Resource, record_id: int) -> Key | None:
        return self._known.owner(resource, record_id)

    def taken(self, resource: Resource, record_id: int) -> bool:
        mine = ((key.resource, link.record_id) for key, link in self._links.items())
        return (resource, record_id) in mine or self._known.taken(resource, record_id)

    def natural_fields(self, key: Key) -> frozenset[str]:
        return self._known.natural_fields(key)

    def identity(self, resource: Resource, match: Match) -> Identity | None:
        found = self._known.identity(resource, match)
        return found if found is None or self._asking else replace(found, age=0.0)

    def record(self, resource: Resource, record_id: int) -> Record:
        if isinstance(record_id, Placeholder):
            return Record(resource, record_id)
        known = self._known.record(resource, record_id)
        return replace(known, fields={**self._seen.get((resource, record_id), {}), **known.fields})

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],  # noqa: ARG002 - the port's signature
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,  # noqa: ARG002 - the port's signature
    ) -> None:
        self._links[key] = Link(LinkState.LINKED, record_id)
        self._seen[key.resource, record_id] = seen

    def renamed(self, key: Key) -> None:
        link = self.link(key)
        self._links[key] = Link(LinkState.FORMER, None if link is None else link.record_id)

    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:  # noqa: ARG002 - the port's signature
        return CALL

    def created(
        self,
        call: str,  # noqa: ARG002 - the port's signature
        key: Key,
        answer: Answer,
        matches: Sequence[Match],  # noqa: ARG002 - the port's signature
        fields: Mapping[str, Held],  # noqa: ARG002 - the port's signature
    ) -> None:
        self._links[key] = Link(LinkState.LINKED, answer.id)

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:  # noqa: ARG002 - the port's signature
        return replace(self.record(resource, record_id), open_writes=())

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str:  # noqa: ARG002 - the port's signature
        return CALL

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        return self._known.later_create(call, within=within)

    def forget(self, *_: object) -> None: ...
    def confirm(self, *_: object) -> None: ...
    def release(self, *_: object) -> None: ...
    def updated(self, *_: object) -> None: ...
    def settled(self, call: str, *, effective: bool) -> None: ...
    def failed(self, *_: object) -> None: ...
    def unknown(self, *_: object) -> None: ...
    def rechecked(self, call: str) -> None: ...
    def duplicated(self, *_: object) -> None: ...
    def missing(self, key: Key, record_id: int) -> float:  # noqa: ARG002 - the port's signature
        return 0.0

    def found(self, key: Key, record_id: int) -> None: ...
    def gone(self, key: Key, record_id: int, *, final: bool) -> None: ...
