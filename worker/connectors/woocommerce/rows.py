"""Makes order rows at the price that was paid.

WooCommerce tells the sums of a line, without tax.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.connectors.woocommerce.settings import Settings
from worker.plan import Product, Row
from worker.sdk.mapping import ARTICLE_NO, clip, money, rounded

ONE = Decimal(1)


def rows(order: Mapping[str, Any], settings: Settings, *, lost: bool) -> Iterator[Row]:
    """A lost order shows what was lost, so its refunds are left out."""
    for line in order["line_items"]:
        yield _row(line["id"], line["sku"], line, settings)
    if settings.shipping_product:
        for line in order["shipping_lines"] or ():
            yield _row(f"shipping:{line['id']}", settings.shipping_product, line, settings)
    for line in order["fee_lines"] or ():
        yield _row(f"fee:{line['id']}", None, line, settings)
    for refund in () if lost else order["refunds"] or ():
        yield _refund(order, refund, settings)


def _row(key: str, article: str | None, line: Mapping[str, Any], settings: Settings) -> Row:
    pieces = line.get("quantity") or ONE
    paid = (line["total"] + settings.include_tax * money(line["total_tax"])) / pieces
    listed = money(line.get("subtotal")) + settings.include_tax * money(line.get("subtotal_tax"))
    return Row(
        key=key,
        product=Product(clip(article, ARTICLE_NO) if article else None, fallback=settings.fallback_product),
        quantity=pieces,
        price=rounded(paid, settings.price_decimals),
        list_price=rounded(listed / pieces if listed else paid, settings.price_decimals),
    )


def _refund(order: Mapping[str, Any], refund: Mapping[str, Any], settings: Settings) -> Row:
    """Money given back; its tax is that of the refund, or where the refund does not say it, a share of the order's."""
    back = abs(refund["total"])
    tax = abs(refund["total_tax"]) if refund["total_tax"] is not None else back * _tax_share(order)
    price = rounded(-back if settings.include_tax else tax - back, settings.price_decimals)
    product = Product(None, fallback=settings.fallback_product)
    return Row(key=f"refund:{refund['id']}", product=product, quantity=ONE, price=price, list_price=price)


def _tax_share(order: Mapping[str, Any]) -> Decimal:
    whole = money(order["total"])
    return min(max(money(order["total_tax"]) / whole, Decimal()), ONE) if whole else Decimal()
