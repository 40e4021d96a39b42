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
from worker.sdk.mapping.buyers import contact, home

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
    sold, standing = sale(said, settings), state(said)
    if not sold.rows:
        standing = "stage_cancelled"
    if standing == "stage_cancelled":
        sold = lost_sale(said, settings)
    buyer = of_order(said, settings)
    place = home(buyer, settings, buys=True)
    person = contact(buyer, place, authoritative=False)
    order = Upsert(
        key=Key("order", f"order:{said['id']}"),
        set={"stage": stage(getattr(settings, standing)), "orderRow": sold.rows},
        on_create=filled(
            {
                "description": f"Shopify {said['name']}",
                "user": User(settings.owner),
                # An order that was brought over from another shop was placed before it was created.
                "date": day(said["processed_at"] or said["created_at"] or event.time, settings.time_zone),
                "currency": said["currency"],
            }
        ),
        if_empty=filled({"contact": person.key if person else None, "notes": order_notes(said, sold)}),
        placed={"client": place.place},
        number=said["name"].removeprefix("#"),
    )
    return (*place.upserts, person, order) if person else (*place.upserts, order)


def state(order: Mapping[str, Any]) -> str:
    """The setting that names the order's stage."""
    return "stage_cancelled" if order["cancelled_at"] else STAGES.get(order["financial_status"] or "", "stage_open")
