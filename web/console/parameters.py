"""Describes what a question can be asked with: filters, and a place in a list."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final

from worker.admin import call_filters, cursors, deeds, filters, parameters, source_calls
from worker.admin.traffic import USUAL as USUAL_WINDOW
from worker.admin.traffic import WINDOWS
from worker.plan import RESOURCES

Parameter = dict[str, Any]
TEXT: Final = {"type": "string", "minLength": 1, "maxLength": filters.LONGEST, "pattern": r"^[^\x00]+$"}
TIME: Final = {
    "type": "string",
    "format": "relay-time",
    "description": "24h, 7d or 2026-11-26T08:00Z",
}
FATE: Final = {"enum": list(filters.FATES)}
TERM: Final = {"type": "string", "pattern": f"^{filters.TERM.pattern}$", "description": "From `POST /api/v1/searches`."}
CURSOR: Final = {
    "type": "string",
    "format": "relay-cursor",
    "description": "From `next` or `prev` of a list.",
}
CALL_CURSOR: Final = {**CURSOR, "format": "relay-call-cursor"}


def parameter(name: str, schema: Any, says: str = "", *, several: bool = False, required: bool = False) -> Parameter:
    """In the query. `several`: may be repeated; any of the values."""
    made: Parameter = {"name": name, "in": "query", "required": required, "schema": schema}
    if several:
        made |= {"schema": {"type": "array", "items": schema, "maxItems": filters.MOST, "minItems": 1}, "explode": True}
    return made | ({"description": says} if says else {})


def _matching(pattern: str) -> Parameter:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


SCHEMAS: Final[Mapping[str, Any]] = {
    "fate": FATE,
    "since": TIME,
    "until": TIME,
    "term": TERM,
    "reason": {"enum": list(filters.CODES)},
    "batch": _matching(filters.BATCH.pattern),
    "state": {"enum": list(call_filters.STATES)},
    "resource": {"enum": list(RESOURCES)},
    "key": _matching("[0-9a-f]{1,16}"),
    "record": _matching(call_filters.RECORD),
    "event": _matching("[0-9A-Za-z]{1,26}"),
    "status": _matching("[1-5][0-9]{2}"),
}
"""Of filters whose values are not just any text."""


def _filters(names: Iterable[str], single: Container[str]) -> Sequence[Parameter]:
    return [parameter(name, SCHEMAS.get(name, TEXT), several=name not in single) for name in names]


def one_or_several(asked: Parameter) -> Mapping[str, Any]:
    """The same in a body."""
    schema = asked["schema"]
    return {"anyOf": [schema["items"], schema]} if schema.get("type") == "array" else schema


def _paging(cursor: Any) -> Sequence[Parameter]:
    return [
        LIMIT,
        parameter("before", cursor, "Older ones than this; not beside `after`"),
        parameter("after", cursor, "Newer ones than this; not beside `before`"),
    ]


LIMIT: Final = parameter("limit", {"type": "integer", "minimum": 1, "maximum": cursors.MOST, "default": cursors.USUAL})
FILTERS: Final = _filters(filters.NAMES, frozenset(filters.NAMES) - filters.SEVERAL)
OF_REVIEWS: Final = [each for each in FILTERS if each["name"] not in ("fate", "field")]
OF_CALLS: Final = _filters(call_filters.CHECKS, parameters.SINGLE)
OF_SOURCE_CALLS: Final = _filters(source_calls.CHECKS, parameters.SINGLE)
OF_DEEDS: Final = _filters(deeds.CHECKS, parameters.SINGLE)
PAGING: Final = _paging(CURSOR)
CALL_PAGING: Final = _paging(CALL_CURSOR)
PAGING_BACK: Final = [each for each in CALL_PAGING if each["name"] != "after"]
WINDOW: Final = parameter("window", {"enum": list(WINDOWS), "default": USUAL_WINDOW})
PATIENCE: Final = parameter(
    "patience",
    {"enum": ["5"]},
    "Seconds that an answer may take, for operators; else a part that takes longer is not known",
)
