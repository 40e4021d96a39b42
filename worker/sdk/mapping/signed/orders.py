"""Maps what was signed to an order that is won, or to an agreement where it recurs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from worker.plan import Key, Match, Product, Row, Stage, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import sales
from worker.sdk.mapping.days import day
from worker.sdk.mapping.signed.document import Document
from worker.sdk.mapping.signed.parties import Parties, owner_of
from worker.sdk.mapping.signed.settings import Signing
from worker.sdk.mapping.text import DESCRIPTION, clip
from worker.sdk.mapping.values import filled, stage

AGREEMENT_DESCRIPTION = 130
RECORD_ID = re.compile(r"[1-9]\d{0,14}", re.ASCII)
NOTHING = Decimal()


def order_key(document: Document) -> Key:
    return Key("order", f"document:{document.id}")


def ended_on(event: Event, document: Document, settings: Signing) -> date:
    return day(document.ended or event.time, settings.time_zone)


def won(event: Event, document: Document, who: Parties, settings: Signing) -> Upsert | None:
    """The order that the document is about, else one of its rows. None where it has none, or recurs.

    The rows of an order that people made in Upsales are theirs: a document's rows would be there twice.
    """
    about = _named(document)
    rows = () if months(document, settings) else rows_of(document, settings)
    if not rows and not about:
        return None
    made: dict[str, Value] = {
        "description": clip(document.title, DESCRIPTION),
        "user": owner_of(document, settings),
        "currency": document.currency,
        "contact": who.people[0].key if who.people else None,
    }
    told: dict[str, Value] = {"stage": stage(settings.stage_won), "date": ended_on(event, document, settings)}
    rows_told: dict[str, Value] = {"orderRow": rows} if rows else {}
    return Upsert(
        key=order_key(document),
        match=about,
        set={**told, **({} if about else rows_told)},
        on_create=filled({**made, **(rows_told if about else {})}) if rows else {},
        placed={"client": who.home.place} if rows else {},
        create=bool(rows),
        number=document.number,
    )


def lost(document: Document, settings: Signing) -> Upsert:
    """The order that the document is about, if there is one."""
    return Upsert(
        key=order_key(document),
        match=_named(document),
        set={"stage": stage(settings.stage_lost)},
        create=False,
    )


def agreed(event: Event, document: Document, who: Parties, settings: Signing) -> Upsert | None:
    """Upsales makes an order of it for each period. So it takes the place of one."""
    period, rows = months(document, settings), rows_of(document, settings)
    if not (period and rows):
        return None
    title = clip(document.title, AGREEMENT_DESCRIPTION)
    metadata: dict[str, Value] = {
        "agreementDescription": title,
        "agreementStartdate": document.starts or ended_on(event, document, settings),
        "agreementIntervalType": 1,
        "agreementIntervalPeriod": period,
        "agreementOrderCreationTime": 0,
        "periodLength": 0,
    }
    made: dict[str, Value] = {
        "description": title,
        "user": owner_of(document, settings),
        "stage": Stage(probability=100),
        "currency": document.currency,
        "contact": who.people[0].key if who.people else None,
        "metadata": metadata,
    }
    return Upsert(
        key=Key("agreement", f"document:{document.id}"),
        set={"orderRow": rows},
        on_create=filled(made),
        placed={"client": who.home.place},
    )


def over(document: Document, on: date) -> Upsert:
    """The agreement, if there is one: no order is made of it after that day."""
    return Upsert(
        key=Key("agreement", f"document:{document.id}"), set={"metadata": {"agreementEnddate": on}}, create=False
    )


def months(document: Document, settings: Signing) -> int | None:
    """Between two orders of what recurs; None for what is bought once."""
    called = [each.casefold() for each in document.labels]
    title = f" {' '.join(document.title.casefold().split())} "
    found = (
        period
        for name, period in settings.recurring.items()
        if name.casefold() in called or f" {' '.join(name.casefold().split())} " in title
    )
    return next(found, None)


def rows_of(document: Document, settings: Signing) -> tuple[Row, ...]:
    """Its lines; without any its value as one row of the fallback product."""
    if document.lines:
        return sales.rows_of(document.lines, settings.fallback_product)
    if not document.value and settings.without_rows == "activity":
        return ()
    whole = Product(None, settings.fallback_product)
    return (Row(key="document", product=whole, quantity=Decimal(1), price=document.value or NOTHING),)


def _named(document: Document) -> tuple[Match, ...]:
    """Several documents may be about one order."""
    found = RECORD_ID.fullmatch((document.order_id or "").strip())
    return (Match("id", found[0], shared=True),) if found else ()
