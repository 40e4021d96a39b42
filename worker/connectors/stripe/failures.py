"""Makes a to-do of an invoice whose payment failed, until it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from worker.connectors.stripe.amounts import shown
from worker.connectors.stripe.buyers import of_invoice
from worker.connectors.stripe.parties import contact, home
from worker.connectors.stripe.settings import Settings
from worker.plan import ActivityType, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import block, day, filled


def failed(event: Event, settings: Settings) -> Plan:
    invoice = event.payload["data"]["object"]
    buyer = of_invoice(invoice, event.read.get("customer"), settings)
    place = home(buyer, settings)
    person = contact(buyer, place, authoritative=False)
    again, due = invoice["next_payment_attempt"], invoice["amount_due"] or invoice["total"]
    next_day = day(datetime.fromtimestamp(again, UTC), settings.time_zone) if again else None
    notes = [
        f"Invoice {invoice['number'] or invoice['id']}",
        f"Attempt {invoice['attempt_count']}" if invoice["attempt_count"] else None,
        f"Next attempt {next_day}" if next_day else "No further attempt",
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
                "date": day(event.time, settings.time_zone),
            }
        ),
        placed={"client": place.place},
    )
    return (*place.upserts, person, todo) if person else (*place.upserts, todo)


def failure(invoice: Mapping[str, Any]) -> Key:
    """One to-do an invoice, however often Stripe tries."""
    return Key("activity", f"failed:{invoice['id']}")
