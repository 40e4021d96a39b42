"""Merges our order rows with those that people added in Upsales."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from worker.sync.records import Held, Json

ROWS = "orderRow"

Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Sequence[Row]

_AMOUNTS = ("quantity", "price")
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


def identified_rows(
    rows: Rows, present: Rows, *, answered: bool = False, foreign: Collection[int] = ()
) -> list[dict[str, Any]]:
    """Our rows with their ids: a row keeps an id that is still present, else it takes the id of an unclaimed row like it.

    `answered`: Upsales answered with these rows, so ours are among them, whatever it made of their amounts. The
    `foreign` ones are those that we sent back for others.
    """
    alive = {row["id"] for row in present if row.get("id") is not None}
    numbers = _kept_ids(rows, alive)
    free = [row for row in present if row.get("id") in alive - {*numbers, *foreign}]
    for alike in (*_LOOKS, *(_ANSWERED if answered else ())):
        for place, row in enumerate(rows):
            mine = next((other for other in free if alike(row, other)), None) if numbers[place] is None else None
            if mine is not None:
                free.remove(mine)
                numbers[place] = mine["id"]
    return [{**row, "id": number} for row, number in zip(rows, numbers, strict=True)]


def taken_over(rows: Rows, present: Rows) -> list[dict[str, Any]]:
    """Our rows as they stand in an order that another integration made, each with the id of the row that it takes over.

    A row takes over the one that is most like it, and else the next in the order. Those that are left over stay others'.
    Where both come to the same sum nothing differs: one row may stand for many.
    """
    numbered = identified_rows(rows, present, answered=True)
    claimed = {row["id"] for row in numbered}
    free = iter([row["id"] for row in present if row.get("id") is not None and row["id"] not in claimed])
    numbered = [row if row["id"] is not None else {**row, "id": next(free, None)} for row in numbered]
    if present and _sum(rows) == _sum(present):
        return numbered
    shown = {row["id"]: row for row in present if row.get("id") is not None}
    return [_as_shown(row, shown[row["id"]]) for row in numbered if row["id"] is not None]


def _as_shown(row: Row, other: Row) -> dict[str, Any]:
    if _same(row, other):
        return dict(row)
    return {**row, "product": {"id": _product(other)}, **{name: other.get(name) for name in _AMOUNTS}}


def _sum(rows: Rows) -> Decimal:
    return sum((_amount(row, "quantity") * _amount(row, "price") for row in rows), Decimal())


def shown_rows(rows: Rows, present: Rows, before: Rows = ()) -> bool:
    """Whether all of our rows are present, and none that was ours `before` and is not any more."""
    looks = [{**row, "id": None} for row in rows]
    if any(row["id"] is None for row in identified_rows(looks, present)):
        return False
    keys = {row["key"] for row in rows}
    dropped = [row for row in before if row["key"] not in keys]
    return not any(
        row["key"] not in keys and row["id"] is not None for row in identified_rows([*rows, *dropped], present)
    )


def with_row_ids(
    fields: Mapping[str, Held],
    data: Mapping[str, Json],
    *,
    answered: bool = False,
    foreign: Collection[int] = (),
) -> dict[str, Held]:
    """The fields, our order rows with the ids that Upsales gave them. `answered` and `foreign` as in `identified_rows`."""
    rows = fields.get(ROWS)
    if rows is None or ROWS not in data:
        return dict(fields)
    identified = identified_rows(rows.value, data[ROWS] or (), answered=answered, foreign=foreign)
    return {**fields, ROWS: replace(rows, value=identified)}


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


def _kept_ids(rows: Rows, alive: Collection[int]) -> list[int | None]:
    """For each row its id, if that is still present. Of two rows with one id it is the first one's."""
    numbers: list[int | None] = []
    for row in rows:
        number = row.get("id")
        numbers.append(number if number in alive and number not in numbers else None)
    return numbers


def _same(row: Row, other: Row) -> bool:
    return _product(row) == _product(other) and all(_amount(row, name) == _amount(other, name) for name in _AMOUNTS)


def _rounded(row: Row, other: Row) -> bool:
    """Whether `other` is what is left of the row after Upsales has rounded or cut its amounts."""
    return _product(row) == _product(other) and all(
        _rounds(_amount(row, name), _amount(other, name)) for name in _AMOUNTS
    )


def _same_quantity(row: Row, other: Row) -> bool:
    return _same_product(row, other) and _rounds(_amount(row, "quantity"), _amount(other, "quantity"))


def _same_product(row: Row, other: Row) -> bool:
    return bool(_product(row) == _product(other))


_LOOKS = (_same, _rounded)
_ANSWERED = (_same_quantity, _same_product)


def _rounds(sent: Decimal, shown: Decimal) -> bool:
    if sent == shown:
        return True
    left = _decimals(shown)
    return left < _decimals(sent) and abs(sent - shown) < Decimal(1).scaleb(-left)


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _amount(row: Row, name: str) -> Decimal:
    """Upsales shows amounts as numbers or as text, and nothing as 0."""
    try:
        return Decimal(str(row.get(name) or 0))
    except InvalidOperation:
        return Decimal("NaN")


def _product(row: Row) -> Json:
    return (row.get("product") or {}).get("id")
