"""Describes records that come into question: whose they are, who made and changed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from typing import Any, Final

from sqlalchemy import Connection

from worker.admin.reviews.origin import Origin, changed, made
from worker.admin.reviews.question import Question
from worker.admin.reviews.reading import Shown
from worker.admin.reviews.texts import key_text
from worker.plan import Key, keys_in
from worker.store.lanes import connections
from worker.store.ledger import links
from worker.store.ledger.touched import Touched, touched

LETTERS: Final = ascii_uppercase


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that comes into question. `there`: whether Upsales has it; None: it was not read."""

    letter: str
    resource: str
    record: int
    there: bool | None
    active: bool | None
    linked_to: Sequence[str]
    made: Origin | None
    changed: Origin | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the records."""

    linked: Mapping[int, Sequence[str]]
    touched: Mapping[int, Touched]
    records: Mapping[Key, int]


NOTHING: Final = Known({}, {}, {})


def known_of(conn: Connection, asked: Question, ids: Sequence[int], *, masked: bool) -> Known:
    event, key = asked.event, asked.key
    account = connections.get(conn, event.connection).account
    if account is None or key is None:
        return NOTHING
    owners = {each: links.keys_of(conn, account, key.resource, each) for each in ids}
    found = {each: links.find(conn, event.connection, each) for each in dict.fromkeys(_linking(asked))}
    return Known(
        {each: [f"{of.connection} {key_text(of.key, masked=masked)}" for of in keys] for each, keys in owners.items()},
        {each: touched(conn, account, key.resource, each) for each in ids},
        {each: link.record_id for each, link in found.items() if link is not None and link.record_id is not None},
    )


def _linking(asked: Question) -> Iterator[Key]:
    for upsert in asked.upserts:
        for _, value in upsert.fields:
            yield from keys_in(value)
        yield from (choice.key for choices in upsert.placed.values() for choice in choices)


def candidate(
    number: int, record: int, shown: Shown | None, asked: Question, known: Known, *, masked: bool
) -> Candidate:
    data: Mapping[str, Any] | None = None if shown is None else shown.data
    ours = known.touched.get(record, Touched(None, None))
    return Candidate(
        letter=LETTERS[number] if number < len(LETTERS) else str(number + 1),
        resource="" if asked.key is None else asked.key.resource,
        record=record,
        there=None if shown is None else data is not None,
        active=None if data is None else bool(data.get("active", True)),
        linked_to=known.linked.get(record, ()),
        made=made(ours, data, masked=masked),
        changed=changed(ours, data, masked=masked),
        read_at=None if shown is None else shown.at,
    )
