"""Finds what must end before a person can be erased, and says which command ends it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, and_, or_, select, type_coerce

from worker.store.db.clock import after, now
from worker.store.db.tables import calls, event_readings, events, records
from worker.store.privacy.pages import in_chunks
from worker.store.privacy.traces import RecordId, Traces

WAITING = ("pending", "review")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`kind`: event, call or record. `what`: which one, and why it is in the way. `ends`: what to do."""

    kind: str
    id: str
    what: str
    ends: str


def obstacles(conn: Connection, found: Traces, search_lag: float) -> Sequence[Obstacle]:
    """`search_lag`: seconds until Upsales's search shows a write."""
    return [
        *_waiting(conn, found.events | _needing(conn, found.readings), found.requests),
        *_open_calls(conn, found.calls),
        *_young_calls(conn, found.calls, search_lag),
        *_written(conn, found.own | found.mentioning),
    ]


def waits(
    conn: Connection, some_events: Collection[str], some_requests: Collection[str]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Events among these, or of these requests, that a worker or a person has yet to end."""
    named = or_(events.c.id.in_(some_events), events.c.request_id.in_(some_requests))
    columns = (events.c.id, events.c.request_id, events.c.connection, events.c.status)
    return conn.execute(select(*columns).where(named, events.c.status.in_(WAITING))).all()


def _needing(conn: Connection, of_readings: Collection[str]) -> frozenset[str]:
    """Events for which these were read."""
    found: set[str] = set()
    for some in in_chunks(sorted(of_readings)):
        needed = select(event_readings.c.event).where(event_readings.c.reading.in_(some))
        found |= set(conn.execute(needed).scalars())
    return frozenset(found)


def _waiting(conn: Connection, of_events: Collection[str], of_requests: Collection[str]) -> Iterator[Obstacle]:
    found = {row.id: row for some in in_chunks(sorted(of_events)) for row in waits(conn, some, ())}
    found |= {row.id: row for some in in_chunks(sorted(of_requests)) for row in waits(conn, (), some)}
    for event, row in sorted(found.items()):
        if row.status == "pending":
            what = f"event {event} of {row.connection} waits, or is being delivered"
            yield Obstacle("event", event, what, f"wait for it, or relay events drop {event} --reason …")
        else:
            what = f"event {event} of {row.connection} waits for a person"
            yield Obstacle("event", event, what, f"relay review adopt, create or drop {event}")


def _open_calls(conn: Connection, of_calls: Collection[str]) -> Iterator[Obstacle]:
    at = now(conn)
    under_way = and_(calls.c.state == "open", calls.c.deadline_at > at)
    for some in in_chunks(sorted(of_calls)):
        unsettled = or_(calls.c.verify_at.is_not(None), under_way)
        for row in conn.execute(select(calls).where(calls.c.id.in_(some), calls.c.write, unsettled)):
            what = f"the outcome of {row.method} {row.resource} of {row.connection}, call {row.id}, is not known yet"
            when = "" if row.verify_at is None else f", not before {row.verify_at:%H:%M:%SZ}"
            yield Obstacle("call", row.id, what, f"wait: a worker looks for it by itself{when}")


def _young_calls(conn: Connection, of_calls: Collection[str], search_lag: float) -> Iterator[Obstacle]:
    """Without what is kept of the person only search tells that their record is there: who tells of them next would make it again."""
    ended = type_coerce(calls.c.started_at, BigInteger) + calls.c.duration
    young = (calls.c.write, calls.c.state == "done", ended > type_coerce(after(-search_lag), BigInteger))
    for some in in_chunks(sorted(of_calls)):
        for row in conn.execute(select(calls).where(calls.c.id.in_(some), *young)):
            what = f"Upsales's search may not show yet what {row.method} {row.resource} of {row.connection} wrote, call {row.id}"
            yield Obstacle("call", row.id, what, "wait a minute")


def _written(conn: Connection, of_records: Collection[RecordId]) -> Iterator[Obstacle]:
    at = now(conn)
    for each in sorted(of_records):
        row = conn.execute(select(records).where(at_record(each))).one_or_none()
        if row is not None and row.holder is not None and row.lease_until > at:
            yield Obstacle(
                "record", f"{each.resource}/{each.id}", f"{each.resource} {each.id} is being written", "wait a minute"
            )


def at_record(each: RecordId) -> Any:
    of_resource = and_(records.c.account == each.account, records.c.resource == each.resource)
    return and_(of_resource, records.c.record_id == each.id)
