"""Maps payments and reminders: noted on the order, with a to-do until it is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.connectors.fortnox.activities import noted
from worker.connectors.fortnox.custom import custom
from worker.connectors.fortnox.invoices import is_paid, keys, paid_fields
from worker.connectors.fortnox.reading import order, read
from worker.connectors.fortnox.settings import Settings
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, day


def paid(event: Event, settings: Settings) -> Plan | Ignored:
    """Each payment is another name of its order: when it is deleted, its number is all that is told."""
    payment, said = read(event, "payment"), event.read.get("invoice")
    if said is None:
        return Ignored("payment of no invoice")
    deal, also = keys(event, said)
    mark = Upsert(
        key=deal,
        also=(*also, order("payment", payment["Number"])),
        set=paid_fields(said, settings),
        create=False,
    )
    amount, currency = payment["AmountCurrency"] or payment["Amount"], payment["Currency"] or said["Currency"]
    title = f"Fortnox payment {amount if amount is not None else ''} {currency or ''}".strip()
    rest = f"Left to pay: {said['Balance']}" if said["Balance"] else None
    lines = [f"Invoice {said['DocumentNumber']}", payment["PaymentDate"], rest]
    told = noted(event, said, settings, title, key=f"payment:{payment['Number']}", order=deal, lines=lines)
    return (mark, told, *closed(event, said, settings))


def closed(event: Event, said: Mapping[str, Any], settings: Settings) -> Plan:
    """The to-do of a reminder is done once all is paid."""
    if not is_paid(said):
        return ()
    done = {"closeDate": day(event.time, settings.time_zone)}
    return (Upsert(key=reminder(said["DocumentNumber"]), set=done, create=False),)


def deleted(event: Event, settings: Settings) -> Plan:
    """The invoice is told by nothing any more. What is left to pay comes with its next event."""
    number = event.payload["entityId"]
    return (
        Upsert(
            key=order("payment", number),
            set=custom("order", {"paid": False, "paid_on": None}, settings),
            create=False,
        ),
        Upsert(
            key=Key("activity", f"payment:{number}"),
            set={"description": f"Fortnox payment {clip(number, 40)} was deleted"},
            create=False,
        ),
    )


def reminded(event: Event, settings: Settings) -> Plan | Ignored:
    """One to-do for an invoice, however often its customer is reminded."""
    said = event.read.get("invoice")
    if said is None or not (said["Reminders"] or said["LastRemindDate"]):
        return Ignored("reminder that names no reminded invoice")
    if is_paid(said):
        return Ignored("reminder of an invoice that is paid")
    deal, _ = keys(event, said)
    number = said["DocumentNumber"]
    count = f" {said['Reminders']:f}" if said["Reminders"] else ""
    title = clip(f"Fortnox reminder{count}: invoice {number} is not paid", DESCRIPTION)
    balance = f"Left to pay: {said['Balance']} {said['Currency'] or ''}".strip() if said["Balance"] else None
    lines = [said["CustomerName"], balance, f"Due: {said['DueDate']}" if said["DueDate"] else None]
    todo = noted(event, said, settings, title, key="", order=deal, lines=lines, open_=True)
    made = {name: value for name, value in todo.on_create.items() if name != "description"}
    return (replace(todo, key=reminder(number), on_create=made, set={"description": title}),)


def reminder(number: str) -> Key:
    return Key("activity", f"reminder:{number}")
