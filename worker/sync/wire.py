"""From a plan's values to what Upsales is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from worker.errors import Rejected
from worker.plan import IfKnown, Key, Reference, Row, User, Value
from worker.sync.fold import Decided
from worker.sync.records import Held, Json

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_WRITABLE = ("id", "quantity", "price", "listPrice", "purchaseCost")


def merge_rows(
    present: Rows, held: Rows | None, desired: Rows, unanswered: Sequence[Rows] = ()
) -> list[dict[str, Any]]:
    """What is sent so that the rows we hold become the desired ones. A record that holds none of ours yet: known by their looks.

    `unanswered`: the rows of calls that may have taken effect.
    """
    known = _ours_of(present, desired if held is None else held, *unanswered)
    ids: dict[str, list[int]] = {}
    for row in known:
        ids.setdefault(row["key"], []).append(row["id"])
    ours = {row["id"] for row in known}
    sent = [_ours(row, ids.get(row["key"])) for row in desired]
    return sent + [_theirs(row) for row in present if row.get("id") not in ours]


def identified_rows(rows: Rows, answered: Rows) -> list[dict[str, Any]]:
    """Each of our rows with its id: its own while there is such a row, else that of an unclaimed row that looks the same."""
    alive = {row["id"] for row in answered if row.get("id") is not None}
    claimed = {row["id"] for row in rows if row.get("id") in alive}
    free = [row for row in answered if row.get("id") in alive - claimed]
    result = []
    for row in rows:
        if row.get("id") in claimed:
            # Of two rows that both go by an id it is the first one's.
            claimed.remove(row["id"])
            result.append(dict(row))
            continue
        mine = next((other for other in free if _looks(other) == _looks(row)), None)
        if mine is not None:
            free.remove(mine)
        result.append({**row, "id": None if mine is None else mine["id"]})
    return result


def shown_rows(rows: Rows, present: Rows, before: Rows = ()) -> bool:
    """Whether all of our rows are there, and none that was ours `before` and isn't any more."""
    if Counter(map(_looks, rows)) - Counter(map(_looks, present)):
        return False
    keys = {row["key"] for row in rows}
    dropped = [row for row in before if row["key"] not in keys]
    return not any(
        row["key"] not in keys and row["id"] is not None for row in identified_rows([*rows, *dropped], present)
    )


def _ours_of(present: Rows, *versions: Rows) -> list[dict[str, Any]]:
    """Those of the present rows that are ours, by the first version that shows."""
    known: list[dict[str, Any]] = []
    for rows in versions:
        keys = {row["key"] for row in known}
        found = identified_rows([*known, *(row for row in rows if row["key"] not in keys)], present)
        known = [row for row in found if row["id"] is not None]
    return known


def _ours(row: Mapping[str, Any], ids: list[int] | None) -> dict[str, Any]:
    body = {name: value for name, value in row.items() if name not in {"key", "id"}}
    return {"id": ids.pop(0), **body} if ids else body


def _theirs(row: Mapping[str, Any]) -> dict[str, Any]:
    product = row.get("product") or {}
    return {name: row[name] for name in _WRITABLE if name in row} | {"product": {"id": product.get("id")}}


def _looks(row: Mapping[str, Any]) -> tuple[Any, float, float]:
    product = row.get("product") or {}
    return (product.get("id"), float(row.get("quantity") or 0), float(row.get("price") or 0))


CUSTOM = "custom."

ROWS = "orderRow"

Resolve: TypeAlias = Callable[[Reference], int]

Ids: TypeAlias = Mapping[Key, int]
"""The records that the links of a plan stand for."""


def hold_fields(decided: Mapping[str, Decided], ids: Ids, resolve: Resolve) -> dict[str, Held]:
    """What the record holds once the decided values are written. Raises Rejected for what Upsales doesn't have."""

    def linked(reference: Reference) -> int:
        if not isinstance(reference, Key):
            return resolve(reference)
        if reference not in ids:
            raise Rejected(f"links to {reference.resource} {reference.id!r}, which is not in Upsales")
        return ids[reference]

    def wired(name: str, value: Value) -> Json:
        json = to_wire(value, linked)
        return _custom_text(json) if name.startswith(CUSTOM) else json

    return {
        name: Held(wired(name, d.value), d.event.time, d.event.seq, d.event.event, d.event.connection)
        for name, d in decided.items()
    }


def to_wire(value: Value, resolve: Resolve) -> Json:  # noqa: PLR0911 - one return a type
    """A field's value as JSON. References become `{"id": n}`; a row keeps its key, which `assemble` takes out again."""
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
        case tuple() if all(isinstance(part, User) for part in value):
            # Several who are nobody in Upsales have one fallback, who is one user.
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
    *,
    custom_id: Callable[[str], int],
    present: Mapping[str, Json] | None = None,
    held_rows: Json = None,
    unanswered_rows: Sequence[Json] = (),
) -> dict[str, Json]:
    """The body of a POST or PUT.

    Upsales replaces arrays as a whole: with `present`, the record as it stands, custom fields and order rows
    that we don't know are kept, and our rows keep their ids. `unanswered_rows`: those of calls that may have taken effect.
    """
    body = {name: value for name, value in fields.items() if name != ROWS and not name.startswith(CUSTOM)}
    custom = {custom_id(name[len(CUSTOM) :]): value for name, value in fields.items() if name.startswith(CUSTOM)}
    if custom:
        body["custom"] = _merge_custom((present or {}).get("custom") or (), custom)
    if ROWS in fields:
        body[ROWS] = merge_rows((present or {}).get(ROWS) or (), held_rows, fields[ROWS], unanswered_rows)
    return body


def needs_present(names: Iterable[str]) -> bool:
    """Whether a PUT of these fields would overwrite what others keep in the same array."""
    return any(name == ROWS or name.startswith(CUSTOM) for name in names)


def along(names: Iterable[str], sent: Collection[str], *, whole: bool) -> list[str]:
    """Which other fields go out when some are sent: custom fields with custom fields, all if a PUT carries the whole record."""
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
    """Upsales keeps custom values as text: booleans as "1" and "0", a reference as its id."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping) and "id" in value:
        return str(value["id"])
    return value if value is None or isinstance(value, str) else str(value)
