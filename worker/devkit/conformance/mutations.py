"""Changes payloads as senders change them: fields added, missing, null, or junk."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1.5, 1e300, "", "  ", "å", "1e9999", "-1", "å@ö.se", "\ufeff", "\0", "x" * 300,
    "🚢" * 80, "API_BLANK", "NaN", "2026-02-30", [], [None], [1, "å"], {}, {"id": None}, {"å": "ö"},
)  # fmt: skip
"""Values that nobody expects in a field."""


def grown(payload: Any, schema: Schema) -> Any:
    """The payload with a field more in each object that the schema describes."""
    if not isinstance(payload, dict):
        return payload
    inner = {
        name: _grown_field(payload.get(name), field) for name, field in by_wire_name(schema).items() if name in payload
    }
    return {**payload, **inner, "added by the sender later": {"å": [1, None]}}


def _grown_field(value: Any, field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.List) and isinstance(value, list):
        return [_grown_field(each, field.inner) for each in value]
    return grown(value, field.schema) if isinstance(field, fields.Nested) else value


def by_wire_name(schema: Schema) -> Mapping[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def without_required(payload: Any, schema: Schema) -> Iterator[tuple[str, Any]]:
    """For each required field of the payload: its dotted path, and the payload without it."""
    return _changes(payload, schema, required=True)


def with_null(payload: Any, schema: Schema) -> Iterator[tuple[str, Any]]:
    """For each optional field of the payload: its dotted path, and the payload with null there."""
    return _changes(payload, schema, required=False)


def _changes(payload: Any, schema: Schema, *, required: bool) -> Iterator[tuple[str, Any]]:
    if not isinstance(payload, dict):
        return
    for name, field in by_wire_name(schema).items():
        if name not in payload:
            continue
        if field.required and required:
            yield name, {key: value for key, value in payload.items() if key != name}
        if not field.required and not required:
            yield name, {**payload, name: None}
        for path, changed in _inside(payload[name], field, required=required):
            yield f"{name}.{path}", {**payload, name: changed}


def _inside(value: Any, field: fields.Field[Any], *, required: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(field, fields.Nested):
        yield from _changes(value, field.schema, required=required)
    elif isinstance(field, fields.List) and isinstance(value, list) and value:
        for path, changed in _inside(value[0], field.inner, required=required):
            yield f"0.{path}", [changed, *value[1:]]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from places(part, (*path, step))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed
