"""Order rows: Upsales replaces them as a whole, so ours are sent with their ids, and those of others as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_WRITABLE = ("id", "quantity", "price", "listPrice", "purchaseCost")


def merge(present: Rows, held: Rows | None, desired: Rows, unanswered: Sequence[Rows] = ()) -> list[dict[str, Any]]:
    """What is sent so that the rows we hold become the desired ones. A record that holds none of ours yet: known by their looks.

    `unanswered`: the rows of calls that may have taken effect.
    """
    known = _ours_of(present, desired if held is None else held, *unanswered)
    ids: dict[str, list[int]] = {}
    for row in known:
        ids.setdefault(row["key"], []).append(row["id"])
    ours = {row["id"] for row in known}
    sent = [_ours(row, ids.get(row["key"])) for row in desired]
    return sent + [_theirs(row) for row in present if row.get("id") not in ours]


def identified(rows: Rows, answered: Rows) -> list[dict[str, Any]]:
    """Each of our rows with its id: its own while there is such a row, else that of an unclaimed row that looks the same."""
    alive = {row["id"] for row in answered if row.get("id") is not None}
    claimed = {row["id"] for row in rows if row.get("id") in alive}
    free = [row for row in answered if row.get("id") in alive - claimed]
    result = []
    for row in rows:
        if row.get("id") in claimed:
            # Of two rows that both go by an id it is the first one's.
            claimed.remove(row["id"])
            result.append(dict(row))
            continue
        mine = next((other for other in free if _looks(other) == _looks(row)), None)
        if mine is not None:
            free.remove(mine)
        result.append({**row, "id": None if mine is None else mine["id"]})
    return result


def shown(rows: Rows, present: Rows, before: Rows = ()) -> bool:
    """Whether all of our rows are there, and none that was ours `before` and isn't any more."""
    if Counter(map(_looks, rows)) - Counter(map(_looks, present)):
        return False
    keys = {row["key"] for row in rows}
    dropped = [row for row in before if row["key"] not in keys]
    return not any(row["key"] not in keys and row["id"] is not None for row in identified([*rows, *dropped], present))


def _ours_of(present: Rows, *versions: Rows) -> list[dict[str, Any]]:
    """Those of the present rows that are ours, by the first version that shows."""
    known: list[dict[str, Any]] = []
    for rows in versions:
        keys = {row["key"] for row in known}
        found = identified([*known, *(row for row in rows if row["key"] not in keys)], present)
        known = [row for row in found if row["id"] is not None]
    return known


def _ours(row: Mapping[str, Any], ids: list[int] | None) -> dict[str, Any]:
    body = {name: value for name, value in row.items() if name not in {"key", "id"}}
    return {"id": ids.pop(0), **body} if ids else body


def _theirs(row: Mapping[str, Any]) -> dict[str, Any]:
    product = row.get("product") or {}
    return {name: row[name] for name in _WRITABLE if name in row} | {"product": {"id": product.get("id")}}


def _looks(row: Mapping[str, Any]) -> tuple[Any, float, float]:
    product = row.get("product") or {}
    return (product.get("id"), float(row.get("quantity") or 0), float(row.get("price") or 0))
