"""Maps invoices to orders, as they are finalized, paid, credited or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.stripe.buyers import of_invoice
from worker.connectors.stripe.checkout import payment
from worker.connectors.stripe.failures import failure
from worker.connectors.stripe.parties import contact, home
from worker.connectors.stripe.reading import names
from worker.connectors.stripe.rows import credited, sale, single, worth
from worker.connectors.stripe.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, day, filled, stage
from worker.sdk.mapping.notes import labelled, notes

CREDITS = ("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount")


def finalized(event: Event, settings: Settings) -> Plan | Ignored:
    if settings.invoices == "paid":
        return Ignored("invoices become orders when they are paid")
    # Told in the same second as the payment, and perhaps after it: the stage of an order that exists stays.
    return sold_invoice(event, settings, on_create={"stage": stage(settings.stage_open)})


def paid(event: Event, settings: Settings) -> Plan:
    done = Upsert(
        key=failure(event.payload["data"]["object"]),
        set={"closeDate": day(event.time, settings.time_zone)},
        create=False,
    )
    return (*sold_invoice(event, settings, always={"stage": stage(settings.stage_paid)}), done)


def updated(event: Event, settings: Settings) -> Plan | Ignored:
    """A credit note changes its invoice; all else that changes is told by other events."""
    before = event.payload["data"]["previous_attributes"] or {}
    if all(before.get(name) is None for name in CREDITS):
        return Ignored("invoice whose credit notes did not change")
    invoice = event.payload["data"]["object"]
    return (Upsert(key=order_key(invoice["id"]), set=left_of(invoice, names(event), settings), create=False),)


def paid_by(event: Event, _settings: Settings) -> Plan | Ignored:
    """Since 2025-03-31 a charge names its payment and not its invoice: the payment is another name of the invoice's order."""
    said = event.payload["data"]["object"]
    key = payment((said["payment"] or {}).get("payment_intent"))
    if key is None:
        return Ignored("payment of an invoice that no refund can name")
    return (Upsert(key=order_key(said["invoice"]), also=(Key("order", key),), create=False),)


def order_key(invoice: str) -> Key:
    return Key("order", f"invoice:{invoice}")


def left_of(invoice: Mapping[str, Any], products: Mapping[str, str], settings: Settings) -> dict[str, Value]:
    """Rows that come to what credit notes left. Nothing left: the order is lost, and its rows show what was invoiced."""
    sold, off = sale(invoice, products, settings), credited(invoice, settings)
    if off and off >= worth(invoice, settings):
        return {"orderRow": sold.rows, "stage": stage(settings.stage_cancelled)}
    return {"orderRow": (*sold.rows, single("credit", -off, settings)) if off else sold.rows}


def dropped(event: Event, settings: Settings) -> Plan:
    """Voided, or given up as uncollectible."""
    key = order_key(event.payload["data"]["object"]["id"])
    return (Upsert(key=key, set={"stage": stage(settings.stage_cancelled)}, create=False),)


def sold_invoice(
    event: Event,
    settings: Settings,
    *,
    always: Mapping[str, Value] | None = None,
    on_create: Mapping[str, Value] | None = None,
) -> Plan:
    """The buyer and the order. An invoice over nothing (a trial), or one that an agreement stands for, makes no order."""
    invoice = event.payload["data"]["object"]
    buyer = of_invoice(invoice, event.read.get("customer"), settings)
    place = home(buyer, settings)
    person = contact(buyer, place, authoritative=False)
    who = (*place.upserts, person) if person else place.upserts
    if not worth(invoice, settings) or (settings.subscriptions == "agreements" and subscription(invoice)):
        return who
    products = names(event)
    made: dict[str, Value] = {
        "description": clip(f"Stripe {invoice['number'] or invoice['id']}", DESCRIPTION),
        "user": User(settings.owner),
        "date": day(event.time, settings.time_zone),
        "currency": invoice["currency"],
    }
    order = Upsert(
        key=order_key(invoice["id"]),
        number=invoice["number"],
        set={**(always or {}), **left_of(invoice, products, settings)},
        on_create=filled({**made, **(on_create or {})}),
        if_empty=filled({"contact": person.key if person else None, "notes": order_notes(invoice, products, settings)}),
        placed={"client": place.place},
    )
    return (*who, order)


def subscription(invoice: Mapping[str, Any]) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = invoice["subscription"] or details.get("subscription")
    return found


def order_notes(invoice: Mapping[str, Any], products: Mapping[str, str], settings: Settings) -> str:
    fields = {each["name"] or "Note": each["value"] for each in invoice["custom_fields"] or ()}
    return notes(invoice["description"], sale(invoice, products, settings).told, labelled(fields))
