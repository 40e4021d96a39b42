"""Maps offers, orders and invoices to the one order in Upsales that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from worker.connectors.fortnox import parties
from worker.connectors.fortnox.amounts import rows, told
from worker.connectors.fortnox.buyers import buyer
from worker.connectors.fortnox.reading import back_order, deal_of_order, follows, order, read
from worker.connectors.fortnox.settings import Settings
from worker.plan import Ignored, Key, Plan, Stage, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, day, filled, stage
from worker.sdk.mapping.notes import labelled, notes

NAMES = {"Offer": "offer", "Order": "order", "Invoice": "invoice"}


def offer(event: Event, settings: Settings) -> Plan | Ignored:
    """Once there is an order or an invoice of it, that tells what is sold."""
    said = read(event, "offer")
    key = order("offer", said["DocumentNumber"])
    if follows(said["OrderReference"]):
        also = order("order", said["OrderReference"])
        return (Upsert(key=key, also=(also,), create=False),)
    if follows(said["InvoiceReference"]):
        return (Upsert(key=key, create=False),)
    always = {"stage": stage(settings.stage_cancelled)} if said["Cancelled"] else {}
    return sold(event, "Offer", said, key, settings, always=always, made_at=stage(settings.stage_offer))


def ordered(event: Event, settings: Settings) -> Plan | Ignored:
    """Once it is invoiced, the invoice tells what was delivered."""
    said = read(event, "order")
    key, own = deal_of_order(said), order("order", said["DocumentNumber"])
    also = () if key == own else (own,)
    if said["Cancelled"]:
        return (Upsert(key=key, also=also, set={"stage": stage(settings.stage_cancelled)}, create=False),)
    if follows(said["InvoiceReference"]) and "invoices" not in settings.without:
        return (Upsert(key=key, also=also, create=False),)
    return sold(event, "Order", said, key, settings, also=also, always={"stage": stage(settings.stage_sold)})


def sold(
    event: Event,
    kind: str,
    said: Mapping[str, Any],
    key: Key,
    settings: Settings,
    *,
    also: tuple[Key, ...] = (),
    always: Mapping[str, Value],
    made_at: Stage | None = None,
    lines: tuple[Value, ...] = (),
) -> Plan | Ignored:
    """The customer and the order. `lines`: its rows, where they are not those of the document alone. `made_at`: the stage of a new one."""
    customer = buyer(event, said)
    found = lines or rows(kind, said, settings)
    if customer is None or not found:
        return Ignored("document without customer or rows")
    home = parties.home(customer, settings)
    people = parties.person(customer, home, settings)
    title = f"Fortnox {'back-order' if kind == 'Order' and back_order(said) else NAMES[kind]} {said['DocumentNumber']}"
    made: dict[str, Value] = {
        "description": clip(title, DESCRIPTION),
        "user": User(parties.owner(said["OurReference"] or customer["OurReference"], settings)),
        "date": dated(said, kind) or day(event.time, settings.time_zone),
        "currency": said["Currency"],
        **({"stage": made_at} if made_at and "stage" not in always else {}),
    }
    record = Upsert(
        key=key,
        also=also,
        number=said["DocumentNumber"] if kind != "Offer" else None,
        set={**always, "orderRow": found},
        on_create=filled(made),
        if_empty=filled({"contact": people[0].key if people else None, "notes": said_of_it(kind, said)}),
        placed={"client": home.place},
    )
    return (*home.upserts, *people, record)


def dated(said: Mapping[str, Any], kind: str) -> date | None:
    try:
        return date.fromisoformat((said[f"{kind}Date"] or "")[:10])
    except ValueError:
        return None


def said_of_it(kind: str, said: Mapping[str, Any]) -> str:
    """What fits no field of an order."""
    return notes(said["Remarks"], told(kind, said), labelled(dict(_labels(said))))


def _labels(said: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    names = {
        "Your reference": "YourReference",
        "Your order number": "YourOrderNumber",
        "Our reference": "OurReference",
        "Project": "Project",
        "Valid until": "ExpireDate",
        "Delivery": "DeliveryDate",
    }
    yield from ((label, said.get(name)) for label, name in names.items())
