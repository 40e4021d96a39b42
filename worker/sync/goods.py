"""Names in an order's notes the goods for which the fallback product stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from worker.errors import Rejected
from worker.plan import Plan, Product, Row, Upsert, Value
from worker.sdk.mapping.notes import notes, sold
from worker.sync.ports import Crm
from worker.sync.references import product_named
from worker.sync.rows import ROWS


def naming_goods(crm: Crm, plan: Plan) -> Plan:
    """The plan, with a line in the notes for each row whose product Upsales does not have.

    This comes before plans are folded, as fitting does: folded or one by one it comes to the same.
    """
    return tuple(_named(crm, upsert) for upsert in plan)


def _named(crm: Crm, upsert: Upsert) -> Upsert:
    lines = list(_lines(crm, upsert.set.get(ROWS)))
    if not lines:
        return upsert
    told = upsert.if_empty.get("notes")
    return replace(upsert, if_empty={**upsert.if_empty, "notes": notes(told if isinstance(told, str) else None, lines)})


def _lines(crm: Crm, rows: Value) -> Iterator[str]:
    for row in rows if isinstance(rows, tuple) else ():
        if isinstance(row, Row) and isinstance(row.product, Product) and _unknown(crm, row.product):
            yield sold(row.quantity, row.product.name)


def _unknown(crm: Crm, product: Product) -> bool:
    if not product.name:
        return False
    if not product.article_no:
        return product_named(crm, product) is None
    try:
        crm.resolve(Product(product.article_no))
    except Rejected:
        return True
    return False
