"""Finds what a person types into the one field: ids, subjects, values in payloads.

What may name somebody leaves here as a keyed hash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from sqlalchemy import Connection, select

from worker.admin.filters import LONGEST as LONGEST_FIELD
from worker.admin.filters import Fault, Filters, InvalidParameters, can_be_stored
from worker.plan import RESOURCES
from worker.store import Store
from worker.store.db.tables import calls, connections, events, links, records
from worker.store.events.stretches import connections_of_events
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.terms.keys import hashing, hexadecimal, made_hashing
from worker.store.terms.values import EMAIL, LONGEST, SHORTEST, normal, tells_of_nobody

Kind: TypeAlias = Literal["event", "record", "sender-id", "subject", "e-mail", "organisation-number", "text"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
RECORD: Final = re.compile(r"(?P<resource>[A-Za-z]+)/(?P<id>[1-9]\d{0,17})")
ORDER: Final = re.compile(r"D(?P<id>[1-9]\d{0,17})")
"""As Upsales writes an order's number."""
ORGANISATION: Final = re.compile(r"(?:\d\d)?\d\d[2-9]\d{3}-?\d{4}")
BY_NAME: Final = {name.lower(): name for name in RESOURCES}


@dataclass(frozen=True, slots=True)
class Place:
    """A page, without its first stroke, and what to call it."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: what the value was taken for. `term`: its keyed hash, where it is looked for by that. `matches`: where it is shown.

    `choices`: the pages, where there are several.
    """

    kind: Kind
    term: str | None
    matches: str
    choices: Sequence[Place] = ()


def find(
    store: Store,
    actor: Actor,
    value: str,
    *,
    kind: Kind | None = None,
    field: str | None = None,
    within: Filters | None = None,
) -> Finding:
    """`kind`: as what it is looked for; None: as what it looks like. `within`: other filters of the list that shows a value.

    Raises InvalidParameters.
    """
    text = value.strip()
    if not text or len(text) > 4 * LONGEST or not can_be_stored(text):
        raise InvalidParameters([Fault("value", f"must have {SHORTEST} to {LONGEST} characters")])
    if field is not None and (not field or len(field) > LONGEST_FIELD or not can_be_stored(field)):
        raise InvalidParameters([Fault("field", f"must have 1 to {LONGEST_FIELD} characters, and no NUL")])
    if field is None and within is None:
        with store.read() as conn:
            found = _known(conn, text, kind)
        if found is not None:
            return found
    return _by_value(store, actor, text, kind, replace(within or Filters(), field=field))


def _known(conn: Connection, text: str, kind: Kind | None) -> Finding | None:
    """An id, or a subject that tells of nobody."""
    ways = {"event": _event, "record": _record, "sender-id": _sender_id, "subject": _subject}
    for name, way in ways.items():
        if kind in (None, name) and (found := way(conn, text)):
            return found
    return None


def _event(conn: Connection, text: str) -> Finding | None:
    if not ULID.fullmatch(text):
        return None
    found = conn.execute(select(events.c.id).where(events.c.id == text.upper())).scalar_one_or_none()
    return None if found is None else Finding("event", None, f"events/{found}")


def _record(conn: Connection, text: str) -> Finding | None:
    named, order = RECORD.fullmatch(text), ORDER.fullmatch(text)
    resource = "order" if order else BY_NAME.get(named["resource"].lower()) if named else None
    if resource is None:
        return None
    number = int((order or named)["id"])  # type: ignore[index] # one of them is there
    accounts = conn.execute(select(connections.c.account).where(connections.c.account.is_not(None)).distinct())
    pages = [
        Place(f"records/{account}/{resource}/{number}", f"{resource}/{number} of the account {account}")
        for account in sorted(accounts.scalars())
        if _told_of(conn, account, resource, number)
    ]
    return _pages("record", pages)


def _told_of(conn: Connection, account: int, resource: str, number: int) -> bool:
    """Whether anything here is about the record."""
    for table in (records, links, calls):
        mine = (table.c.account == account, table.c.resource == resource, table.c.record_id == number)
        if conn.execute(select(table.c.account).where(*mine).limit(1)).first():
            return True
    return False


def _sender_id(conn: Connection, text: str) -> Finding | None:
    """The newest of each connection: a replay has the id of what it replays."""
    pages = []
    for name in connections_of_events(conn):
        mine = (events.c.connection == name, events.c.event_id == text)
        found = conn.execute(select(events.c.id).where(*mine).order_by(events.c.seq.desc()).limit(1)).scalar()
        pages += [Place(f"events/{found}", f"event {found} of {name}")] if found else []
    return _pages("sender-id", pages)


def _subject(conn: Connection, text: str) -> Finding | None:
    there = conn.execute(select(events.c.seq).where(events.c.subject == text).limit(1)).first()
    if there is None or not tells_of_nobody(text):
        return None
    return Finding("subject", None, events_with(Filters(subject=(text,))))


def _pages(kind: Kind, pages: Sequence[Place]) -> Finding | None:
    return Finding(kind, None, pages[0].path, pages if len(pages) > 1 else ()) if pages else None


def _by_value(store: Store, actor: Actor, text: str, kind: Kind | None, within: Filters) -> Finding:
    """Who looked for what hash is kept, and never the value."""
    spelled = normal(text)
    if spelled is None:
        raise InvalidParameters([Fault("value", f"must have {SHORTEST} to {LONGEST} characters")])
    taken = _looks_like(text) if kind in (None, "event", "record", "sender-id") else kind
    with store.write() as conn:
        term = f"{taken}:{hexadecimal((hashing(conn) or made_hashing(conn)).term(spelled))}"
        audit.record(conn, actor, "find", f"search/{term}")
    return Finding(taken, term, events_with(replace(within, term=(term,))))


def _looks_like(text: str) -> Kind:
    if EMAIL.fullmatch(text):
        return "e-mail"
    return "organisation-number" if ORGANISATION.fullmatch(text) else "text"


def events_with(wanted: Filters) -> str:
    return f"events?{wanted.query()}"
