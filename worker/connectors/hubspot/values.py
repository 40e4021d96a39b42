"""Turns the text of a property into a value, or None where Upsales has none like it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from marshmallow import ValidationError

from schemas.wire import Amount
from worker.connectors.hubspot.settings import Settings
from worker.plan import Product, Row, User, Value
from worker.sdk.mapping import day, rounded, stage

OPEN_STAGES = frozenset(
    {"appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent"}
)
"""Those of the pipeline that every account begins with, besides `closedwon` and `closedlost`."""

MIDNIGHT = time()


def amount(text: str) -> Decimal | None:
    try:
        return rounded(Amount().deserialize(text))
    except ValidationError:
        return None


def whole(text: str) -> int | None:
    number = amount(text)
    return int(number) if number is not None and number >= 0 else None


def close_date(text: str, settings: Settings) -> date | None:
    """The day of milliseconds since 1970, as webhooks tell it, or of ISO 8601. Midnight in UTC is a day without a time."""
    try:
        moment = datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdecimal() else datetime.fromisoformat(text)
        return moment.date() if moment.time() == MIDNIGHT else day(moment, settings.time_zone)
    except (ValueError, OverflowError, OSError):
        return None


def deal_rows(price: Decimal, settings: Settings) -> tuple[Row, ...]:
    """A deal is one amount; its line items are records of their own, which no webhook of the deal tells."""
    return (Row(key="deal", product=Product(settings.product), quantity=Decimal(1), price=price),)


def rows(text: str, settings: Settings) -> Value:
    price = amount(text)
    return None if price is None else deal_rows(price, settings)


def deal_stage(text: str, settings: Settings) -> Value:
    """None for a stage of another pipeline that `stages` doesn't name: whether it is won, lost or open can't be told."""
    ours = {"closedwon": settings.stage_won, "closedlost": settings.stage_lost}
    named = settings.stages.get(text) or ours.get(text) or (settings.stage_open if text in OPEN_STAGES else None)
    return stage(named) if named else None


def user(text: str, settings: Settings) -> Value:
    return User(settings.owners[text]) if text in settings.owners else None


def users(text: str, settings: Settings) -> Value:
    return (User(settings.owners[text]),) if text in settings.owners else ()


def currency(text: str, _settings: Settings) -> Value:
    return text if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() else None
