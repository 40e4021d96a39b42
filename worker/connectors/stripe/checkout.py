"""Maps Checkout sessions: the buyer, and an order for what no invoice tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.stripe.amounts import amount
from worker.connectors.stripe.buyers import of_session
from worker.connectors.stripe.parties import contact, home
from worker.connectors.stripe.rows import single
from worker.connectors.stripe.settings import Settings
from worker.plan import Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, day, email, filled, rounded, stage
from worker.sdk.mapping.notes import labelled, notes, ordered_by

FAILED = "checkout.session.async_payment_failed"


def completed(event: Event, settings: Settings) -> Plan:
    """A bank transfer is told twice: when the session is completed, and when the money has come or not."""
    session = event.payload["data"]["object"]
    buyer = of_session(session, settings)
    place = home(buyer, settings)
    person = contact(buyer, place, authoritative=False)
    who = (*place.upserts, person) if person else place.upserts
    tax = 0 if settings.include_tax else (session["total_details"] or {}).get("amount_tax") or 0
    currency = session["currency"]
    if session["mode"] != "payment" or session["invoice"] or not currency or not session["amount_total"]:
        return who
    price = rounded(amount(session["amount_total"] - tax, currency), settings.price_decimals)
    paid = settings.stage_open if session["payment_status"] == "unpaid" else settings.stage_paid
    name = session["client_reference_id"] or session["payment_intent"] or session["id"]
    order = Upsert(
        key=Key("order", payment(session["payment_intent"]) or f"checkout:{session['id']}"),
        set={
            "stage": stage(settings.stage_cancelled if event.type == FAILED else paid),
            "orderRow": (single("total", price, settings),),
        },
        on_create=filled(
            {
                "description": clip(f"Stripe {name}", DESCRIPTION),
                "user": User(settings.owner),
                "date": day(event.time, settings.time_zone),
                "currency": currency,
            }
        ),
        if_empty=filled({"contact": person.key if person else None, "notes": notes(None, answers(session))}),
        placed={"client": place.place},
    )
    return (*who, order)


def answers(session: Mapping[str, Any]) -> Iterator[str]:
    """What the shop asked at the checkout."""
    for each in session["custom_fields"] or ():
        value = next((each[kind]["value"] for kind in ("text", "numeric", "dropdown") if each[kind]), None)
        yield from labelled({(each["label"] or {}).get("custom") or "Note": value})
    said = session["customer_details"] or {}
    yield from labelled(ordered_by(said.get("name") or "", email(said.get("email")), said.get("phone")))


def payment(intent: str | None) -> str | None:
    """The key by which a refund finds the order."""
    return f"payment:{intent}" if intent else None
