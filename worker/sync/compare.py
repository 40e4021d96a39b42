"""What a record in Upsales shows of our fields, in the form in which we hold and send them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from worker.errors import Rejected
from worker.sync import wire
from worker.sync.fold import empty
from worker.sync.records import Held, Json
from worker.sync.wire import CUSTOM, ROWS


def same(held: Json, value: Json) -> bool:
    """Whether Upsales would hold the same with either value. It trims text, and row ids are its own."""
    return bool(_kept(held) == _kept(value))


def shows(
    name: str, value: Json, data: Mapping[str, Json], custom_id: Callable[[str], int], *, rows_before: Json = None
) -> bool:
    """Whether a record shows a field's value, or all of our rows. `rows_before`: those that it held, of which none may be left over."""
    if name == ROWS:
        return wire.shown_rows(value or (), data.get(ROWS) or (), rows_before or ())
    return same(_seen(name, data, custom_id), value)


def vacant(name: str, data: Mapping[str, Json], custom_id: Callable[[str], int]) -> bool:
    """Whether a record shows nothing in a field."""
    return same(_seen(name, data, custom_id), None)


def took_effect(
    sent: Mapping[str, Held],
    data: Mapping[str, Json],
    custom_id: Callable[[str], int],
    *,
    rows_before: Json = None,
) -> bool:
    """Whether a record shows all that a call carried."""
    return all(shows(name, held.value, data, custom_id, rows_before=rows_before) for name, held in sent.items())


def seen_fields(names: Iterable[str], data: Mapping[str, Json], custom_id: Callable[[str], int]) -> dict[str, Held]:
    """What a record that we did not make holds in these fields, reduced to the form we would send."""
    seen: dict[str, Held] = {}
    for name in names:
        if name == ROWS:
            continue
        seen[name] = Held.seen(_seen(name, data, custom_id))
    return seen


def carried(
    held: Mapping[str, Held], names: Iterable[str], present: Mapping[str, Json], custom_id: Callable[[str], int]
) -> dict[str, Held]:
    """The fields of ours that a PUT sends along, as they stand: as old as what is held."""

    def stands(name: str) -> Json:
        return held[name].value if name == ROWS else _seen(name, present, custom_id)

    there = known(names, custom_id)
    return {n: replace(Held.seen(stands(n)), time=held[n].time, seq=held[n].seq) for n in there}


def known(names: Iterable[str], custom_id: Callable[[str], int]) -> list[str]:
    """Those of the fields that Upsales has: a custom field can be deleted after we wrote to it."""

    def is_known(name: str) -> bool:
        try:
            return not name.startswith(CUSTOM) or custom_id(name[len(CUSTOM) :]) is not None
        except Rejected:
            return False

    return [name for name in names if is_known(name)]


def with_row_ids(fields: Mapping[str, Held], data: Mapping[str, Json]) -> dict[str, Held]:
    """The fields, our order rows with the ids that Upsales gave them."""
    rows = fields.get(ROWS)
    if rows is None or ROWS not in data:
        return dict(fields)
    return {**fields, ROWS: replace(rows, value=wire.identified_rows(rows.value, data[ROWS] or ()))}


def custom_value(data: Mapping[str, Json], field: int) -> Json:
    return next((entry.get("value") for entry in data.get("custom") or () if entry.get("fieldId") == field), None)


def _kept(value: Json) -> Json:
    """A value as Upsales keeps it."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list) and value and all(isinstance(part, Mapping) and "key" in part for part in value):
        return [{name: part[name] for name in part if name != "id"} for part in value]
    return None if empty(value) else value


def _seen(name: str, data: Mapping[str, Json], custom_id: Callable[[str], int]) -> Json:
    if name.startswith(CUSTOM):
        return custom_value(data, custom_id(name[len(CUSTOM) :]))
    return _reduced(data.get(name))


def _reduced(value: Json) -> Json:
    if isinstance(value, Mapping) and "id" in value:
        return {"id": value["id"]}
    if isinstance(value, list):
        return [_reduced(part) for part in value]
    return value
