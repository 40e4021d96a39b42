"""Notes refunds on the customer; a refund in full loses the order."""

from __future__ import annotations

from worker.connectors.stripe.amounts import shown
from worker.connectors.stripe.checkout import payment
from worker.connectors.stripe.parties import place_of
from worker.connectors.stripe.settings import Settings
from worker.plan import ActivityType, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import block, filled, stage


def refunded(event: Event, settings: Settings) -> Plan:
    charge = event.payload["data"]["object"]
    before = (event.payload["data"]["previous_attributes"] or {}).get("amount_refunded") or 0
    noted = Upsert(
        key=Key("activity", f"refund:{charge['id']}:{charge['amount_refunded']}"),
        on_create=filled(
            {
                "description": f"Stripe refund {shown(charge['amount_refunded'] - before, charge['currency'])}",
                "notes": block("\n".join(filter(None, (charge["description"], charge["id"])))),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": event.time.date(),
                "closeDate": event.time.date(),
            }
        ),
        placed={"client": place_of(charge["customer"])} if charge["customer"] else {},
    )
    order = f"invoice:{charge['invoice']}" if charge["invoice"] else payment(charge["payment_intent"])
    if not (charge["refunded"] and order):
        return (noted,)
    lost = Upsert(key=Key("order", order), set={"stage": stage(settings.stage_cancelled)}, create=False)
    return (noted, lost)


def failed(event: Event, settings: Settings) -> Plan | Ignored:
    """Stripe tells it by up to three types of event. It says neither customer nor invoice."""
    refund = event.payload["data"]["object"]
    if refund["status"] != "failed":
        return Ignored("refund that did not fail")
    notes = [refund["failure_reason"], refund["charge"], refund["payment_intent"], refund["id"]]
    return (
        Upsert(
            key=Key("activity", f"refund_failed:{refund['id']}"),
            on_create={
                "description": f"Stripe refund failed: {shown(refund['amount'], refund['currency'])}",
                "notes": block("\n".join(filter(None, notes))),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": event.time.date(),
            },
        ),
    )
