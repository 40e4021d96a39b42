"""Finds the values that Upsales has changed silently."""

from __future__ import annotations

from collections.abc import Mapping

from worker.sync.compare import kept, same_thing
from worker.sync.records import Json

WRITE_ONLY = {"notify", "createDiffOrder"}
_ROW = {"product", "quantity", "price", "listPrice"}


def changed(sent: Mapping[str, Json], back: Mapping[str, Json]) -> dict[str, Json]:
    """The sent fields that came back otherwise → what came back. Of `custom` only the entries that differ."""
    found = {name: back.get(name) for name in sent if name not in WRITE_ONLY and not _kept(name, sent, back)}
    if "custom" in found:
        found["custom"] = _changed_custom(sent["custom"], back.get("custom"))
    return found


def _kept(name: str, sent: Mapping[str, Json], back: Mapping[str, Json]) -> bool:
    if name == "custom":
        return not _changed_custom(sent[name], back.get(name))
    if name == "orderRow":
        rows = [{part: row[part] for part in _ROW & row.keys()} for row in sent[name]]
        return same_thing(rows, back.get(name))
    return kept(name, sent[name], back.get(name))


def _changed_custom(sent: list[Mapping[str, Json]], back: Json) -> list[Json]:
    shown = {entry.get("fieldId"): entry for entry in back or () if isinstance(entry, Mapping)}
    return [
        {"fieldId": entry["fieldId"], "value": shown.get(entry["fieldId"], {}).get("value")}
        for entry in sent
        if not _shows(str(entry.get("value") or ""), shown.get(entry["fieldId"], {}))
    ]


def _shows(sent: str, entry: Mapping[str, Json]) -> bool:
    """The twin beside the text tells of what type it is."""
    value = str(entry.get("value") or "")
    if "valueBoolean" in entry:
        return same_thing(sent == "1", entry["valueBoolean"])
    if "valueArray" in entry:
        return same_thing(sent.split(","), entry["valueArray"])
    twin = entry.get("valueInteger", entry.get("valueDouble"))
    return sent == value or same_thing(sent, value) or (twin is not None and same_thing(twin, sent))
