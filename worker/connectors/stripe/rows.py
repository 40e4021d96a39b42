"""Makes order rows of an invoice's lines, which come to the invoice's total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.connectors.stripe.amounts import amount
from worker.connectors.stripe.settings import Settings
from worker.plan import Product, Row
from worker.sdk.mapping import ARTICLE_NO, clip, rounded


def rows(invoice: Mapping[str, Any], settings: Settings) -> Iterator[Row]:
    """The last row is the rest of the sum: lines after the tenth, shipping, discounts before 2020."""
    left = worth(invoice, settings)
    for line in invoice["lines"]["data"]:
        row = of_line(line, invoice["currency"], settings)
        left -= row.quantity * row.price
        yield row
    if left:
        yield single("rest", left, settings)


def worth(invoice: Mapping[str, Any], settings: Settings) -> Decimal:
    """What the invoice comes to, with tax or without it."""
    total: int = invoice["total"]
    if not settings.include_tax:
        taxes = invoice["total_taxes"] or invoice["total_tax_amounts"]
        tax = sum(each["amount"] or 0 for each in taxes) if taxes else invoice["tax"] or 0
        said = invoice["total_excluding_tax"]
        total = total - tax if said is None else said
    return rounded(amount(total, invoice["currency"]), settings.price_decimals)


def of_line(line: Mapping[str, Any], currency: str, settings: Settings) -> Row:
    """A line's amount is that of all its pieces, before discounts; tax is in it only where prices include tax."""
    taxes = line["taxes"] or line["tax_amounts"] or ()
    within = sum(each["amount"] or 0 for each in taxes if included(each))
    beside = sum(each["amount"] or 0 for each in taxes if not included(each))
    full = line["amount"] + (beside if settings.include_tax else -within)
    off = sum(each["amount"] or 0 for each in line["discount_amounts"] or ())
    quantity = Decimal(line["quantity"] or 1)
    paid = rounded(amount(full - off, currency), settings.price_decimals)
    piece = rounded(paid / quantity, settings.price_decimals)
    if piece * quantity != paid:
        quantity, piece = Decimal(1), paid
    return Row(
        # In old versions all lines of a subscription have the subscription's id.
        key=":".join(filter(None, (line["id"], line["subscription_item"]))),
        product=product(line, settings),
        quantity=quantity,
        price=piece,
        list_price=rounded(amount(full, currency) / quantity, settings.price_decimals),
    )


def included(tax: Mapping[str, Any]) -> bool:
    return bool(tax["inclusive"]) or tax["tax_behavior"] == "inclusive"


def product(sold: Mapping[str, Any], settings: Settings) -> Product:
    """The product of an invoice's line or of a subscription's item, by its price or by its product."""
    details = (sold.get("pricing") or {}).get("price_details") or {}
    price, plan = sold["price"] or {}, sold["plan"] or {}
    known = (
        details.get("price"),
        details.get("product"),
        *(s.get(n) for s in (price, plan) for n in ("id", "product")),
    )
    found = next((settings.products[each] for each in filter(None, known) if each in settings.products), None)
    return Product(clip(found, ARTICLE_NO) if found else None, fallback=settings.fallback_product)


def single(key: str, price: Decimal, settings: Settings) -> Row:
    return Row(key=key, product=Product(None, fallback=settings.fallback_product), quantity=Decimal(1), price=price)
