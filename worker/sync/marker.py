"""Marks the records that we make, so that a create that got no answer can be found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from worker.errors import Rejected
from worker.plan import Key
from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.records import Found, Held, Json, unpacked_fields
from worker.sync.view import CUSTOM

EXTERNAL_ID = "externalId"
"""The field that Upsales has for ids of other systems, on calls and timeline events."""


def marker(connection: str, key: Key) -> str:
    """The marker of a key's record. It is the same for every attempt to make the record."""
    text = f"{connection}\n{key.resource}\n{key.id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def marker_fields(access: Access, key: Key) -> dict[str, Held]:
    """The field that carries the key's marker, empty where the account has none. No event decided it."""
    field = access.crm.marker_field(key.resource)
    return {} if field is None else {field: Held.seen(marker(access.ledger.connection, key))}


def marked(access: Access, key: Key, sent: Mapping[str, Json]) -> bool:
    """Whether a call carried the key's marker in the field in which it would be searched for now."""
    ours = marker_fields(access, key)
    return bool(ours) and all(sent.get(field) == held.packed() for field, held in ours.items())


def by_marker(access: Access, key: Key) -> Sequence[Found]:
    """Every record that carries the key's marker, as far as Upsales's search shows."""
    if access.crm.marker_field(key.resource) is None:
        return ()
    return access.crm.with_marker(key.resource, marker(access.ledger.connection, key))


def told_by(sent: Mapping[str, Json]) -> dict[str, Held]:
    """The fields of a call that events decided: without the marker, and without what was only carried along."""
    unpacked = unpacked_fields(sent)
    return {name: held for name, held in unpacked.items() if held.event is not None}


def check_marker(access: Access, change: Change) -> None:
    """Raises Rejected when a plan writes to the field of the marker: a lost create could not be found any more."""
    written = {name for step in change.steps for name, _ in step.upsert.fields}
    # Asking for the field may cost a read, and most plans write no field that could carry the marker.
    candidates = {name for name in written if name.startswith(CUSTOM) or name == EXTERNAL_ID}
    field = access.crm.marker_field(change.key.resource) if candidates else None
    if field in candidates:
        raise Rejected(
            f"{change.key.resource} {field} carries our own marker and can't be set: write to another field"
            + ("" if field == EXTERNAL_ID else ", or name another one for the marker ([upsales] external_id)")
        )
