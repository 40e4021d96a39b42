"""Turns a natural key into Upsales's filters, and checks a found record against the key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from worker.errors import Rejected
from worker.plan import Match, composed, normalised
from worker.sync.records import Json
from worker.sync.view import custom_value

Filters = list[tuple[str, str]]


def queries(match: Match, *, queried: bool) -> list[Filters]:
    """The filters of one list call or, where several spellings don't fit into one, of several.

    `field=eq:value` is the documented form; its comma means "or", so a value with a comma of its own takes the JSON form.
    """
    values = spellings(match)
    if queried or any("," in value for value in values):
        return [[("q", json.dumps({"a": match.field, "c": "eq", "v": v}, ensure_ascii=False))] for v in values]
    return [[(match.field, f"eq:{','.join(values)}")]]


def custom_queries(match: Match, field_id: int) -> list[Filters]:
    values = spellings(match)
    if any("," in value for value in values):
        raise Rejected("Upsales can't look a value with a comma up in a custom field: match by another field")
    return [[("custom", f"eq:{field_id}:{value}")] for value in values]


def spellings(match: Match) -> tuple[str, ...]:
    """The ways a value may be written in Upsales. Whether its search ignores case is not documented."""
    value = composed(match.value).strip()
    if match.field == "email":
        return tuple(dict.fromkeys((value.lower(), value, match.value.strip())))
    if match.field == "orgNo":
        return _org_numbers(value)
    return tuple(dict.fromkeys((value, match.value.strip())))


def _org_numbers(value: str) -> tuple[str, ...]:
    """5565551234 and 556555-1234 are one Swedish company, and both spellings are in use."""
    bare = re.sub(r"[\s.,-]", "", value)
    dashed = f"{bare[:-4]}-{bare[-4:]}" if re.fullmatch(r"\d{10}", bare) else bare
    given = value.replace(",", "")
    return tuple(dict.fromkeys((bare, dashed, given)))


def carries(record: Mapping[str, Json], match: Match, custom_field: int | None = None) -> bool:
    """Upsales may ignore a filter it doesn't know, and answer with anything: what it found is compared once more."""
    value = record.get(match.field) if custom_field is None else custom_value(record, custom_field)
    return value is not None and normalised(Match(match.field, str(value))) == normalised(match)
