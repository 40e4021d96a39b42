"""Puts together the question about an event, and the records that come into question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from worker.admin.filters import fate_of
from worker.admin.known import PATIENCE, ask
from worker.admin.parts import Parts
from worker.admin.reviews.candidates import NOTHING, Candidate, candidate, known_of
from worker.admin.reviews.compare import Line, fields_of, lines
from worker.admin.reviews.question import Question
from worker.admin.reviews.reading import Answered, Reader, searchable
from worker.admin.reviews.texts import id_text, key_text, sentence, type_text
from worker.plan import Key, Match
from worker.store.people.audit import Deed
from worker.sync.view import CUSTOM

Mode: TypeAlias = Literal["kept", "auto", "now"]
"""Whether Upsales is asked: never; if its budget is plentiful and nothing is remembered; in any case."""

LATER: Final = "Upsales has not answered yet: look again in a moment"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the records that an event is about. `number`: its place among them, which stands in an address where the key must not."""

    number: int
    record: str


@dataclass(frozen=True, slots=True)
class Review:
    """`record`: whose record is decided. `asked`: what the event is in review for. `cost`: the calls that reading takes, `spent`: those that were made just now.

    `masked`: texts that may be personal are shown as their shapes.
    """

    event: str
    connection: str
    type: str
    subject: str
    fate: str
    reason: str | None
    since: datetime | None
    received_at: datetime
    asked: str | None
    elsewhere: str | None
    record: str | None
    choices: Sequence[Choice]
    others: int
    can: Sequence[str]
    begun: bool
    deleted: bool
    unreadable: str | None
    decided: Deed | None
    candidates: Sequence[Candidate]
    lines: Sequence[Line]
    read_at: datetime | None
    cost: int
    spent: int
    not_read: str | None
    masked: bool


def look(parts: Parts, reader: Reader, asked: Question, mode: Mode, *, masked: bool) -> Review:
    answered, ids = _records(reader, asked, mode)
    kept = ask(parts.store, lambda conn: known_of(conn, asked, ids, masked=masked), PATIENCE)
    known = kept.value or NOTHING
    event, key = asked.event, asked.key
    shown = [answered.shown.get(each) for each in ids]
    custom = {} if key is None else reader.fields(event.connection, key.resource)
    table = (
        ()
        if key is None
        else lines(
            asked.upserts,
            key.resource,
            [None if each is None else each.data for each in shown],
            custom=custom,
            record_of=known.records.get,
            masked=masked,
        )
    )
    return Review(
        event=event.id,
        connection=event.connection,
        type=type_text(event.type, masked=masked),
        subject=id_text(event.subject, masked=masked),
        fate=fate_of(event.status),
        reason=sentence(event.reason, masked=masked),
        since=event.done_at,
        received_at=event.received_at,
        asked=_asked(asked, masked=masked),
        elsewhere=asked.elsewhere,
        record=None if key is None else key_text(key, masked=masked),
        choices=[Choice(number, key_text(each, masked=masked)) for number, each in enumerate(asked.keys)],
        others=asked.others,
        can=asked.can,
        begun=asked.begun,
        deleted=asked.deleted,
        unreadable=asked.unreadable,
        decided=asked.decided,
        candidates=[
            candidate(n, each, found, asked, known, masked=masked)
            for n, (each, found) in enumerate(zip(ids, shown, strict=True))
        ],
        lines=table,
        read_at=min((each.at for each in shown if each is not None), default=None),
        cost=len(ids) or int(bool(searchable(_matches(asked)))),
        spent=answered.calls,
        not_read=answered.why,
        masked=masked,
    )


def _asked(asked: Question, *, masked: bool) -> str | None:
    key = asked.asked
    return None if key is None else f"{key_text(key.key, masked=masked)} of {key.connection}"


def _records(reader: Reader, asked: Question, mode: Mode) -> tuple[Answered, Sequence[int]]:
    """Those in question; where none is known, those that Upsales's search shows."""
    event, key = asked.event, asked.key
    if key is None:
        return Answered({}), ()
    named = event.candidates if asked.asked is not None and asked.asked.key == key else ()
    ids: Sequence[int] = named or reader.searched(event.id, key) or ()
    kept = reader.kept(event.connection, key.resource, ids)
    complete = len(kept.shown) == len(ids) and (bool(ids) or reader.searched(event.id, key) is not None)
    if mode == "kept" or not (named or searchable(_matches(asked))):
        return kept, ids
    if mode == "now":
        found = _ask(reader, asked, key, named)
    elif complete or not (asked.can and reader.plentiful(event.connection)):
        return kept, ids
    else:
        found = reader.soon.ask(event.id, lambda: _ask(reader, asked, key, named)) or Answered(kept.shown, LATER)
    return found, named or sorted(found.shown)


def _ask(reader: Reader, asked: Question, key: Key, named: Sequence[int]) -> Answered:
    event = asked.event
    names = [each.name for each in fields_of(asked.upserts, key.resource)]
    aliases = [name.removeprefix(CUSTOM) for name in names if name.startswith(CUSTOM)]
    reader.learn_fields(event.connection, key.resource, aliases)
    if named:
        return reader.read(event.connection, key.resource, named, event.id)
    return reader.search(event.id, event.connection, key, _matches(asked))


def _matches(asked: Question) -> Sequence[Match]:
    return [match for upsert in asked.upserts for match in upsert.match]
