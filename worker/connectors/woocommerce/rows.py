"""Makes order rows that come to what was paid, with or without tax.

WooCommerce tells the sums of a line, without tax. An order's total stays as it was when money is given back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.plan import Row
from worker.sdk.mapping import money, rounded
from worker.sdk.mapping.notes import sold
from worker.sdk.mapping.rows import line_row, product, sum_of

ZERO, ONE = Decimal(), Decimal(1)


@dataclass(frozen=True, slots=True)
class Sale:
    """What an order comes to: its rows, and a line of text for each."""

    rows: tuple[Row, ...]
    told: tuple[str, ...]

    @property
    def worth(self) -> Decimal:
        return sum_of(self.rows)


def sale(order: Mapping[str, Any], settings: Settings) -> Sale:
    """What was ordered. The last row is what no line says: the shop's rounding, or what a plugin took off."""
    found = list(_lines(order, settings))
    rest = _wanted(order, settings) - sum_of(row for _, row in found) if order["total"] is not None else ZERO
    if found and rest:
        found.append(("Rounding" if abs(rest) < ONE else "Adjustment", _single("rest", rest, settings)))
    return Sale(tuple(row for _, row in found), tuple(text for text, _ in found))


def given_back(order: Mapping[str, Any], settings: Settings) -> Iterator[Row]:
    """A row for each refund. Where shipping is left out, so is the money that is given back for it."""
    shipping = ZERO if settings.shipping_product else shipping_paid(order)
    parcels = [_gross(line) for line in order["shipping_lines"] or ()]
    goods = money(order["total"]) - shipping if order["total"] is not None else None
    for refund in order["refunds"] or ():
        back = abs(refund["total"])
        if shipping and back in (shipping, *parcels):
            shipping -= back
            continue
        taken = back if goods is None else min(back, max(goods, ZERO))
        goods = None if goods is None else goods - taken
        if taken:
            yield _refund(order, refund, taken, settings)


def shipping_paid(order: Mapping[str, Any]) -> Decimal:
    return sum(map(_gross, order["shipping_lines"] or ()), ZERO)


def _gross(line: Mapping[str, Any]) -> Decimal:
    return money(line["total"]) + money(line["total_tax"])


def _lines(order: Mapping[str, Any], settings: Settings) -> Iterator[tuple[str, Row]]:
    for line in order["line_items"]:
        yield sold(line["quantity"] or ONE, line["name"], line["sku"]), _row(line["id"], line["sku"], line, settings)
    if settings.shipping_product:
        for line in order["shipping_lines"] or ():
            row = _row(f"shipping:{line['id']}", settings.shipping_product, line, settings)
            yield line["method_title"] or "Shipping", row
    for line in order["fee_lines"] or ():
        yield line["name"] or "Fee", _row(f"fee:{line['id']}", None, line, settings)


def _row(key: str, article: str | None, line: Mapping[str, Any], settings: Settings) -> Row:
    paid = line["total"] + settings.include_tax * money(line["total_tax"])
    listed = money(line.get("subtotal")) + settings.include_tax * money(line.get("subtotal_tax"))
    return line_row(
        key,
        product(article, settings.fallback_product),
        quantity=line.get("quantity") or ONE,
        paid=paid,
        listed=listed or paid,
        decimals=settings.price_decimals,
    )


def _single(key: str, price: Decimal, settings: Settings) -> Row:
    bare = product(None, settings.fallback_product)
    return line_row(key, bare, quantity=ONE, paid=price, decimals=settings.price_decimals)


def _wanted(order: Mapping[str, Any], settings: Settings) -> Decimal:
    """The order's total, without tax unless that is set, and without the shipping that is left out."""
    whole = money(order["total"])
    if not settings.include_tax:
        whole -= _tax(order)
    if not settings.shipping_product:
        shipped = order["shipping_lines"] or ()
        whole -= sum((line["total"] + settings.include_tax * money(line["total_tax"]) for line in shipped), ZERO)
    return rounded(whole, settings.price_decimals)


def _tax(order: Mapping[str, Any]) -> Decimal:
    """The order's tax; where it is not told, that of the lines."""
    if order["total_tax"] is not None:
        return money(order["total_tax"])
    groups = (order["line_items"], order["shipping_lines"], order["fee_lines"])
    return sum((money(line["total_tax"]) for group in groups for line in group or ()), ZERO)


def _refund(order: Mapping[str, Any], refund: Mapping[str, Any], taken: Decimal, settings: Settings) -> Row:
    """Money given back; its tax is that of the refund, or where the refund does not say it, a share of the order's."""
    back = abs(refund["total"])
    tax = abs(refund["total_tax"]) if refund["total_tax"] is not None else back * _tax_share(order)
    part = taken / back
    return _single(f"refund:{refund['id']}", (-back if settings.include_tax else tax - back) * part, settings)


def _tax_share(order: Mapping[str, Any]) -> Decimal:
    whole = money(order["total"])
    return min(max(_tax(order) / whole, ZERO), ONE) if whole else ZERO
