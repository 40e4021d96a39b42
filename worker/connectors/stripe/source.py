"""Declares Stripe's API as far as it is read: things by their ids, and the list of events.

https://docs.stripe.com/api
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from schemas import stripe
from schemas.wire import Payload
from worker.sdk.source import Answered, Changes, Cursor, Kind, Limit, Occurred, Source, Verdict, bearer


def source(written: Collection[str]) -> Source:
    """`written`: the types of events that are mapped."""
    return Source(
        url="https://api.stripe.com/v1",
        sign=bearer(),
        # What is read has the shapes of this version, whatever the account's own is. Events keep the version that they were made with.
        headers={"Stripe-Version": "2025-03-31.basil"},
        kinds={
            "event": Kind(schema=stripe.AnyEvent, get="/events/{id}", changes=events(written)),
            "customer": thing(stripe.Customer, "/customers/{id}?expand%5B%5D=tax_ids"),
            "product": thing(stripe.Product, "/products/{id}"),
            "invoice": thing(stripe.Invoice, "/invoices/{id}"),
            "subscription": thing(stripe.Subscription, "/subscriptions/{id}"),
            "checkout.session": thing(stripe.Session, "/checkout/sessions/{id}"),
            "charge": thing(stripe.Charge, "/charges/{id}"),
            "credit_note": thing(stripe.CreditNote, "/credit_notes/{id}"),
            "refund": thing(stripe.Refund, "/refunds/{id}"),
            "invoice_payment": thing(stripe.InvoicePayment, "/invoice_payments/{id}"),
        },
        # A sandbox's; an account that is live may ask four times as often (https://docs.stripe.com/rate-limits).
        limits=(Limit(25, 1.0),),
        unread=True,
    )


def events(written: Collection[str]) -> Changes:
    """Stripe tells its events for 30 days (https://docs.stripe.com/api/events/list), each as its webhook had it."""
    return Changes(
        path="/events?created%5Bgte%5D={since}&limit=100",
        everything="/events?limit=100",
        items="data",
        changed="created",
        pages=Cursor(at="data.-1.id", parameter="starting_after", more="has_more"),
        event=told(written),
        since=seconds,
        own_events=True,
        overlap=300.0,
        reach=30,
    )


def told(written: Collection[str]) -> Callable[[Any], Occurred | None]:
    """The event as its webhook tells it. A type that nothing becomes of concerns nobody."""

    def occurred(event: Any) -> Occurred | None:
        kind = event.get("type") if isinstance(event, dict) else None
        return Occurred(kind, event) if isinstance(kind, str) and kind in written else None

    return occurred


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def thing(schema: type[Payload], path: str) -> Kind:
    """Stripe shows a thing before it tells of it: what is not found will not be there later."""
    return Kind(schema=schema, get=path, means=deleted, early_for=0.0)


def deleted(answered: Answered) -> Verdict | None:
    """What was deleted is answered with 200: its id, and that it is deleted."""
    gone = isinstance(answered.json, dict) and answered.json.get("deleted") is True
    return Verdict("gone", "was deleted") if gone else None
