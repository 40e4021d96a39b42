"""Reads an order's sums: what it comes to, its tax, its shipping, and what was given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from worker.sdk.mapping import money

Order: TypeAlias = Mapping[str, Any]
Line: TypeAlias = Mapping[str, Any]

ZERO, ONE = Decimal(), Decimal(1)
GOES_BACK = frozenset({"success", "pending"})
"""States of a transaction whose money goes back to the buyer, as far as Shopify knows."""


def total(amounts: Iterable[Any]) -> Decimal:
    return sum(map(money, amounts), ZERO)


def of_set(price_set: Mapping[str, Any] | None) -> Decimal:
    return money(((price_set or {}).get("shop_money") or {}).get("amount"))


def discount(line: Line) -> Decimal:
    return total(each["amount"] for each in line["discount_allocations"] or ())


def tax(line: Line) -> Decimal:
    return total(each["price"] for each in line["tax_lines"] or ())


def as_set(price: Decimal, taxed: Decimal, order: Order, *, include_tax: bool) -> Decimal:
    """A price of the shop as it is to be in Upsales, with or without tax."""
    return price + taxed * (include_tax - bool(order["taxes_included"]))


def list_price(line: Line, order: Order, *, include_tax: bool) -> Decimal:
    """The price of a piece before discounts. The tax of one that is given away is zero, so its rate counts."""
    full: Decimal = line["price"]
    paid = full * (line.get("quantity") or 1) - discount(line)
    if paid:
        return full * as_set(paid, tax(line), order, include_tax=include_tax) / paid
    factor = ONE + total(each["rate"] for each in line["tax_lines"] or ())
    if factor <= 0 or include_tax == bool(order["taxes_included"]):
        return full
    return full * factor if include_tax else full / factor


def still_to_pay(order: Order) -> Decimal | None:
    """What is left of the order's total, with tax, after edits and refunds; old versions tell the total that was ordered.

    None where it can't be known.
    """
    found: Decimal | None = order["current_total_price"]
    if found is not None or order["total_price"] is None or changed(order):
        return found
    return money(order["total_price"]) - total(each["amount"] for each in payments_back(order))


def changed(order: Order) -> bool:
    """Whether it has other lines than were ordered."""
    now = any(line["current_quantity"] not in (None, line["quantity"]) for line in order["line_items"])
    return now or any(line["is_removed"] for line in order["shipping_lines"] or ())


def payments_back(order: Order) -> list[Mapping[str, Any]]:
    return [each for refund in order["refunds"] or () for each in paid_back(refund)]


def paid_back(refund: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in refund["transactions"] or () if each["kind"] == "refund" and each["status"] in GOES_BACK]


def tax_left(order: Order, shares: Iterable[tuple[Line, Decimal]]) -> Decimal:
    """The tax in what is left to pay: the order's, else that of the lines, each with the share of it that is left."""
    told = order["current_total_tax"]
    if told is None and not order["refunds"]:
        told = order["total_tax"]
    if told is not None:
        return money(told)
    shipped = sum(map(tax, shipping(order)), ZERO) * shipping_left(order)
    return sum((tax(line) * share for line, share in shares), ZERO) + shipped


def shipping(order: Order) -> list[Line]:
    return [line for line in order["shipping_lines"] or () if not line["is_removed"]]


def shipping_left(order: Order) -> Decimal:
    """The share of the shipping that was not given back."""
    whole = sum((line["price"] - discount(line) for line in shipping(order)), ZERO)
    back = sum((_shipping_back(each, order) for each in order["refunds"] or ()), ZERO)
    return max(ONE - back / whole, ZERO) if whole > 0 else ONE


def _shipping_back(refund: Mapping[str, Any], order: Order) -> Decimal:
    """In prices of the shop. An adjustment tells its tax beside its amount; newer versions list shipping lines instead."""
    told = [each for each in refund["order_adjustments"] or () if each["kind"] == "shipping_refund"]
    if not told:
        return sum((of_set(each["subtotal_amount_set"]) for each in refund["refund_shipping_lines"] or ()), ZERO)
    taxed = total(each["tax_amount"] for each in told) if order["taxes_included"] else ZERO
    return -total(each["amount"] for each in told) - taxed


def unspread_discount(order: Order) -> Decimal:
    """The part of the discounts that is not spread over the lines."""
    spread = sum((discount(line) for line in (*order["line_items"], *(order["shipping_lines"] or ()))), ZERO)
    return max(money(order["total_discounts"]) - spread, ZERO)
