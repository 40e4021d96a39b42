"""Maps orders: their state, their rows at the price that was paid, and their refunds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from worker.connectors.shopify.buyers import of_order
from worker.connectors.shopify.settings import Settings
from worker.plan import ActivityType, IfKnown, Ignored, Key, Plan, Product, Row, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import ARTICLE_NO, DESCRIPTION, block, clip, filled, money, rounded, stage
from worker.sdk.mapping.buyers import contact, home

# https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus; what is not here is still open
STAGES = {
    "paid": "stage_paid",
    "partially_refunded": "stage_paid",
    "refunded": "stage_cancelled",
    "voided": "stage_cancelled",
    "expired": "stage_cancelled",
}


def order(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload
    if said["test"] and not settings.test_orders:
        return Ignored("test order")
    buyer = of_order(said, settings)
    place = home(buyer, settings, buys=True)
    person = contact(buyer, place, authoritative=False)
    placed = said["created_at"] or event.time
    sale = Upsert(
        key=Key("order", f"order:{said['id']}"),
        set={"stage": stage(getattr(settings, state(said))), "orderRow": tuple(rows(said, settings))},
        on_create=filled(
            {
                "description": f"Shopify {said['name']}",
                "user": User(settings.owner),
                "date": placed.date(),
                "currency": said["currency"],
            }
        ),
        if_empty=filled({"contact": person.key if person else None, "notes": block(said["note"] or "")}),
        placed={"client": place.place},
    )
    return (*place.upserts, person, sale) if person else (*place.upserts, sale)


def state(order: Mapping[str, Any]) -> str:
    """The setting that names the order's stage."""
    return "stage_cancelled" if order["cancelled_at"] else STAGES.get(order["financial_status"] or "", "stage_open")


def rows(order: Mapping[str, Any], settings: Settings) -> Iterator[Row]:
    """What is left after edits and refunds; of an order with nothing left, what was ordered: Upsales keeps no order without rows."""
    left = [line for line in order["line_items"] if line["current_quantity"] != 0]
    kept = bool(left) and state(order) != "stage_cancelled"
    for line in left if kept else order["line_items"]:
        remaining = line["current_quantity"] if kept else None
        yield row(order, line, line["quantity"], remaining or line["quantity"], line["sku"], settings)
    if settings.shipping_product:
        for line in order["shipping_lines"] or ():
            if not line["is_removed"]:
                yield replace(row(order, line, 1, 1, settings.shipping_product, settings), key=f"shipping:{line['id']}")


def row(
    order: Mapping[str, Any],
    line: Mapping[str, Any],
    ordered: int,
    quantity: int,
    article: str | None,
    settings: Settings,
) -> Row:
    """One line. Discounts and tax are said for all pieces that were ordered, so a piece has its share of them."""
    full = line["price"]
    paid = full - sum((money(each["amount"]) for each in line["discount_allocations"] or ()), Decimal()) / (
        ordered or 1
    )
    tax = sum((money(each["price"]) for each in line["tax_lines"] or ()), Decimal()) / (ordered or 1)
    included = bool(order["taxes_included"])
    price = paid + tax * (settings.include_tax - included)
    return Row(
        key=line["id"],
        product=Product(clip(article, ARTICLE_NO) if article else None, fallback=settings.fallback_product),
        quantity=Decimal(quantity),
        price=rounded(price, settings.price_decimals),
        list_price=rounded(full * price / paid if paid else full, settings.price_decimals),
    )


def refund(event: Event, settings: Settings) -> Plan:
    """A closed activity on the order. The order's rows shrink with the `orders/updated` that Shopify sends as well."""
    said = event.payload
    items = said["refund_line_items"] or ()
    lines = [f"{item['quantity'] or 0} x {(item['line_item'] or {}).get('name') or '?'}" for item in items]
    return (
        Upsert(
            key=Key("activity", f"refund:{said['id']}"),
            on_create={
                "description": clip(f"Shopify refund {amount(said)}", DESCRIPTION),
                "notes": block("\n".join(filter(None, [said["note"], *lines, f"Shopify order {said['order_id']}"]))),
                # One that was placed before the connection was made isn't there.
                "opportunity": IfKnown(Key("order", f"order:{said['order_id']}")),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": event.time.date(),
                "closeDate": event.time.date(),
            },
        ),
    )


def amount(refund: Mapping[str, Any]) -> str:
    """What was paid back; before a payment provider has answered, what the lines were worth."""
    paid = [each for each in refund["transactions"] or () if each["kind"] == "refund" and each["status"] == "success"]
    if paid:
        return f"{sum(money(each['amount']) for each in paid)} {paid[0]['currency'] or ''}".strip()
    worth = (money(item["subtotal"]) + money(item["total_tax"]) for item in refund["refund_line_items"] or ())
    return str(sum(worth, Decimal()))
