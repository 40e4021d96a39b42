"""Translates the fields of an event to the values of an upsert, name by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from schemas.generic import EMPTIED
from schemas.upsales import SCHEMAS
from worker.connectors.generic.settings import Settings
from worker.plan import ActivityType, Product, Ref, Resource, Row, User, Value
from worker.sdk.mapping import address, block, clip, email, filled, org_number, phone, readable, split_name, stage

Convert = Callable[[Any, Settings], Value]

CLIPPED = frozenset({"name", "firstName", "lastName", "title", "description", "location", "value", "type"})
"""Text that may be cut visibly; a code that is too long is refused instead."""


def values(resource: Resource, fields: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    """What the fields say, without links to other records."""
    found: dict[str, Value] = {}
    for name, value in fields.items():
        if value is None or name in LINKS or name in NOT_FIELDS:
            continue
        if name == "custom":
            found |= {f"custom.{alias}": text for alias, text in value.items() if text}
        elif name == "name" and resource == "contact":
            found |= _names(value, fields)
        elif name == "activityType":
            found[name] = ActivityType(_kind(resource), value or None)
        elif name in CONVERT and not (name == "type" and resource == "phoneCall"):
            found[RENAMED.get(name, name)] = CONVERT[name](value, settings)
        else:
            found[name] = _text(resource, name, value) if isinstance(value, str) else value
    return filled(found)


def emptied(fields: Mapping[str, Any]) -> dict[str, Value]:
    """The fields that are to be empty in Upsales."""
    aliases = (alias for alias, value in (fields.get("custom") or {}).items() if value is None)
    return dict.fromkeys((*fields[EMPTIED], *(f"custom.{alias}" for alias in aliases)))


LINKS = frozenset({"client", "contact", "contacts", "order"})
NOT_FIELDS = frozenset({"id", "set", "on_create", "if_empty", EMPTIED})
RENAMED: Mapping[str, str] = {"rows": "orderRow"}

CONVERT: Mapping[str, Convert] = {
    "user": lambda mail, _: User(mail),
    "users": lambda mails, _: tuple(User(mail) for mail in mails),
    "stage": lambda text, _: stage(text),
    "email": lambda text, _: email(text),
    "phone": lambda text, settings: phone(text, settings.phone_region),
    "cellPhone": lambda text, settings: phone(text, settings.phone_region),
    "phoneNumber": lambda text, settings: phone(text, settings.phone_region),
    "orgNo": lambda text, _: org_number(text),
    "notes": lambda text, _: block(readable(text)),
    "agenda": lambda text, _: block(readable(text)),
    "addresses": lambda places, _: tuple(filter(None, (_address(place) for place in places))),
    "rows": lambda rows, settings: tuple(_row(row, settings) for row in rows),
    "metadata": lambda period, _: filled(period),
    "status": lambda number, _: Ref(number),
    "type": lambda number, _: Ref(number),
}


def _kind(resource: Resource) -> Literal["activity", "appointment"]:
    return "appointment" if resource == "appointment" else "activity"


def _text(resource: Resource, name: str, text: str) -> str:
    """Marked up or not. Text of nothing but tags stays as it is: a record needs its name."""
    longest: int | None = getattr(SCHEMAS[resource].fields.get(name), "longest", None)
    if name not in CLIPPED:
        return text
    plain = readable(text) or text
    return clip(plain, longest) if longest else block(plain)


def _names(name: str, fields: Mapping[str, Any]) -> dict[str, Value]:
    """Upsales splits a name itself, and badly; first and last name that are given count more."""
    first, last = split_name(name)
    parts = {"firstName": first, "lastName": last}
    return {part: _text("contact", part, text) for part, text in parts.items() if not fields.get(part)}


def _address(place: Mapping[str, Any]) -> Value:
    return address(
        place["type"],
        street=place["address"],
        zipcode=place["zipcode"],
        city=place["city"],
        state=place["state"],
        country=place["country"],
    )


def _row(row: Mapping[str, Any], settings: Settings) -> Row:
    return Row(
        key=row["id"],
        product=Product(row["articleNo"], fallback=settings.fallback_product),
        quantity=row["quantity"],
        price=row["price"],
        list_price=row["listPrice"],
    )
