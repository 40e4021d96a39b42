"""Maps orders, and what becomes of those that were deleted."""

from __future__ import annotations

from worker.connectors.woocommerce.buyers import of_order
from worker.connectors.woocommerce.notes import order_notes
from worker.connectors.woocommerce.rows import given_back, sale
from worker.connectors.woocommerce.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import day, filled, stage
from worker.sdk.mapping.buyers import contact, home
from worker.sdk.mapping.rows import sum_of

# https://woocommerce.com/document/managing-orders/order-statuses/; what is not here is still open
STATUSES = {
    "pending": "stage_pending",
    "processing": "stage_paid",
    "completed": "stage_paid",
    "cancelled": "stage_cancelled",
    "refunded": "stage_cancelled",
    "failed": "stage_cancelled",
    "trash": "stage_cancelled",
}

# The block checkout saves carts as orders: https://github.com/woocommerce/woocommerce/issues/66995
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft"})


def sold_order(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload
    status = (said["status"] or "").removeprefix("wc-")
    if status in DRAFTS:
        return Ignored("checkout that was not finished")
    ordered = sale(said, settings)
    if not ordered.rows:
        return Ignored("order without lines")
    state = STATUSES.get(status, "stage_open")
    back = tuple(given_back(said, settings)) if state != "stage_cancelled" else ()
    if back and ordered.worth + sum_of(back) <= 0:
        state = "stage_cancelled"
    # A lost order shows what was lost.
    rows = ordered.rows if state == "stage_cancelled" else (*ordered.rows, *back)
    buyer = of_order(said, settings)
    place = home(buyer, settings, buys=True)
    person = contact(buyer, place, authoritative=False)
    order = Upsert(
        key=Key("order", event.subject),
        set={"stage": stage(settings.stages.get(status) or getattr(settings, state)), "orderRow": rows},
        on_create=filled(
            {
                "description": f"WooCommerce {said['number'] or said['id']}",
                "user": User(settings.owner),
                "date": day(said["date_created"] or event.time, settings.time_zone),
                "currency": said["currency"],
            }
        ),
        if_empty=filled(
            {"contact": person.key if person else None, "notes": order_notes(said, ordered.told, settings)}
        ),
        placed={"client": place.place},
        number=said["number"] or said["id"],
    )
    return (*place.upserts, person, order) if person else (*place.upserts, order)


def gone(event: Event, settings: Settings) -> Plan | Ignored:
    """What was sold stays sold in a CRM, unless set otherwise. A deleted order is only an id."""
    if settings.gone_orders == "keep":
        return Ignored("orders that are deleted in the shop are kept")
    return (Upsert(key=Key("order", event.subject), set={"stage": stage(settings.stage_cancelled)}, create=False),)
