"""Turns the values of a plan into the JSON that Upsales is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias

from worker.errors import Unlinked
from worker.plan import ClientOf, Content, IfKnown, Key, Ref, Reference, Row, User, Value
from worker.sdk.source.content import told_of
from worker.sync.fold import Decided
from worker.sync.records import Held, Json
from worker.sync.rows import ROWS, merge_rows
from worker.sync.view import CUSTOM, RecordView

Resolve: TypeAlias = Callable[[Reference], int]

Ids: TypeAlias = Mapping[Key, int]
"""The record of each key that a plan links to."""


def hold_fields(decided: Mapping[str, Decided], ids: Ids, resolve: Resolve) -> dict[str, Held]:
    """What the record holds once the decided values are written. Raises Rejected for a reference that Upsales doesn't have."""

    def linked(reference: Reference) -> int:
        if isinstance(reference, ClientOf) and isinstance(reference.record, Key):
            return resolve(ClientOf(Ref(linked(reference.record)), reference.record.resource))
        if not isinstance(reference, Key):
            return resolve(reference)
        if reference not in ids:
            raise Unlinked(reference)
        return ids[reference]

    def held(name: str, decided: Decided) -> Held:
        of, version = decided.event, decided.version
        value = field_to_wire(name, decided.value, linked)
        return Held(
            value, of.time, of.seq, of.event, of.connection, version.sender_version, version.rank, version.standing
        )

    return {name: held(name, each) for name, each in decided.items()}


def field_to_wire(name: str, value: Value, resolve: Resolve) -> Json:
    """A field's value as JSON; of a custom field as text."""
    json = to_wire(value, resolve)
    return _custom_text(json) if name.startswith(CUSTOM) else json


def to_wire(value: Value, resolve: Resolve) -> Json:  # noqa: PLR0911, C901 - one return a type
    """A value as JSON. References become `{"id": n}`. A row keeps its key, which `assemble` takes out again."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        case date():
            return value.isoformat()
        case Row():
            return _row(value, resolve)
        case Content():
            return told_of(value)
        case tuple() if all(isinstance(part, User) for part in value):
            # Several users who are not in Upsales may have the same fallback, which is sent once.
            users = [part for part in value if isinstance(part, User)]
            return [{"id": number} for number in dict.fromkeys(map(resolve, users))]
        case tuple():
            return [to_wire(part, resolve) for part in value]
        case Mapping():
            return {name: to_wire(part, resolve) for name, part in value.items()}
        case IfKnown():
            return {"id": resolve(value.key)}
        case _:
            return {"id": resolve(value)}


def assemble(
    fields: Mapping[str, Json],
    present: RecordView,
    *,
    held_rows: Json = None,
    unanswered_rows: Sequence[Json] = (),
) -> dict[str, Json]:
    """The body of a POST or PUT.

    Upsales replaces arrays as a whole. So custom fields and order rows of others that are `present` are sent back,
    and our rows keep their ids. `unanswered_rows`: those of calls that may have taken effect.
    """
    body = {name: value for name, value in fields.items() if name != ROWS and not name.startswith(CUSTOM)}
    custom = {present.field_id(name): value for name, value in fields.items() if name.startswith(CUSTOM)}
    if custom:
        body["custom"] = _merge_custom(present.data.get("custom") or (), custom)
    if ROWS in fields:
        body[ROWS] = merge_rows(present.data.get(ROWS) or (), held_rows, fields[ROWS], unanswered_rows)
    return body


def needs_present(names: Iterable[str]) -> bool:
    """Whether a PUT of these fields would overwrite what others keep in the same array."""
    return any(name == ROWS or name.startswith(CUSTOM) for name in names)


def along(names: Iterable[str], sent: Collection[str], *, whole: bool) -> list[str]:
    """The other fields that go out with the sent ones: custom fields with custom fields, all if a PUT carries the whole record."""
    array = any(name.startswith(CUSTOM) for name in sent)
    return [name for name in names if name not in sent and (whole or (array and name.startswith(CUSTOM)))]


def _row(row: Row, resolve: Resolve) -> dict[str, Json]:
    wired: dict[str, Json] = {
        "key": row.key,
        "product": {"id": resolve(row.product)},
        "quantity": to_wire(row.quantity, resolve),
        "price": to_wire(row.price, resolve),
    }
    wired["listPrice"] = to_wire(row.list_price if row.list_price is not None else row.price, resolve)
    return wired


def _merge_custom(present: Sequence[Json], ours: Mapping[int, Json]) -> list[Json]:
    kept = [
        {"fieldId": entry["fieldId"], "value": entry.get("value")}
        for entry in present
        if entry.get("fieldId") not in ours and entry.get("value") is not None
    ]
    return kept + [{"fieldId": field, "value": value} for field, value in sorted(ours.items())]


def _custom_text(value: Json) -> Json:
    """Upsales keeps custom values as text: booleans as "1" and "0", a reference as its id. Of a list no more is known here."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping) and "id" in value:
        return str(value["id"])
    if isinstance(value, list):
        return "; ".join(str(_custom_text(part)) for part in value)
    return value if value is None or isinstance(value, str) else str(value)
