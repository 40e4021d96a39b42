"""Erases what was found of a person, in short transactions that can be interrupted.

How records are known goes late, and what contacts hold last: by it the rest is found when it is done once more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Update, and_, delete, null, select, tuple_, update

from worker.errors import ConfigError
from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.sql import ids_are_erased, one_at_a_time
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
from worker.store.events.events import pending_in
from worker.store.ledger.write_calls import as_resource
from worker.store.people import answers
from worker.store.privacy import erasures
from worker.store.privacy.masking import (
    ERASED,
    masked,
    masked_body,
    masked_fields,
    masked_headers,
    masked_text,
    masked_url,
)
from worker.store.privacy.obstacles import at_record, waits
from worker.store.privacy.pages import Progress, in_chunks
from worker.store.privacy.person import Person
from worker.store.privacy.pseudonyms import Pseudonyms
from worker.store.privacy.search import EMAIL
from worker.store.privacy.traces import IdentityId, LaneId, LinkId, RecordId, Traces, key_names
from worker.store.readings import contents
from worker.store.terms import stored

NOTHING_MORE = dict.fromkeys(("note", "review_key", "candidates", "waits_for", "waits_until", "former"))
BATCH = 100
"""Rows of one transaction: whoever takes webhooks in waits for no more than that."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """One erasure under way; `proof`: its id."""

    store: Store
    found: Traces
    known: Pseudonyms
    proof: str
    progress: Progress

    @property
    def person(self) -> Person:
        return self.found.person

    def run(self) -> None:
        with self.store.write() as conn:
            answers.empty(conn)
        for some in in_chunks(sorted(self.found.requests), BATCH):
            self._step("requests", partial(self._erase_requests, some))
            self._step("terms", partial(_drop_terms, events.c.request_id.in_(some)))
        for some in in_chunks(sorted(self.found.readings), BATCH):
            self._step("readings", partial(self._erase_readings, some))
        for some in in_chunks(sorted(self.found.events), BATCH):
            self._step("events", partial(self._erase_events, some))
            self._step("terms", partial(_drop_terms, events.c.id.in_(some)))
        for some in in_chunks(sorted(self.found.calls), BATCH):
            self._step("calls", partial(self._erase_calls, some))
        for batch in sorted(self.found.batches):
            self._step("batches", partial(_erase_batch, batch))
        for lane in sorted(self.found.lanes):
            self._step("lanes", partial(_erase_lane, lane))
        for name in sorted(self.found.connections):
            self._step("connections", partial(self._erase_connection, name))
        for some_deeds in in_chunks(sorted(self.found.deeds), BATCH):
            self._step("audit", partial(self._mask_deeds, some_deeds))
        for each in sorted(self.found.mentioning):
            self._step("records", partial(self._mask_record, each))
        self._erase_records()

    def _erase_records(self) -> None:
        for each in sorted(self.found.own):
            self._step("records", partial(self._erase_unless_it_tells, each))
        for link in sorted(self.found.links):
            self._step("links", partial(self._erase_link, link))
        for identity in sorted(self.found.identities):
            self._step("identities", partial(_erase_identity, identity))
        for each in sorted(self.found.own):
            self._step("records", partial(_erase_record, each))

    def _step(self, table: str, erase: Callable[[Connection], int]) -> None:
        """One transaction, with its share of the proof. What changed nothing, as after an interruption, counts for nothing."""
        with self.store.write() as conn:
            rows = erase(conn)
            if rows:
                erasures.add(conn, self.proof, {table: rows})
        self.progress(table, rows)

    def _check_ended(self, conn: Connection, some_events: Sequence[str], some_requests: Sequence[str]) -> None:
        """Somebody may have had it delivered again since it was looked at."""
        for row in waits(conn, some_events, some_requests):
            raise ConfigError(f"event {row.id} of {row.connection} waits again: run this once more when it has ended")

    def _erase_requests(self, some: Sequence[str], conn: Connection) -> int:
        self._check_ended(conn, (), some)
        of_requests = select(events.c.id, events.c.request_id).where(events.c.request_id.in_(some))
        shared = {row.request_id for row in conn.execute(of_requests) if row.id not in self.found.events}
        gone = delete(requests).where(requests.c.id.in_([each for each in some if each not in shared]))
        number = conn.execute(gone).rowcount
        for row in conn.execute(select(requests).where(requests.c.id.in_(sorted(shared)))).all():
            number += self._mask_request(conn, row)
        if shared:
            self._mask_events_of(conn, sorted(shared))
        return number

    def _erase_readings(self, some: Sequence[str], conn: Connection) -> int:
        """Of those that other events need, too, the rest stays; such an event is not planned from it any more."""
        of_some = select(event_readings.c.reading, event_readings.c.event).where(event_readings.c.reading.in_(some))
        links = conn.execute(of_some).all()
        self._check_ended(conn, [row.event for row in links], ())
        shared = {row.reading for row in links if row.event not in self.found.events}
        alone = [each for each in some if each not in shared]
        contents.forget(conn, some)
        conn.execute(delete(event_readings).where(event_readings.c.reading.in_(alone)))
        number = conn.execute(delete(readings).where(readings.c.id.in_(alone))).rowcount
        for row in conn.execute(select(readings).where(readings.c.id.in_(sorted(shared)))).all():
            number += self._mask_reading(conn, row)
        return number

    def _mask_reading(self, conn: Connection, row: Row[Any]) -> int:
        named = self.person.named_in(row.thing)
        left = {
            "thing": self.known.subject(row.connection, row.thing) if named else row.thing,
            "note": masked_text(row.note, self.person.told_in),
            "body": None if row.body is None else masked_body(row.body, self.person),
        }
        return _set(conn, update(readings).where(readings.c.id == row.id), row, left)

    def _mask_request(self, conn: Connection, row: Row[Any]) -> int:
        """Of one that tells of others as well."""
        left = {
            "url": masked_url(row.url, self.person),
            "headers": masked_headers(row.headers, self.person),
            "body": masked_body(row.body, self.person),
        }
        return _set(conn, update(requests).where(requests.c.id == row.id), row, left)

    def _mask_events_of(self, conn: Connection, shared: Sequence[str]) -> None:
        for row in conn.execute(select(events).where(events.c.request_id.in_(shared))).all():
            left = {name: masked_text(getattr(row, name), self.person.told_in) for name in ("reason", "note")}
            left["former"] = None
            _set(conn, update(events).where(events.c.id == row.id), row, left)

    def _erase_events(self, some: Sequence[str], conn: Connection) -> int:
        """Id and subject stay unless they name the person; reasons and notes may quote what came in."""
        ids_are_erased(conn)
        self._check_ended(conn, some, ())
        number = 0
        for row in conn.execute(select(events).where(events.c.id.in_(some))).all():
            left = {
                "event_id": row.event_id,
                "subject": row.subject,
                "reason": None if row.reason is None else ERASED,
                **NOTHING_MORE,
            }
            if self.person.named_in(row.event_id):
                left["event_id"] = self.known.event(row.connection, row.event_id)
            if self.person.named_in(row.subject):
                left["subject"] = self.known.subject(row.connection, row.subject)
            number += _set(conn, update(events).where(events.c.id == row.id), row, left)
        return number

    def _erase_calls(self, some: Sequence[str], conn: Connection) -> int:
        rows = conn.execute(select(calls).where(calls.c.id.in_(some))).all()
        return sum(_set(conn, update(calls).where(calls.c.id == row.id), row, self._left_of(row)) for row in rows)

    def _left_of(self, call: Row[Any]) -> dict[str, Any]:
        """Of a call about the person themself nothing that was said stays. What may still be looked for keeps its form and our marker."""
        key, tells = call.key, self.person.told_in
        if key_names(self.person, key):
            key = self.known.link(call.connection, call.resource, key)
        sent = None if call.sent is None else masked_fields(call.sent, tells)
        if (call.account, call.resource, call.record_id) in self.found.own:
            return {"key": key, "error": None if call.error is None else ERASED, "changed": None, "sent": sent}
        return {
            "key": key,
            "error": masked_text(call.error, tells),
            "changed": masked(call.changed, tells),
            "sent": sent,
        }

    def _mask_deeds(self, some: Sequence[int], conn: Connection) -> int:
        rows = conn.execute(select(audit).where(audit.c.seq.in_(some))).all()
        tells = self.person.told_in
        left = {
            row.seq: {"why": masked_text(row.why, tells), "outcome": masked_text(row.outcome, tells)} for row in rows
        }
        return sum(_set(conn, update(audit).where(audit.c.seq == row.seq), row, left[row.seq]) for row in rows)

    def _erase_connection(self, name: str, conn: Connection) -> int:
        at = connections.c.name == name
        row = conn.execute(select(connections).where(at).with_for_update()).one()
        failing = [subject for subject in row.failing or () if not self.person.named_in(subject)]
        left = {"failing": failing or None, "reason": masked_text(row.reason, self.person.told_in)}
        return _set(conn, update(connections).where(at), row, left)

    def _mask_record(self, each: RecordId, conn: Connection) -> int:
        row = conn.execute(select(records).where(at_record(each)).with_for_update()).one_or_none()
        left = {} if row is None else {"fields": masked_fields(row.fields, self.person.told_in)}
        return _set(conn, update(records).where(at_record(each)), row, left)

    def _erase_unless_it_tells(self, each: RecordId, conn: Connection) -> int:
        """A contact that holds the address is found by it, and a subject's address by the contact. Others are found by links and identities alone."""
        if each.resource == "contact":
            fields = conn.execute(select(records.c.fields).where(at_record(each))).scalar_one_or_none()
            if self.person.named_in(json.dumps((fields or {}).get(EMAIL))):
                return 0
        return _erase_record(each, conn)

    def _erase_link(self, link: LinkId, conn: Connection) -> int:
        """The record's number stays: what the sender tells next is about the same one, if it is still there."""
        of_resource = and_(links.c.connection == link.connection, links.c.resource == link.resource)
        clear, hidden = links.c.key == link.key, self.known.link(*link)
        row = conn.execute(select(links.c.account).where(of_resource, clear)).one_or_none()
        if row is None:
            return 0
        one_at_a_time(conn, row.account, as_resource(link.resource))
        conn.execute(delete(links).where(of_resource, links.c.key == hidden))
        return conn.execute(update(links).where(of_resource, clear).values(key=hidden)).rowcount


def _drop_terms(of_events: ColumnElement[bool], conn: Connection) -> int:
    """What is left of their payloads is made searchable again. A worker that read them before writes nothing of it any more."""
    return stored.drop(conn, conn.execute(select(events.c.seq).where(of_events)).scalars().all())


def _set(conn: Connection, statement: Update, row: Row[Any] | None, left: Mapping[str, Any]) -> int:
    """Whether something changed."""
    changed = {name: value for name, value in left.items() if getattr(row, name) != value}
    if changed:
        conn.execute(statement.values({name: null() if value is None else value for name, value in changed.items()}))
    return int(bool(changed))


def _erase_lane(lane: LaneId, conn: Connection) -> int:
    """One that a worker has, or that something came into since, stays for now."""
    at = (lanes.c.connection == lane.connection, lanes.c.subject == lane.subject)
    row = conn.execute(select(lanes, db_now().label("now")).where(*at).with_for_update()).one_or_none()
    pending = select(events.c.seq).where(pending_in(lane.connection, lane.subject)).limit(1)
    if row is None or (row.lease_until and row.lease_until > row.now) or conn.execute(pending).first():
        return 0
    return conn.execute(delete(lanes).where(*at)).rowcount


def _erase_batch(seq: int, conn: Connection) -> int:
    """Whom it was narrowed to stands in it. One that runs goes no further."""
    return conn.execute(delete(batches).where(batches.c.seq == seq)).rowcount


def _erase_record(each: RecordId, conn: Connection) -> int:
    """As if nothing had ever been written to it."""
    one_at_a_time(conn, each.account, as_resource(each.resource))
    if each.resource == "account":
        # One that was made for the person alone may have their name.
        known_as = (identities.c.account, identities.c.resource, identities.c.record_id)
        conn.execute(delete(identities).where(tuple_(*known_as) == tuple_(*each)))
    return conn.execute(delete(records).where(at_record(each))).rowcount


def _erase_identity(identity: IdentityId, conn: Connection) -> int:
    one_at_a_time(conn, identity.account, as_resource(identity.resource))
    at = and_(*(identities.c[name] == value for name, value in identity._asdict().items()))
    return conn.execute(delete(identities).where(at)).rowcount
