"""Compares what a sales person finds in Upsales with what a story says they should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.integration.meaning.upsales import Record, Upsales
from worker.store.events.events import Event

NAMES: Mapping[str, str] = {
    "accounts": "name",
    "contacts": "name",
    "orders": "description",
    "products": "name",
    "users": "email",
    "orderstages": "name",
}
LINKED: Mapping[str, str] = {
    "client": "accounts",
    "contact": "contacts",
    "contacts": "contacts",
    "opportunity": "orders",
    "product": "products",
    "user": "users",
    "users": "users",
    "stage": "orderstages",
}
"""The resource whose names stand for a field's references."""


def complaints(after: Mapping[str, Any], upsales: Upsales, events: Sequence[Event]) -> list[str]:
    """What is not as it should be, a line each.

    `after` names a resource, or `events`, and lists all its records, in any order, each by the fields that matter. A reference is
    told by the name of its record, an e-mail address for users. A field with `~` holds the text somewhere, with `!~` nowhere.
    """
    found: list[str] = []
    for what, expected in after.items():
        if what == "events":
            shown = [{"status": e.status, "reason": e.reason, "note": e.note, "type": e.type} for e in events]
        else:
            shown = [_readable(what, record, upsales) for record in upsales.records(what)]
        found += _compared(what, expected, shown)
    return found


def _readable(resource: str, record: Record, upsales: Upsales) -> dict[str, Any]:
    """The record with names in place of references, and custom values by alias."""
    shown = {name: _named(name, value, upsales) for name, value in record.items()}
    if "custom" in record:
        entity = {"activities": "activity"}.get(resource, resource.removesuffix("s"))
        alias = {row["id"]: row["alias"] for row in upsales.records(f"customfields/{entity}")}
        shown["custom"] = {alias.get(each["fieldId"]): each["value"] for each in record["custom"]}
    if "orderRow" in record:
        shown["orderRow"] = [_readable("", row, upsales) for row in record["orderRow"]]
    return shown


def _named(name: str, value: Any, upsales: Upsales) -> Any:
    if name not in LINKED or not value:
        return value
    names = {row["id"]: row.get(NAMES[LINKED[name]]) for row in upsales.records(LINKED[name])}
    if isinstance(value, list):
        return [names.get(each["id"]) for each in value]
    return names.get(value["id"])


def _compared(what: str, expected: Sequence[Record], shown: Sequence[Record]) -> Iterator[str]:
    left = list(shown)
    for wanted in expected:
        fitting = next((record for record in left if fits(wanted, record)), None)
        if fitting is None:
            yield f"{what}: none is {wanted}; left: {[_like(wanted, record) for record in left]}"
        else:
            left.remove(fitting)
    if left and len(shown) > len(expected):
        names = [record.get("name") or record.get("description") or record.get("reason") for record in left]
        yield f"{what}: {len(shown)}, not {len(expected)}; more than expected: {names}"


def fits(wanted: Any, shown: Any) -> bool:
    """Whether all that is wanted is shown. Numbers are compared as numbers, lists in any order and in full."""
    if isinstance(wanted, Mapping) and isinstance(shown, Mapping):
        return all(_holds(name, value, shown) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(shown, list):
        return len(wanted) == len(shown) and all(any(fits(each, other) for other in shown) for each in wanted)
    if isinstance(wanted, int | float) and isinstance(shown, int | float):
        return abs(wanted - shown) < 0.005
    return bool(wanted == shown or (wanted is None and shown in ("", [], {})))


def _holds(name: str, value: Any, shown: Mapping[str, Any]) -> bool:
    if name.endswith("!~"):
        return value not in str(shown.get(name[:-2]) or "")
    if name.endswith("~"):
        return value in str(shown.get(name[:-1]) or "")
    return fits(value, shown.get(name))


def _like(wanted: Record, shown: Record) -> dict[str, Any]:
    """Of a record what matters for the comparison."""
    names = [name.rstrip("!~") for name in wanted]
    return {name: shown.get(name) for name in names}
