"""Lays changes over a whole subscription, as Upsales wants its updates."""

from __future__ import annotations

from collections.abc import Mapping

from worker.sync.records import Json

_REFERENCES = ("user", "client", "stage", "contact", "project", "clientConnection")
_PLAIN = ("description", "notes", "currency", "currencyRate", "priceListId")
_ROW = ("id", "quantity", "price", "listPrice", "purchaseCost", "sortId")


def whole(present: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The body of the PUT. `custom` and rows of the changes are complete already."""
    body = {name: present[name] for name in _PLAIN if present.get(name) is not None}
    body |= {name: _reference(present[name]) for name in _REFERENCES if present.get(name) is not None}
    body["orderRow"] = [_row(row) for row in present.get("orderRow") or ()]
    body["custom"] = [
        {"fieldId": entry["fieldId"], "value": entry["value"]}
        for entry in present.get("custom") or ()
        if entry.get("value") is not None
    ]
    metadata = {**(present.get("metadata") or {}), **(changes.get("metadata") or {})}
    return {**body, **changes, "metadata": metadata}


def _row(row: Mapping[str, Json]) -> dict[str, Json]:
    kept = {name: row[name] for name in _ROW if row.get(name) is not None}
    return {**kept, "product": _reference(row.get("product"))}


def _reference(value: Json) -> Json:
    return {"id": value["id"]} if isinstance(value, Mapping) and "id" in value else value
