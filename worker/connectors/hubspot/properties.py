"""From HubSpot's properties, all of them text, to fields in Upsales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from schemas.wire import Amount, printable
from worker.connectors.hubspot.settings import Settings
from worker.mapping import (
    ACCOUNT_NAME,
    CONTACT_NAME,
    DESCRIPTION,
    TITLE,
    WEBPAGE,
    block,
    clip,
    email,
    filled,
    org_number,
    phone,
    rounded,
    stage,
)
from worker.plan import Product, Row, User, Value

Convert = Callable[[str, Settings], Value]

OPEN_STAGES = frozenset(
    {"appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent"}
)
"""Those of the pipeline that every account begins with, besides `closedwon` and `closedlost`."""


def amount(text: str) -> Decimal | None:
    try:
        return rounded(Amount().deserialize(text))
    except ValidationError:
        return None


def whole(text: str) -> int | None:
    number = amount(text)
    return int(number) if number is not None and number >= 0 else None


def day(text: str) -> date | None:
    """Milliseconds since 1970, as webhooks tell dates; or ISO 8601."""
    try:
        return (
            datetime.fromtimestamp(int(text) / 1000, UTC).date() if text.isdecimal() else date.fromisoformat(text[:10])
        )
    except (ValueError, OverflowError, OSError):
        return None


def deal_rows(price: Decimal, settings: Settings) -> tuple[Row, ...]:
    """A deal is one amount; its line items are records of their own, which no webhook of the deal tells."""
    return (Row(key="deal", product=Product(settings.product), quantity=Decimal(1), price=price),)


def _rows(text: str, settings: Settings) -> Value:
    price = amount(text)
    return None if price is None else deal_rows(price, settings)


def _stage(text: str, settings: Settings) -> Value:
    """None for a stage of another pipeline that `stages` doesn't name: whether it is won, lost or open can't be told."""
    ours = {"closedwon": settings.stage_won, "closedlost": settings.stage_lost}
    named = settings.stages.get(text) or ours.get(text) or (settings.stage_open if text in OPEN_STAGES else None)
    return stage(named) if named else None


def _user(text: str, settings: Settings) -> Value:
    return User(settings.owners[text]) if text in settings.owners else None


def _users(text: str, settings: Settings) -> Value:
    return (User(settings.owners[text]),) if text in settings.owners else ()


def _currency(text: str, _settings: Settings) -> Value:
    return text if len(text) == 3 and text.isascii() and text.isupper() else None


PROPERTIES: Mapping[str, Mapping[str, tuple[str, Convert]]] = {
    "contact": {
        "email": ("email", lambda text, _: email(text)),
        "firstname": ("firstName", lambda text, _: clip(text, CONTACT_NAME)),
        "lastname": ("lastName", lambda text, _: clip(text, CONTACT_NAME)),
        "phone": ("phone", lambda text, settings: phone(text, settings.phone_region)),
        "mobilephone": ("cellPhone", lambda text, settings: phone(text, settings.phone_region)),
        "jobtitle": ("title", lambda text, _: clip(text, TITLE)),
    },
    "company": {
        "name": ("name", lambda text, _: clip(text, ACCOUNT_NAME)),
        "domain": ("webpage", lambda text, _: text.lower() if len(text) <= WEBPAGE else None),
        "phone": ("phone", lambda text, settings: phone(text, settings.phone_region)),
        "numberofemployees": ("noEmployees", lambda text, _: whole(text)),
        "hubspot_owner_id": ("users", _users),
    },
    "deal": {
        "dealname": ("description", lambda text, _: clip(text, DESCRIPTION)),
        "amount": ("orderRow", _rows),
        "dealstage": ("stage", _stage),
        "closedate": ("date", lambda text, _: day(text)),
        "deal_currency_code": ("currency", _currency),
        "hubspot_owner_id": ("user", _user),
    },
}


def target(kind: str, name: str, settings: Settings) -> tuple[str, Convert] | None:
    """The field that a property fills, and how."""
    if kind == "company" and name == settings.org_number:
        return "orgNo", lambda text, _: org_number(text)
    if alias := settings.fields.get(f"{kind}.{name}"):
        return f"custom.{alias}", lambda text, _: block(text, 255)
    return PROPERTIES[kind].get(name)


def values(kind: str, said: Mapping[str, str], settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, text in said.items():
        if text and (into := target(kind, name, settings)):
            found[into[0]] = into[1](text, settings)
    return filled(found)


def texts(properties: Mapping[str, Any] | None) -> dict[str, str]:
    """The values of a workflow's properties, without their history."""
    held = ((name, each.get("value")) for name, each in (properties or {}).items() if isinstance(each, dict))
    return {name: printable(value) for name, value in held if isinstance(value, str)}
