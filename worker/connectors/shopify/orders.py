"""Maps orders: their state, their rows, and what else is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.shopify.buyers import of_order
from worker.connectors.shopify.notes import order_notes
from worker.connectors.shopify.rows import lost_sale, sale
from worker.connectors.shopify.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import day, filled, stage
from worker.sdk.mapping.buyers import account, contact

# https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus; what is not here is still open
STAGES = {
    "paid": "stage_paid",
    "partially_refunded": "stage_paid",
    "refunded": "stage_cancelled",
    "voided": "stage_cancelled",
    "expired": "stage_cancelled",
}


def sold_order(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload
    if said["test"] and not settings.test_orders:
        return Ignored("test order")
    sold, place = sale(said, settings), state(said)
    if not sold.rows:
        place = "stage_cancelled"
    if place == "stage_cancelled":
        sold = lost_sale(said, settings)
    buyer = of_order(said, settings)
    home = account(buyer, settings)
    person = contact(buyer, home.key, authoritative=False)
    order = Upsert(
        key=Key("order", f"order:{said['id']}"),
        set={"stage": stage(getattr(settings, place)), "orderRow": sold.rows},
        on_create=filled(
            {
                "description": f"Shopify {said['name']}",
                "client": home.key,
                "contact": person.key if person else None,
                "user": User(settings.owner),
                # An order that was brought over from another shop was placed before it was created.
                "date": day(said["processed_at"] or said["created_at"] or event.time, settings.time_zone),
                "currency": said["currency"],
            }
        ),
        if_empty=filled({"notes": order_notes(said, sold)}),
    )
    return (home, person, order) if person else (home, order)


def state(order: Mapping[str, Any]) -> str:
    """The setting that names the order's stage."""
    return "stage_cancelled" if order["cancelled_at"] else STAGES.get(order["financial_status"] or "", "stage_open")
