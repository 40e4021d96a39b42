"""Notes refunds on the order: how much, in which currency, for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.connectors.shopify.amounts import ZERO, of_set, paid_back
from worker.connectors.shopify.settings import Settings
from worker.plan import ActivityType, IfKnown, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, block, clip, day, money

ADJUSTMENTS = {"shipping_refund": "Shipping", "refund_discrepancy": "Adjustment"}


def refund(event: Event, settings: Settings) -> Plan:
    """A closed activity on the order. The order's rows shrink with the `orders/updated` that Shopify sends as well."""
    said = event.payload
    when = day(said["created_at"] or event.time, settings.time_zone)
    notes = [said["note"], *_lines(said), f"Shopify order {said['order_id']}"]
    return (
        Upsert(
            key=Key("activity", f"refund:{said['id']}"),
            on_create={
                "description": clip(f"Shopify refund {_shown(said)}", DESCRIPTION),
                "notes": block("\n".join(filter(None, notes))),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": when,
                "closeDate": when,
            },
            # One that was placed before the connection was made isn't there. One that is told later is filled in.
            if_empty={"opportunity": IfKnown(Key("order", f"order:{said['order_id']}"))},
        ),
    )


def _shown(refund: Mapping[str, Any]) -> str:
    """What is paid back; where no payment is told, what lines and adjustments come to."""
    paid = paid_back(refund)
    if paid:
        under_way = " (pending)" if any(each["status"] == "pending" for each in paid) else ""
        return f"{sum((money(each['amount']) for each in paid), ZERO)} {paid[0]['currency'] or ''}".strip() + under_way
    return f"{_worth(refund)} {_currency(refund)}".strip()


def _worth(refund: Mapping[str, Any]) -> Decimal:
    lines = (money(item["subtotal"]) + money(item["total_tax"]) for item in refund["refund_line_items"] or ())
    shipped = sum((of_set(each["subtotal_amount_set"]) for each in refund["refund_shipping_lines"] or ()), ZERO)
    adjusted = sum(map(_adjusted, refund["order_adjustments"] or ()), ZERO)
    return sum(lines, ZERO) + (adjusted or shipped)


def _currency(refund: Mapping[str, Any]) -> str:
    sets = [item["subtotal_set"] for item in refund["refund_line_items"] or ()]
    found = (((each or {}).get("shop_money") or {}).get("currency_code") for each in sets)
    return next(filter(None, found), "")


def _lines(refund: Mapping[str, Any]) -> Iterator[str]:
    for item in refund["refund_line_items"] or ():
        yield f"{item['quantity'] or 0} x {(item['line_item'] or {}).get('name') or '?'}"
    for each in refund["order_adjustments"] or ():
        yield f"{ADJUSTMENTS.get(each['kind'] or '', 'Adjustment')}: {_adjusted(each)}"
    for each in refund["transactions"] or ():
        if each["kind"] == "refund" and each["status"] != "success":
            yield f"Payment {each['status']}: {money(each['amount'])} {each['currency'] or ''}".strip()


def _adjusted(adjustment: Mapping[str, Any]) -> Decimal:
    """An adjustment is negative, and its tax beside it."""
    return -money(adjustment["amount"]) - money(adjustment["tax_amount"])
