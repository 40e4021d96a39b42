"""Maps orders and opportunities that changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.upsales_events import STOCKHOLM
from worker.connectors.upsales.companies import moved, named_company, placed
from worker.connectors.upsales.contacts import named_contact
from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.values import custom, link, users
from worker.plan import Key, Plan, Product, Row, Stage, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import ARTICLE_NO, DESCRIPTION, block, clip, filled, money, stage


def changed_order(event: Event, settings: Settings) -> Plan:
    said = event.payload["data"]["object"]
    home = named_company(said["client"], settings)
    person = named_contact(said["contact"], home)
    rows = [_row(each, settings) for each in said["orderRow"] or ()]
    always: dict[str, Value] = {
        "description": clip(said["description"] or "", DESCRIPTION),
        "stage": _stage(said["stage"], settings),
        "user": users([said["user"]] if said["user"] else (), settings)[0],
        "orderRow": tuple(rows or [_whole(said["value"], settings)]),
        "date": said["date"],
        **custom("order", said, settings),
    }
    made: dict[str, Value] = {
        "currency": said["currency"],
        "date": said["date"] or event.time.astimezone(STOCKHOLM).date(),
    }
    sale = Upsert(
        key=Key("order", event.subject),
        set=filled(always) | moved(home, settings),
        on_create=filled({name: value for name, value in made.items() if not always.get(name)}),
        if_empty=filled({"contact": link(person) if person else None, "notes": block(said["notes"] or "")}),
        placed=placed(home, settings),
    )
    return (*home.upserts, person, sale) if person else (*home.upserts, sale)


def _stage(said: Mapping[str, Any], settings: Settings) -> Stage:
    name = said["name"]
    if name in settings.stages:
        return stage(settings.stages[name])
    likely = said["probability"]
    return Stage(name=name or None, probability=None if likely is None else int(likely))


def _row(row: Mapping[str, Any], settings: Settings) -> Row:
    product = row["product"] or {}
    article, name = product.get("articleNo"), product.get("name")
    return Row(
        key=row["id"],
        product=Product(
            clip(article, ARTICLE_NO) if article else None,
            fallback=settings.fallback_product,
            name=name or None,
        ),
        quantity=row["quantity"] if row["quantity"] is not None else Decimal(1),
        price=money(row["price"]),
        list_price=row["listPrice"],
    )


def _whole(value: Decimal | None, settings: Settings) -> Row:
    """The whole order as one row: a trigger can't tell its rows."""
    product = Product(None, fallback=settings.fallback_product)
    return Row(key="value", product=product, quantity=Decimal(1), price=money(value))
