"""Describes what a question can be asked with: filters, and a place in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from worker.admin import cursors, filters

Parameter = dict[str, Any]
TEXT: Final = {"type": "string", "minLength": 1, "maxLength": filters.LONGEST, "pattern": r"^[^\x00]+$"}
TIME: Final = {"type": "string", "format": "relay-time", "description": "24h, 7d or 2026-11-26T08:00Z"}
FATE: Final = {"enum": list(filters.FATES)}
CURSOR: Final = {"type": "string", "format": "relay-cursor", "description": "From `next` or `prev` of a list."}


def parameter(name: str, schema: Any, says: str = "", *, several: bool = False, required: bool = False) -> Parameter:
    """In the query. `several`: may be repeated; any of the values."""
    made: Parameter = {"name": name, "in": "query", "required": required, "schema": schema}
    if several:
        made |= {"schema": {"type": "array", "items": schema, "maxItems": filters.MOST, "minItems": 1}, "explode": True}
    return made | ({"description": says} if says else {})


def _filter(name: str) -> Parameter:
    schema = {"fate": FATE, "since": TIME, "until": TIME}.get(name, TEXT)
    return parameter(name, schema, several=name in filters.SEVERAL)


FILTERS: Final[Sequence[Parameter]] = [_filter(name) for name in filters.NAMES]
PAGING: Final[Sequence[Parameter]] = [
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": cursors.MOST, "default": cursors.USUAL}),
    parameter("before", CURSOR, "Older ones than this; not beside `after`"),
    parameter("after", CURSOR, "Newer ones than this; not beside `before`"),
]
