"""Finds the values that Upsales has changed silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from worker.sync.records import Json

STOCKHOLM = ZoneInfo("Europe/Stockholm")
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
        return same(rows, back.get(name))
    return same(sent[name], back.get(name))


def same(sent: Json, back: Json) -> bool:  # noqa: PLR0911 - one return a type
    match sent:
        case None | "" | []:
            return not back
        case bool():
            return str(back).lower() in ({"true", "1"} if sent else {"false", "0", "none"})
        case int() | float():
            return _number(sent) == _number(back)
        case str():
            return sent == back or bool(_instants(sent) & _instants(back))
        case list():
            return isinstance(back, list) and len(sent) == len(back) and _paired(sent, back)
        case Mapping():
            return _same_part(sent, back)
        case _:
            return False


def _same_part(sent: Mapping[str, Json], back: Json) -> bool:
    """A reference may come back as a bare id."""
    if isinstance(back, Mapping):
        return all(same(value, back.get(name)) for name, value in sent.items())
    return sent.keys() == {"id"} and back is not None and same(sent["id"], back)


def _paired(sent: list[Json], back: list[Json]) -> bool:
    """Every sent part has a counterpart of its own, in any order."""
    left = list(back)
    for part in sent:
        found = next((index for index, other in enumerate(left) if same(part, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def _changed_custom(sent: list[Mapping[str, Json]], back: Json) -> list[Json]:
    values = {entry.get("fieldId"): entry.get("value") for entry in back or () if isinstance(entry, Mapping)}
    return [
        {"fieldId": entry["fieldId"], "value": values.get(entry["fieldId"])}
        for entry in sent
        if str(entry.get("value") or "") != str(values.get(entry["fieldId"]) or "")
    ]


def _number(value: Json) -> Decimal | None:
    try:
        return Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


def _instants(text: Json) -> set[datetime]:
    """The instants a date can mean. A day is midnight in UTC or, for closing dates, in Stockholm; fractions are cut."""
    if not isinstance(text, str):
        return set()
    try:
        if len(text) == len("2026-01-31"):
            midnight = datetime.combine(date.fromisoformat(text), time())
        else:
            midnight = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        return set()
    if midnight.tzinfo:
        return {midnight.astimezone(UTC)}
    return {midnight.replace(tzinfo=zone).astimezone(UTC) for zone in (UTC, STOCKHOLM)}
