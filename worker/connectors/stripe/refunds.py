"""Notes refunds and credit notes on the order; a refund in full loses it."""

from __future__ import annotations

from collections.abc import Iterable

from worker.connectors.stripe.amounts import shown
from worker.connectors.stripe.checkout import payment
from worker.connectors.stripe.parties import place_of
from worker.connectors.stripe.settings import Settings
from worker.plan import ActivityType, IfKnown, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, block, clip, day, filled, stage


def refunded(event: Event, settings: Settings) -> Plan:
    charge = event.payload["data"]["object"]
    order = f"invoice:{charge['invoice']}" if charge["invoice"] else payment(charge["payment_intent"])
    before = (event.payload["data"]["previous_attributes"] or {}).get("amount_refunded") or 0
    noted = _noted(
        event,
        settings,
        key=f"refund:{charge['id']}:{charge['amount_refunded']}",
        title=f"Stripe refund {shown(charge['amount_refunded'] - before, charge['currency'])}",
        lines=(charge["description"], charge["id"]),
        order=order,
    )
    if not (charge["refunded"] and order):
        return (noted,)
    lost = Upsert(key=Key("order", order), set={"stage": stage(settings.stage_cancelled)}, create=False)
    return (noted, lost)


def credit_note(event: Event, settings: Settings) -> Plan:
    """What is left of the order is told by the `invoice.updated` that Stripe sends as well."""
    said = event.payload["data"]["object"]
    voided = " voided" if event.type == "credit_note.voided" else ""
    reason = (said["reason"] or "").replace("_", " ")
    return (
        _noted(
            event,
            settings,
            key=f"{event.type}:{said['id']}",
            title=f"Stripe credit note{voided} {shown(said['total'], said['currency'])}",
            lines=(said["memo"], reason, said["number"] or said["id"]),
            order=f"invoice:{said['invoice']}" if said["invoice"] else None,
        ),
    )


def _noted(
    event: Event, settings: Settings, *, key: str, title: str, lines: Iterable[str | None], order: str | None
) -> Upsert:
    """A closed activity on the customer's company and the order, as far as they are in Upsales."""
    customer = event.payload["data"]["object"]["customer"]
    when = day(event.time, settings.time_zone)
    return Upsert(
        key=Key("activity", key),
        on_create=filled(
            {
                "description": clip(title, DESCRIPTION),
                "notes": block("\n".join(filter(None, lines))),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": when,
                "closeDate": when,
            }
        ),
        if_empty={"opportunity": IfKnown(Key("order", order))} if order else {},
        placed={"client": place_of(customer)} if customer else {},
    )


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
                "date": day(event.time, settings.time_zone),
            },
        ),
    )
