"""Reads one record in Upsales and says what differs from what was last sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.admin.parts import Parts
from worker.admin.shaped_values import shaped
from worker.errors import Failure, Gone, Rejected, RelayError
from worker.logs.masking import reason_shown
from worker.plan import Resource
from worker.settings import Connection
from worker.store.db.clock import now
from worker.store.lanes import connections
from worker.store.ledger import record_pages
from worker.store.ledger.record_pages import Kept, RecordAt
from worker.store.ledger.write_calls import as_resource
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.sync.records import Found, Held
from worker.sync.view import RecordView
from worker.upsales import Upsales
from worker.upsales.accounts import Bound

ACT = "read from Upsales"


class NotRead(RelayError):
    """Upsales could not be asked, or gave no answer."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One field. `same`: whether Upsales shows what was last sent; None where that can't be told. `value`: what it shows."""

    name: str
    same: bool | None
    value: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """`gone`: Upsales has no such record. `connection`: through whose key it was read."""

    read_at: datetime
    connection: str
    gone: bool
    active: bool
    masked: bool
    fields: Sequence[Compared]


def read(parts: Parts, actor: Actor, at: RecordAt, why: str, *, masked: bool = True) -> Reading:
    """Costs a call, or two where it has custom fields. Raises NotRead."""
    with parts.store.read() as conn:
        kept = record_pages.kept(conn, at)
    connection = _through(parts, at, kept)
    # Before it is asked: what was read, and is not in the audit, there is not.
    with parts.store.write() as conn:
        audit.record(conn, actor, ACT, at.about, why=why, outcome=f"through {connection.name}")
        begun = now(conn)
    resource, found = as_resource(at.resource), None
    try:
        bound: Bound = parts.runtime.binding.of(connection)
        if bound.account != at.account:
            raise NotRead(f"the key of {connection.name} is of account {bound.account} by now")
        upsales = bound.upsales.on_behalf(None)
        found = upsales.get(resource, at.id)
        return Reading(
            begun,
            connection.name,
            False,
            found.active,
            masked,
            _compared(upsales, resource, found, kept, masked=masked),
        )
    except Gone:
        return Reading(begun, connection.name, gone=True, active=False, masked=masked, fields=())
    except Failure as error:
        raise NotRead(f"{error.code.replace('_', ' ')}: {reason_shown(str(error))}") from None


def _through(parts: Parts, at: RecordAt, kept: Kept) -> Connection:
    """Of the connections of the account one whose key may be used; those that know the record come first."""
    with parts.store.read() as conn:
        states = connections.by_name(conn)
    linked = {link.connection for link in kept.links}
    usable = [
        name
        for name, state in states.items()
        if state.account == at.account and name in parts.settings.connections and state.may_read
    ]
    if not usable:
        raise NotRead(f"no connection has a key of account {at.account} that may be used now")
    return parts.settings.connections[min(usable, key=lambda name: (name not in linked, name))]


def _compared(upsales: Upsales, resource: Resource, found: Found, kept: Kept, *, masked: bool) -> Sequence[Compared]:
    view = RecordView(found.data, lambda alias: upsales.custom_field(resource, alias))
    return [_field(view, name, held, masked=masked) for name, held in sorted((kept.fields or {}).items())]


def _field(view: RecordView, name: str, held: Held, *, masked: bool) -> Compared:
    try:
        same, value = view.shows(name, held.value), view.value(name)
    except Rejected:
        # A custom field that is there no more.
        return Compared(name, None, None)
    return Compared(name, same, shaped(value) if masked else value)
