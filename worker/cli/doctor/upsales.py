"""Asks Upsales whose a key is, and whether what the settings name is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from worker.admin import marks
from worker.cli.bare_upsales import bare_upsales
from worker.cli.doctor.facts import Asked, Item
from worker.cli.doctor.names import aliases, references
from worker.errors import OutcomeUnknown, Refused, Rejected, RelayError
from worker.keys import Keys
from worker.plan import Reference, Resource
from worker.runtime import Runtime
from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.store.ledger import marker_fields
from worker.store.people.audit import Actor
from worker.upsales import Upsales
from worker.upsales.accounts import Bound
from worker.upsales.marker_fields import marked

MISSING = "missing: a create without an answer is found by natural keys only"


def ask_bound(asked: Asked, runtime: Runtime, connection: Connection, *, fix: Actor | None) -> None:
    """As the workers ask: within the key's windows, written down in the journal. The connection is bound to the account. `fix`: for whom."""
    store, settings = runtime.store, runtime.settings.upsales

    def look(bound: Bound) -> None:
        absent = {}
        for resource in marked(connection.makes):
            there = marks.is_there(store, settings, bound, resource)
            asked.items.append(_marker(bound.upsales, resource, there=there))
            if not there:
                absent[resource] = len(asked.items) - 1
        if fix is None or not absent:
            return
        _, stopped = marks.make_absent(store, settings, fix, connection.name, bound, list(absent))
        for resource, place in absent.items():
            asked.items[place] = _settled(runtime, bound.upsales, bound.account, resource)
        if stopped is not None:
            raise stopped

    def begin() -> None:
        bound = runtime.binding.of(connection)
        _who(asked, bound.upsales)
        look(bound)
        _names(asked, connection, bound.upsales)

    _noting(asked, begin)


def ask_bare(
    asked: Asked, settings: UpsalesSettings, keys: Keys, connection: Connection, key: str, *, fix: bool
) -> None:
    """Before anything runs: settings and a key are enough to look at the account."""
    asked.counted = False

    def begin() -> None:
        with bare_upsales(settings, connection, key, keys.fingerprint(key)) as upsales:
            _who(asked, upsales)
            for resource in marked(connection.makes):
                asked.items.append(_made(upsales, resource) if fix else _looked(upsales, resource))
            _names(asked, connection, upsales)

    _noting(asked, begin)


def _noting(asked: Asked, begin: Callable[[], None]) -> None:
    try:
        begin()
    except RelayError as error:
        asked.failure = error
    asked.done = True


def _who(asked: Asked, upsales: Upsales) -> None:
    account = upsales.whoami()
    asked.at = datetime.now(UTC)
    asked.account = account


def _looked(upsales: Upsales, resource: Resource) -> Item:
    return _marker(upsales, resource, there=upsales.has_custom_field(resource, upsales.external_id_alias))


def _made(upsales: Upsales, resource: Resource) -> Item:
    found = _looked(upsales, resource)
    if not found.missing:
        return found
    try:
        return Item(found.what, f"made: field {upsales.ensure_custom_field(resource, upsales.external_id_alias)}")
    except (Refused, OutcomeUnknown) as error:
        return Item(found.what, f"{MISSING}; {error}", missing=True)


def _settled(runtime: Runtime, upsales: Upsales, account: int, resource: Resource) -> Item:
    alias = upsales.external_id_alias
    what = f"custom field {alias} of {resource}"
    with runtime.store.read() as conn:
        state = marker_fields.known(conn, account, alias).get(resource)
    if state is not None and state.state == "there":
        return Item(what, f"made: field {upsales.custom_field(resource, alias).id}")
    reason = state.reason if state is not None else None
    return Item(what, f"{MISSING}; {reason or 'another process is making it now'}", missing=True)


def _marker(upsales: Upsales, resource: Resource, *, there: bool) -> Item:
    what = f"custom field {upsales.external_id_alias} of {resource}"
    return Item(what, "there" if there else f"{MISSING}; `relay doctor --fix` makes it", missing=not there)


def _names(asked: Asked, connection: Connection, upsales: Upsales) -> None:
    for setting, reference in references(connection.settings):
        asked.items.append(_item(setting, partial(_resolved, upsales, reference)))
    for setting, resource, alias in aliases(connection.settings):
        asked.items.append(_item(f"{setting} = {alias}", partial(_field, upsales, setting, resource, alias)))
    if upsales.org_no_alias is not None:
        alias = upsales.org_no_alias
        asked.items.append(_item(f"[upsales] org_no = {alias}", partial(_field, upsales, "org_no", "account", alias)))


def _item(what: str, ask: Callable[[], str]) -> Item:
    try:
        return Item(what, ask())
    except RelayError as error:
        return Item(what, failure=error)


def _resolved(upsales: Upsales, reference: Reference) -> str:
    return f"id {upsales.resolve(reference)}"


def _field(upsales: Upsales, setting: str, resource: Resource | None, alias: str) -> str:
    if resource is None:
        raise Rejected(f"{setting} names no kind of record: write company.…, contact.…, order.…")
    found = upsales.custom_field(resource, alias)
    return f"field {found.id} of {resource}" + (f", {found.datatype}" * bool(found.datatype))
