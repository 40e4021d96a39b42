"""Our marker: what the records that we make carry, so that one whose create got no answer is known again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from worker.errors import Rejected
from worker.plan import Key
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.records import Found, Held, Json
from worker.sync.view import CUSTOM

EXTERNAL_ID = "externalId"
"""The field of calls and timeline events that Upsales has for the ids of others."""


def marker(connection: str, key: Key) -> str:
    """What a record that we made carries in its external-id field: the same for every attempt to make it."""
    text = f"{connection}\n{key.resource}\n{key.id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def marks(access: Access, key: Key) -> dict[str, Held]:
    """Our marker, where the account has a field for it. No event decides it: it is no field of the record's."""
    field = access.crm.stamp_field(key.resource)
    return {} if field is None else {field: Held.seen(marker(access.ledger.connection, key))}


def marked(access: Access, key: Key, sent: Mapping[str, Json]) -> bool:
    """Whether a call carried our marker, and in the field where it is looked for now."""
    ours = marks(access, key)
    return bool(ours) and all(sent.get(field) == mark.packed() for field, mark in ours.items())


def by_marker(access: Access, key: Key) -> Sequence[Found]:
    """Every record that carries the key's marker, as far as Upsales's search shows."""
    if access.crm.stamp_field(key.resource) is None:
        return ()
    return access.crm.with_marker(key.resource, marker(access.ledger.connection, key))


def told_by(sent: Mapping[str, Json]) -> dict[str, Held]:
    """The record's fields that a call carried, as events decided them."""
    unpacked = {name: Held.unpacked(packed) for name, packed in sent.items()}
    return {name: held for name, held in unpacked.items() if held.event is not None}


def check_mark(access: Access, change: Change) -> None:
    """Raises Rejected when a plan writes to the field that carries our marker: then nothing would tell what a lost create made."""
    steps = [step.upsert for step in change.steps]
    written = {
        name for upsert in steps for fields in (upsert.set, upsert.on_create, upsert.if_empty) for name in fields
    }
    # To ask costs a read now and then, and most plans write nothing that could carry it.
    candidates = {name for name in written if name.startswith(CUSTOM) or name == EXTERNAL_ID}
    mark = access.crm.stamp_field(change.key.resource) if candidates else None
    if mark in candidates:
        raise Rejected(
            f"{change.key.resource} {mark} carries our own mark and can't be set: write to another field"
            + ("" if mark == EXTERNAL_ID else ", or name another one for the mark ([upsales] external_id)")
        )
