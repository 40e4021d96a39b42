"""Makes order rows of an invoice's lines, which come to the invoice's total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from worker.connectors.stripe.amounts import amount
from worker.connectors.stripe.settings import Settings
from worker.plan import Product, Row
from worker.sdk.mapping import rounded
from worker.sdk.mapping.notes import sold
from worker.sdk.mapping.rows import line_row, sum_of
from worker.sdk.mapping.rows import product as named_product

TIMES = "\u00d7"


@dataclass(frozen=True, slots=True)
class Sale:
    """What an invoice comes to: its rows, and what is told of them."""

    rows: tuple[Row, ...]
    told: tuple[str, ...]


def sale(invoice: Mapping[str, Any], products: Mapping[str, str], settings: Settings) -> Sale:
    """What was invoiced. `products`: the names of those that were read. The last row is the rest of the sum: lines after the tenth, shipping, discounts before 2020."""
    lines = invoice["lines"]["data"]
    rows = [of_line(line, invoice["currency"], products, settings) for line in lines]
    told = [text for line in lines if (text := titled(line, products))]
    left = worth(invoice, settings) - sum_of(rows)
    if left:
        rows.append(single("rest", left, settings))
        told.append("Rest of the invoice")
    return Sale(tuple(rows), tuple(told))


def credited(invoice: Mapping[str, Any], settings: Settings) -> Decimal:
    """What credit notes took off. They tell it with tax; without it, it has the invoice's share."""
    off = sum(invoice[f"{when}_payment_credit_notes_amount"] or 0 for when in ("pre", "post"))
    total = invoice["total"]
    if not off or not total:
        return Decimal()
    return rounded(worth(invoice, settings) * off / total, settings.price_decimals)


def titled(line: Mapping[str, Any], products: Mapping[str, str]) -> str | None:
    """Stripe's own descriptions of lines begin with the number of pieces."""
    title: str | None = line["description"] or called(line, products)
    if title is None:
        return None
    return title if TIMES in title else sold(line["quantity"] or 1, title)


def worth(invoice: Mapping[str, Any], settings: Settings) -> Decimal:
    """What the invoice comes to, with tax or without it."""
    total: int = invoice["total"]
    if not settings.include_tax:
        taxes = invoice["total_taxes"] or invoice["total_tax_amounts"]
        tax = sum(each["amount"] or 0 for each in taxes) if taxes else invoice["tax"] or 0
        said = invoice["total_excluding_tax"]
        total = total - tax if said is None else said
    return rounded(amount(total, invoice["currency"]), settings.price_decimals)


def of_line(line: Mapping[str, Any], currency: str, products: Mapping[str, str], settings: Settings) -> Row:
    """A line's amount is that of all its pieces, before discounts; tax is in it only where prices include tax."""
    taxes = line["taxes"] or line["tax_amounts"] or ()
    within = sum(each["amount"] or 0 for each in taxes if included(each))
    beside = sum(each["amount"] or 0 for each in taxes if not included(each))
    full = line["amount"] + (beside if settings.include_tax else -within)
    off = sum(each["amount"] or 0 for each in line["discount_amounts"] or ())
    return line_row(
        # In old versions all lines of a subscription have the subscription's id.
        ":".join(filter(None, (line["id"], line["subscription_item"]))),
        product(line, products, settings),
        quantity=Decimal(line["quantity"] or 1),
        paid=amount(full - off, currency),
        listed=amount(full, currency),
        decimals=settings.price_decimals,
    )


def included(tax: Mapping[str, Any]) -> bool:
    return bool(tax["inclusive"]) or tax["tax_behavior"] == "inclusive"


def product(sold: Mapping[str, Any], products: Mapping[str, str], settings: Settings) -> Product:
    """The product of an invoice's line or of a subscription's item, by its price or by its product, else the one that is called the same."""
    found = next((settings.products[each] for each in ids(sold) if each in settings.products), None)
    bare = named_product(found, settings.fallback_product)
    return bare if found else replace(bare, name=called(sold, products))


def ids(sold: Mapping[str, Any]) -> Sequence[str]:
    details = (sold.get("pricing") or {}).get("price_details") or {}
    price, plan = sold["price"] or {}, sold["plan"] or {}
    known = (
        details.get("price"),
        details.get("product"),
        *(s.get(n) for s in (price, plan) for n in ("id", "product")),
    )
    return list(filter(None, known))


def called(sold: Mapping[str, Any], products: Mapping[str, str]) -> str | None:
    return next((products[each] for each in ids(sold) if each in products), None)


def single(key: str, price: Decimal, settings: Settings) -> Row:
    bare = named_product(None, settings.fallback_product)
    return line_row(key, bare, quantity=Decimal(1), paid=price, decimals=settings.price_decimals)
