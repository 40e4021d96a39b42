"""Maps invoices to orders; a failed payment is a to-do until it succeeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from worker.connectors.stripe.amounts import shown
from worker.connectors.stripe.buyers import of_invoice
from worker.connectors.stripe.parties import contact, home
from worker.connectors.stripe.rows import rows, worth
from worker.connectors.stripe.settings import Settings
from worker.plan import ActivityType, Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, block, clip, filled, stage


def finalized(event: Event, settings: Settings) -> Plan | Ignored:
    if settings.invoices == "paid":
        return Ignored("invoices become orders when they are paid")
    # Told in the same second as the payment, and perhaps after it: the stage of an order that exists stays.
    return sale(event, settings, on_create={"stage": stage(settings.stage_open)})


def paid(event: Event, settings: Settings) -> Plan:
    done = Upsert(key=failure(event.payload["data"]["object"]), set={"closeDate": event.time.date()}, create=False)
    return (*sale(event, settings, always={"stage": stage(settings.stage_paid)}), done)


def dropped(event: Event, settings: Settings) -> Plan:
    """Voided, or given up as uncollectible."""
    key = Key("order", f"invoice:{event.payload['data']['object']['id']}")
    return (Upsert(key=key, set={"stage": stage(settings.stage_cancelled)}, create=False),)


def sale(
    event: Event,
    settings: Settings,
    *,
    always: Mapping[str, Value] | None = None,
    on_create: Mapping[str, Value] | None = None,
) -> Plan:
    """The buyer and the order. An invoice over nothing (a trial), or one that an agreement stands for, makes no order."""
    invoice = event.payload["data"]["object"]
    buyer = of_invoice(invoice, settings)
    place = home(buyer, settings)
    person = contact(buyer, place, authoritative=False)
    who = (*place.upserts, person) if person else place.upserts
    if not worth(invoice, settings) or (settings.subscriptions == "agreements" and subscription(invoice)):
        return who
    made: dict[str, Value] = {
        "description": clip(f"Stripe {invoice['number'] or invoice['id']}", DESCRIPTION),
        "user": User(settings.owner),
        "date": event.time.date(),
        "currency": invoice["currency"],
    }
    order = Upsert(
        key=Key("order", f"invoice:{invoice['id']}"),
        set={"orderRow": tuple(rows(invoice, settings)), **(always or {})},
        on_create=filled({**made, **(on_create or {})}),
        if_empty=filled({"contact": person.key if person else None, "notes": block(invoice["description"] or "")}),
        placed={"client": place.place},
    )
    return (*who, order)


def subscription(invoice: Mapping[str, Any]) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = invoice["subscription"] or details.get("subscription")
    return found


def failed(event: Event, settings: Settings) -> Plan:
    invoice = event.payload["data"]["object"]
    buyer = of_invoice(invoice, settings)
    place = home(buyer, settings)
    person = contact(buyer, place, authoritative=False)
    again, due = invoice["next_payment_attempt"], invoice["amount_due"] or invoice["total"]
    notes = [
        f"Invoice {invoice['number'] or invoice['id']}",
        f"Attempt {invoice['attempt_count']}" if invoice["attempt_count"] else None,
        f"Next attempt {datetime.fromtimestamp(again, UTC).date()}" if again else "No further attempt",
        invoice["hosted_invoice_url"],
    ]
    todo = Upsert(
        key=failure(invoice),
        set={"notes": block("\n".join(filter(None, notes)))},
        on_create=filled(
            {
                "description": f"Stripe payment failed: {shown(due, invoice['currency'])}",
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "contacts": (person.key,) if person else (),
                "date": event.time.date(),
            }
        ),
        placed={"client": place.place},
    )
    return (*place.upserts, person, todo) if person else (*place.upserts, todo)


def failure(invoice: Mapping[str, Any]) -> Key:
    """One to-do an invoice, however often Stripe tries."""
    return Key("activity", f"failed:{invoice['id']}")
