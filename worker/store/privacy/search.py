"""Looks through the database for what is kept of a person."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, select, tuple_, type_coerce

from schemas.phone_numbers import e164
from worker.store.db.engine import Store
from worker.store.db.tables import (
    audit,
    batches,
    calls,
    connections,
    event_readings,
    events,
    identities,
    lanes,
    links,
    readings,
    records,
    requests,
)
from worker.store.privacy.pages import BODIES_AT_ONCE, Progress, in_chunks, pages
from worker.store.privacy.person import Person, address_of, addresses_in
from worker.store.privacy.pseudonyms import pseudonyms
from worker.store.privacy.traces import IdentityId, LaneId, LinkId, RecordId, Traces, key_names
from worker.sync.records import Held

NAMES = ("name", "firstName", "lastName")
NUMBERS = ("phone", "cellPhone")
EMAIL, PHONE = "email", "phone"


def traces(store: Store, term: str, progress: Progress) -> Traces:
    """Of an e-mail address or a phone number (`+46…`); else of the persons whom the events of a subject are about."""
    address, number = address_of(term), e164(term)
    subject = frozenset[str]() if address or number else _events_of_subject(store, term)
    known = frozenset({address}) if address else addresses_in(term) | _addresses_told(store, subject)
    numbers = frozenset({number} if number else ())
    return _Search(store, progress, Person(known, numbers=numbers), subject).run()


def _events_of_subject(store: Store, subject: str) -> frozenset[str]:
    """Also those whose subject was replaced before a run was interrupted."""
    with store.read() as conn:
        hidden = pseudonyms(conn)
        names = conn.execute(select(events.c.connection).distinct()).scalars().all()
        wanted = [(name, subject) for name in names]
        wanted += [(name, hidden.subject(name, subject)) for name in names if hidden is not None]
        of_subject = tuple_(events.c.connection, events.c.subject).in_(wanted)
        return frozenset(conn.execute(select(events.c.id).where(of_subject)).scalars())


def _addresses_told(store: Store, of: Collection[str]) -> frozenset[str]:
    """Those of the contacts that calls for these events were about."""
    found: set[str] = set()
    with store.read() as conn:
        contacts = {each for each in _records_of(conn, of) if each.resource == "contact"}
        for held in _held(conn, contacts).values():
            found |= {address for text in _texts(held, [EMAIL]) if (address := address_of(text))}
    return frozenset(found)


def _records_of(conn: Connection, of: Collection[str]) -> Iterable[RecordId]:
    """The records that calls for these events were about."""
    columns = (calls.c.account, calls.c.resource, calls.c.record_id)
    for some in in_chunks(sorted(of)):
        called = select(*columns).where(calls.c.event.in_(some), calls.c.record_id.is_not(None)).distinct()
        yield from (RecordId(*row) for row in conn.execute(called) if row.account is not None)


def _held(conn: Connection, wanted: Collection[RecordId]) -> Mapping[RecordId, Mapping[str, Any]]:
    found: dict[RecordId, Mapping[str, Any]] = {}
    for some in in_chunks(sorted(wanted)):
        rows = conn.execute(select(records).where(_at_records(some)))
        found |= {RecordId(row.account, row.resource, row.record_id): row.fields for row in rows}
    return found


def _at_records(wanted: Sequence[RecordId]) -> ColumnElement[bool]:
    return tuple_(records.c.account, records.c.resource, records.c.record_id).in_([tuple(each) for each in wanted])


def _texts(fields: Mapping[str, Any], names: Iterable[str]) -> Iterable[str]:
    for name in names:
        value = Held.unpacked(fields[name]).value if name in fields else None
        if isinstance(value, str):
            yield value


@dataclass(slots=True)
class _Search:
    store: Store
    progress: Progress
    person: Person
    subject: frozenset[str]
    own: set[RecordId] = field(default_factory=set)
    mentioning: set[RecordId] = field(default_factory=set)
    phone_calls: dict[RecordId, RecordId] = field(default_factory=dict)
    """With their contacts, whom they name by id alone."""

    @property
    def with_them(self) -> set[RecordId]:
        return {call for call, contact in self.phone_calls.items() if contact in self.own}

    def run(self) -> Traces:
        found_links, found_identities = self._links(), self._identities()
        self._records()
        self._know()
        found_identities |= self._numbers()
        self.mentioning |= self.with_them
        found_calls, called_for = self._calls()
        named_readings = self._readings()
        found_events = self.subject | called_for | self._events() | self._read_for_them(named_readings)
        found_requests = self._requests() | self._requests_of(found_events)
        found_events |= self._only_events_of(found_requests)
        self._mentions_of(found_events)
        return Traces(
            self.person,
            found_requests,
            found_events,
            found_calls,
            frozenset(self.own),
            frozenset(self.mentioning - self.own),
            found_links,
            found_identities,
            self._lanes(),
            self._connections(),
            self._deeds(found_events),
            self._batches(),
            named_readings | self._readings_of(found_events),
        )

    def _links(self) -> frozenset[LinkId]:
        """A key that names the person tells which contact they are, and which company was made for them."""
        found = set()
        for page in pages(self.store, links, [links.c.account, links.c.record_id], self.progress):
            for row in page:
                if key_names(self.person, row.key):
                    found.add(LinkId(row.connection, row.resource, row.key))
                    if row.resource in ("contact", "account") and row.record_id is not None:
                        self.own.add(RecordId(row.account, row.resource, row.record_id))
        return frozenset(found)

    def _identities(self) -> frozenset[IdentityId]:
        found = set()
        for page in pages(self.store, identities, [identities.c.record_id, identities.c.key], self.progress):
            for row in page:
                if self.person.named_in(row.value) or key_names(self.person, row.key):
                    found.add(IdentityId(row.account, row.resource, row.field, row.value))
                    if row.resource == "contact" and row.field in (EMAIL, PHONE) and row.record_id is not None:
                        self.own.add(RecordId(row.account, row.resource, row.record_id))
        return frozenset(found)

    def _records(self) -> None:
        raw = cast(records.c.fields, Text)
        for page in pages(self.store, records, [type_coerce(raw, Text).label("raw")], self.progress):
            named = {
                RecordId(row.account, row.resource, row.record_id) for row in page if self.person.named_in(row.raw)
            }
            for row in page:
                contact = _contact(json.loads(row.raw)) if row.resource == "phoneCall" else None
                if contact is not None:
                    at = RecordId(row.account, row.resource, row.record_id)
                    self.phone_calls[at] = RecordId(row.account, "contact", contact)
            with self.store.read() as conn:
                held = _held(conn, named)
            for each, fields in held.items():
                theirs = each.resource == "contact" and any(
                    map(self.person.named_in, _texts(fields, [EMAIL, *NUMBERS]))
                )
                (self.own if theirs else self.mentioning).add(each)

    def _know(self) -> None:
        """Names and numbers count only as the person's own records hold them."""
        told: set[str] = set()
        with self.store.read() as conn:
            for each, fields in _held(conn, self.own).items():
                if each.resource == "contact":
                    first, last = (next(iter(_texts(fields, [name])), "") for name in NAMES[1:])
                    told |= {*_texts(fields, ["name", *NUMBERS]), *([f"{first} {last}"] if first and last else [])}
        self.person = replace(self.person, known=frozenset(told))

    def _numbers(self) -> frozenset[IdentityId]:
        """By which the person's contacts are known."""
        found = set()
        known_as = tuple_(identities.c.account, identities.c.resource, identities.c.record_id)
        with self.store.read() as conn:
            for some in in_chunks(sorted(each for each in self.own if each.resource == "contact")):
                theirs = select(identities).where(known_as.in_([tuple(each) for each in some]))
                for row in conn.execute(theirs.where(identities.c.field == PHONE)):
                    found.add(IdentityId(row.account, row.resource, row.field, row.value))
        return frozenset(found)

    def _calls(self) -> tuple[frozenset[str], frozenset[str]]:
        """The calls, and the events that they were made for: they told of the person, with or without the address."""
        found, called_for, with_them = set(), set(), self.with_them
        texts = [
            calls.c.key,
            calls.c.error,
            _as_text(calls.c.sent, "sent_text"),
            _as_text(calls.c.changed, "changed_text"),
        ]
        whose = [calls.c.account, calls.c.resource, calls.c.record_id, calls.c.event]
        for page in pages(self.store, calls, [*texts, *whose], self.progress):
            for row in page:
                of = (row.account, row.resource, row.record_id)
                theirs = of in self.own
                named = any(map(self.person.named_in, (row.error, row.sent_text, row.changed_text)))
                if theirs or named or key_names(self.person, row.key) or of in with_them:
                    found.add(row.id)
                    called_for |= {row.event} if row.event else set()
        return frozenset(found), frozenset(called_for)

    def _events(self) -> frozenset[str]:
        keys = [_as_text(events.c.review_key, "review_text"), _as_text(events.c.waits_for, "waits_text")]
        keys.append(_as_text(events.c.former, "former_text"))
        texts = [events.c.event_id, events.c.subject, events.c.reason, events.c.note, *keys]
        found = set()
        for page in pages(self.store, events, [events.c.id, *texts], self.progress):
            found |= {row.id for row in page if any(map(self.person.named_in, row[2:]))}
        return frozenset(found)

    def _requests(self) -> frozenset[str]:
        """All bodies there are: the longest part, and the reason for pages."""
        columns = [requests.c.url, requests.c.headers, requests.c.body]
        found = set()
        for page in pages(self.store, requests, columns, self.progress, BODIES_AT_ONCE):
            for row in page:
                around = (row.url, *(value for _, value in row.headers))
                if self.person.named_in_bytes(row.body) or any(map(self.person.named_in, around)):
                    found.add(row.id)
        return frozenset(found)

    def _readings(self) -> frozenset[str]:
        found = set()
        columns = [readings.c.thing, readings.c.note, readings.c.body]
        for page in pages(self.store, readings, columns, self.progress, BODIES_AT_ONCE):
            for row in page:
                around = any(map(self.person.named_in, (row.thing, row.note)))
                if around or (row.body is not None and self.person.named_in_bytes(row.body)):
                    found.add(row.id)
        return frozenset(found)

    def _read_for_them(self, found: Collection[str]) -> frozenset[str]:
        """The events that were about nothing else: what was read for several subjects names the person among others."""
        subjects: dict[str, set[tuple[str, str]]] = {}
        needed: dict[str, set[str]] = {}
        with self.store.read() as conn:
            for some in in_chunks(sorted(found)):
                of_some = select(event_readings.c.reading, events.c.id, events.c.connection, events.c.subject)
                of_some = of_some.join_from(event_readings, events, event_readings.c.event == events.c.id)
                for row in conn.execute(of_some.where(event_readings.c.reading.in_(some))):
                    subjects.setdefault(row.reading, set()).add((row.connection, row.subject))
                    needed.setdefault(row.reading, set()).add(row.id)
        return frozenset(event for each, ids in needed.items() if len(subjects[each]) == 1 for event in ids)

    def _readings_of(self, found: Collection[str]) -> frozenset[str]:
        kept: set[str] = set()
        with self.store.read() as conn:
            for some in in_chunks(sorted(found)):
                of_events = select(event_readings.c.reading).where(event_readings.c.event.in_(some))
                kept |= set(conn.execute(of_events).scalars())
        return frozenset(kept)

    def _requests_of(self, found: Collection[str]) -> frozenset[str]:
        kept: set[str] = set()
        with self.store.read() as conn:
            for some in in_chunks(sorted(found)):
                of_events = select(events.c.request_id).where(events.c.id.in_(some))
                kept |= set(conn.execute(select(requests.c.id).where(requests.c.id.in_(of_events))).scalars())
        return frozenset(kept)

    def _only_events_of(self, found: Collection[str]) -> frozenset[str]:
        """What names the person is about them where the request holds no other thing: one subject, in however many replays."""
        theirs: set[str] = set()
        with self.store.read() as conn:
            for some in in_chunks(sorted(found)):
                of_requests = select(events.c.id, events.c.request_id, events.c.position).where(
                    events.c.request_id.in_(some)
                )
                rows = conn.execute(of_requests).all()
                several = {row.request_id for row in rows if row.position > 0}
                theirs |= {row.id for row in rows if row.request_id not in several}
        return frozenset(theirs)

    def _mentions_of(self, found: Collection[str]) -> None:
        """Records that the person's events wrote to hold their name or number, perhaps without the address."""
        with self.store.read() as conn:
            near = {each for each in _records_of(conn, found) if each not in self.own | self.mentioning}
            for each, fields in _held(conn, near).items():
                if any(self.person.told_in(text) for text in _all_texts(fields)):
                    self.mentioning.add(each)

    def _lanes(self) -> frozenset[LaneId]:
        found = set()
        for page in pages(self.store, lanes, [], self.progress):
            found |= {LaneId(row.connection, row.subject) for row in page if self.person.named_in(row.subject)}
        return frozenset(found)

    def _batches(self) -> frozenset[int]:
        """Those that were narrowed to a subject of the person's. There are few of them."""
        with self.store.read() as conn:
            rows = conn.execute(select(batches.c.seq, batches.c.chosen, batches.c.why)).all()
        told = {row.seq: (row.why, *_all_texts(row.chosen)) for row in rows}
        return frozenset(seq for seq, texts in told.items() if any(map(self.person.named_in, texts)))

    def _connections(self) -> frozenset[str]:
        """Subjects that failed since the last success, and the reason of a pause."""
        statement = select(connections.c.name, connections.c.failing, connections.c.reason)
        with self.store.read() as conn:
            rows = conn.execute(statement).all()
        return frozenset(row.name for row in rows if any(map(self.person.named_in, (row.reason, *(row.failing or ())))))

    def _deeds(self, of_events: Collection[str]) -> frozenset[int]:
        """Reasons are to name nobody; people write them all the same. A name counts where it was done to something of the person's."""
        theirs = {f"event/{event}" for event in of_events}
        theirs |= {f"record/{each.account}/{each.resource}/{each.id}" for each in self.own | self.mentioning}
        found = set()
        for page in pages(self.store, audit, [audit.c.about, audit.c.why, audit.c.outcome], self.progress):
            for row in page:
                named = self.person.told_in if row.about in theirs else self.person.named_in
                found |= {row.seq} if named(row.why) or named(row.outcome) else set()
        return frozenset(found)


def _contact(fields: Mapping[str, Any]) -> int | None:
    held = Held.unpacked(fields["contact"]).value if "contact" in fields else None
    found = held.get("id") if isinstance(held, Mapping) else held
    return found if isinstance(found, int) else None


def _as_text(column: ColumnElement[Any], label: str) -> Any:
    return type_coerce(cast(column, Text), Text).label(label)


def _all_texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _all_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_texts(part)
