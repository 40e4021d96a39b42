"""Maps invoices: what was delivered, what was credited, what is left to pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.fortnox.activities import noted
from worker.connectors.fortnox.amounts import rows, single
from worker.connectors.fortnox.custom import custom
from worker.connectors.fortnox.documents import sold
from worker.connectors.fortnox.reading import deal_of_invoice, follows, order, read
from worker.connectors.fortnox.settings import Settings
from worker.plan import Ignored, Key, Plan, Row, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import stage
from worker.sdk.mapping.rows import sum_of


def invoice(event: Event, settings: Settings) -> Plan | Ignored:
    said = read(event, "invoice")
    return credit(event, said, settings) if said["Credit"] else debit(event, said, settings)


def debit(event: Event, said: Mapping[str, Any], settings: Settings) -> Plan | Ignored:
    """What it was made of can be invoiced again once it is cancelled; one that was made of nothing is lost."""
    key, also = keys(event, said)
    if said["Cancelled"]:
        told = noted(
            event,
            said,
            settings,
            f"Fortnox invoice {said['DocumentNumber']} cancelled",
            key=f"cancelled:{said['DocumentNumber']}",
            order=key,
        )
        lost = Upsert(key=key, also=also, set={"stage": stage(settings.stage_cancelled)}, create=False)
        return (told,) if also else (lost, told)
    found, is_lost = left(said, event.read.get("counterpart"), settings)
    at = settings.stage_cancelled if is_lost else settings.stage_sold
    always = {"stage": stage(at), **paid_fields(said, settings, lost=is_lost)}
    return sold(event, "Invoice", said, key, settings, also=also, always=always, lines=found)


def credit(event: Event, said: Mapping[str, Any], settings: Settings) -> Plan | Ignored:
    """Taken off the invoice that it credits. One that names none is told to people, who know what it is for."""
    number, credited = said["DocumentNumber"], event.read.get("counterpart")
    amount = f"{said['Total']} {said['Currency'] or ''}".strip() if said["Total"] is not None else ""
    title = f"Fortnox credit invoice {number}{' cancelled' if said['Cancelled'] else ''} {amount}"
    key = order("invoice", credited["DocumentNumber"]) if credited else None
    told = noted(
        event,
        said,
        settings,
        title,
        key=f"credit:{number}:{bool(said['Cancelled'])}",
        order=key,
        open_=credited is None,
    )
    if credited is None or key is None:
        return (told,)
    found, is_lost = left(credited, said, settings)
    at = settings.stage_cancelled if is_lost else settings.stage_sold
    off = Upsert(key=key, set={"orderRow": found, "stage": stage(at)}, create=False)
    return (off, told) if found else (told,)


def left(said: Mapping[str, Any], taken: Mapping[str, Any] | None, settings: Settings) -> tuple[tuple[Row, ...], bool]:
    """The rows that come to what is left of an invoice, and whether that is nothing: then its rows show what was invoiced.

    `taken`: the credit invoice that was taken off it.
    """
    found = rows("Invoice", said, settings)
    if not taken or not taken["Credit"] or taken["Cancelled"]:
        return found, False
    off = sum_of(rows("Invoice", taken, settings))
    if not off:
        return found, False
    off = -abs(off)
    if sum_of(found) + off <= 0:
        return found, True
    return (*found, single(f"credit:{taken['DocumentNumber']}", off, settings)), False


def keys(event: Event, said: Mapping[str, Any]) -> tuple[Key, tuple[Key, ...]]:
    """The deal, and the other keys by which it is found from now on."""
    deal, own = deal_of_invoice(said, event.read.get("origin")), order("invoice", said["DocumentNumber"])
    named = [own, *([order("order", said["OrderReference"])] if follows(said["OrderReference"]) else [])]
    return deal, tuple(each for each in named if each != deal)


def paid_fields(said: Mapping[str, Any], settings: Settings, *, lost: bool = False) -> dict[str, Value]:
    """`lost`: credited in full. Nothing is left to pay, and nobody has paid it."""
    balance = said["Balance"]
    facts: dict[str, Value] = {"invoice_number": said["DocumentNumber"], "due_date": said["DueDate"]}
    if balance is not None:
        facts |= {"balance": balance, "paid": is_paid(said) and not lost, "paid_on": said["FinalPayDate"]}
    return custom("order", facts, settings)


def is_paid(said: Mapping[str, Any]) -> bool:
    """An invoice that is not bookkept yet may have no balance, and nobody has paid it."""
    return said["Balance"] == 0 and bool(said["FinalPayDate"] or said["Booked"])
