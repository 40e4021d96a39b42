"""Merges our order rows with those that people added in Upsales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from worker.sync.records import Held, Json

ROWS = "orderRow"

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_WRITABLE = ("id", "quantity", "price", "listPrice", "purchaseCost")


def merge_rows(
    present: Rows, held: Rows | None, desired: Rows, unanswered: Sequence[Rows] = ()
) -> list[dict[str, Any]]:
    """The rows to send, so that the rows we hold become the desired ones and the rows of others stay.

    `held` is None for a record that holds no rows of ours yet: a present row that is like a desired one counts as ours.
    `unanswered`: the rows of calls that may have taken effect.
    """
    known = _ours_of(present, desired if held is None else held, *unanswered)
    ids: dict[str, list[int]] = {}
    for row in known:
        ids.setdefault(row["key"], []).append(row["id"])
    ours = {row["id"] for row in known}
    sent = [_ours(row, ids.get(row["key"])) for row in desired]
    return sent + [_theirs(row) for row in present if row.get("id") not in ours]


def identified_rows(rows: Rows, present: Rows) -> list[dict[str, Any]]:
    """Our rows with their ids: a row keeps an id that is still present, else it takes the id of an unclaimed row like it."""
    alive = {row["id"] for row in present if row.get("id") is not None}
    claimed = {row["id"] for row in rows if row.get("id") in alive}
    free = [row for row in present if row.get("id") in alive - claimed]
    result = []
    for row in rows:
        if row.get("id") in claimed:
            # Of two rows with one id it is the first one's.
            claimed.remove(row["id"])
            result.append(dict(row))
            continue
        mine = next((other for other in free if _content(other) == _content(row)), None)
        if mine is not None:
            free.remove(mine)
        result.append({**row, "id": None if mine is None else mine["id"]})
    return result


def shown_rows(rows: Rows, present: Rows, before: Rows = ()) -> bool:
    """Whether all of our rows are present, and none that was ours `before` and is not any more."""
    if Counter(map(_content, rows)) - Counter(map(_content, present)):
        return False
    keys = {row["key"] for row in rows}
    dropped = [row for row in before if row["key"] not in keys]
    return not any(
        row["key"] not in keys and row["id"] is not None for row in identified_rows([*rows, *dropped], present)
    )


def with_row_ids(fields: Mapping[str, Held], data: Mapping[str, Json]) -> dict[str, Held]:
    """The fields, our order rows with the ids that Upsales gave them."""
    rows = fields.get(ROWS)
    if rows is None or ROWS not in data:
        return dict(fields)
    return {**fields, ROWS: replace(rows, value=identified_rows(rows.value, data[ROWS] or ()))}


def _ours_of(present: Rows, *versions: Rows) -> list[dict[str, Any]]:
    """The present rows that are ours. Of several versions of a row the first that is present counts."""
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


def _content(row: Mapping[str, Any]) -> tuple[Any, float, float]:
    """What tells rows apart that have no id yet."""
    product = row.get("product") or {}
    return (product.get("id"), float(row.get("quantity") or 0), float(row.get("price") or 0))
