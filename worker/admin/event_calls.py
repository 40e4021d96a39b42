"""Shows the calls that were made for an event, and the records that it meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from worker.admin.event import Found
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.masking import Masking, masked_value
from worker.admin.source_calls import Reading, shown
from worker.plan import Key
from worker.store import Store
from worker.store.db.tables import records
from worker.store.ledger import journal, links, source_calls
from worker.store.ledger.journal import Call

MOST: Final = 200
UNANSWERED: Final = frozenset({"open", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One call. `seconds`: how long it took. `unanswered`: it was sent, and what became of it is not known. `looks`: how often its effect was looked for in vain.

    `look_at`: when it is looked for next. `changed`: what Upsales stored otherwise than it was sent.
    """

    id: str
    started_at: datetime
    method: str
    resource: str
    record: int | None
    account: int | None
    state: str
    status: int | None
    seconds: float | None
    key: str
    unanswered: bool
    looks: int
    look_at: datetime | None
    error: str | None
    changed: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Calls:
    """The first first. `complete`: whether these are all. `readings`: what was read of the sender's API for it, the newest at the most."""

    data: Sequence[Made]
    complete: bool
    readings: Sequence[Reading] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """`key`: what the sender calls it. `state`: linked, creating, gone or former; None where it has no link. `fields`: how many we wrote."""

    resource: str
    key: str | None
    state: str | None
    account: int | None
    id: int | None
    fields: int | None


def calls(store: Store, found: Found, masking: Masking, patience: float = PATIENCE) -> Known[Calls]:
    return ask(store, lambda conn: _calls(conn, found.event.id, masking), patience)


def record_list(
    store: Store, found: Found, keys: Sequence[Key], masking: Masking, patience: float = PATIENCE
) -> Known[Sequence[Record]]:
    """Those that its plan means today, and those that its calls wrote to."""
    return ask(store, lambda conn: list(_records(conn, found, keys, masking)), patience)


def _calls(conn: Connection, event: str, masking: Masking) -> Calls:
    made = journal.listed(conn, event=event, limit=MOST + 1)
    read = source_calls.listed(conn, event=[event], limit=MOST)
    return Calls(
        [_made(call, masking) for call in reversed(made[:MOST])],
        len(made) <= MOST,
        [shown(call, masking) for call in reversed(read)],
    )


def _made(call: Call, masking: Masking) -> Made:
    return Made(
        id=call.id,
        started_at=call.started_at,
        method=call.method,
        resource=call.resource,
        record=call.record_id,
        account=call.account,
        state=call.state,
        status=call.status,
        seconds=call.duration,
        key=call.fingerprint,
        unanswered=call.write and call.state in UNANSWERED,
        looks=call.looks,
        look_at=call.verify_at,
        error=masking.sentence(call.error),
        changed=None if call.changed is None else masked_value(call.changed, "", masking),
    )


def _records(conn: Connection, found: Found, keys: Sequence[Key], masking: Masking) -> Iterator[Record]:
    seen: set[tuple[str, int]] = set()
    for key in keys:
        link = links.find(conn, found.event.connection, key)
        number, account = (None, None) if link is None else (link.record_id, link.account)
        if number is not None:
            seen.add((key.resource, number))
        state = None if link is None else link.state
        yield _record(conn, key.resource, account, number, key=masking.id(key.id), state=state)
    for call in reversed(journal.listed(conn, event=found.event.id, limit=MOST)):
        place = (call.resource, call.record_id)
        if call.write and call.record_id is not None and place not in seen:
            seen.add((call.resource, call.record_id))
            yield _record(conn, call.resource, call.account, call.record_id)


def _record(
    conn: Connection,
    resource: str,
    account: int | None,
    number: int | None,
    *,
    key: str | None = None,
    state: str | None = None,
) -> Record:
    held = None
    if account is not None and number is not None:
        mine = (records.c.account == account, records.c.resource == resource, records.c.record_id == number)
        kept = conn.execute(select(records.c.fields).where(*mine)).scalar_one_or_none()
        held = None if kept is None else sum(1 for value in kept.values() if value[3] is not None)
    return Record(resource, key, state, account, number, held)
