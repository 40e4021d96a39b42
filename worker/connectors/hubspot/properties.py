"""Lists the property of HubSpot that fills each field in Upsales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from schemas.wire import printable
from worker.connectors.hubspot.settings import Settings
from worker.connectors.hubspot.values import close_date, currency, deal_stage, rows, user, users, whole
from worker.plan import Value
from worker.sdk.mapping import (
    ACCOUNT_NAME,
    CONTACT_NAME,
    DESCRIPTION,
    TITLE,
    WEBPAGE,
    address,
    block,
    clip,
    email,
    filled,
    org_number,
    phone,
    readable,
    region,
)

Convert: TypeAlias = Callable[[str, Settings], Value]

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
        "description": ("notes", lambda text, _: block(readable(text))),
        "domain": ("webpage", lambda text, _: text.lower() if len(text) <= WEBPAGE else None),
        "phone": ("phone", lambda text, settings: phone(text, settings.phone_region)),
        "numberofemployees": ("noEmployees", lambda text, _: whole(text)),
        "hubspot_owner_id": ("users", users),
    },
    "deal": {
        "dealname": ("description", lambda text, _: clip(text, DESCRIPTION)),
        "amount": ("orderRow", rows),
        "dealstage": ("stage", deal_stage),
        "closedate": ("date", close_date),
        "deal_currency_code": ("currency", currency),
        "hubspot_owner_id": ("user", user),
    },
}


PHONES = frozenset({"phone", "cellPhone"})
PLACE = {
    "address": "street",
    "address2": "street",
    "zip": "zipcode",
    "city": "city",
    "state": "state",
    "country": "country",
}
"""The properties of a company that are parts of one address, and what Upsales calls them."""


def target(kind: str, name: str, settings: Settings) -> tuple[str, Convert] | None:
    """The field that a property fills, and how."""
    if kind == "company" and name == settings.org_number:
        return "orgNo", lambda text, _: org_number(text)
    if alias := settings.fields.get(f"{kind}.{name}"):
        return f"custom.{alias}", lambda text, _: block(text)
    return PROPERTIES[kind].get(name)


def values(kind: str, said: Mapping[str, str], settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    country = region(said.get("hs_country_region_code") or said.get("country"))
    for name, text in said.items():
        if text and (into := target(kind, name, settings)):
            field, convert = into
            found[field] = phone(text, country, settings.phone_region) if field in PHONES else convert(text, settings)
    return filled(found)


def place(said: Mapping[str, str]) -> tuple[dict[str, Value] | None, str]:
    """The address of a company where all of it is told, else its parts as text."""
    parts = {name: said.get(name) for name in PLACE}
    street = ", ".join(filter(None, (parts["address"], parts["address2"])))
    whole = street and parts["zip"] and parts["city"]
    if not whole:
        return None, ", ".join(filter(None, (street, *(parts[name] for name in ("zip", "city", "state", "country")))))
    return address(
        "Visit",
        street=street,
        zipcode=parts["zip"],
        city=parts["city"],
        state=parts["state"],
        country=parts["country"],
    ), ""


def texts(properties: Mapping[str, Any] | None) -> dict[str, str]:
    """The values of a workflow's properties, without their history."""
    held = ((name, each.get("value")) for name, each in (properties or {}).items() if isinstance(each, dict))
    return {name: printable(value) for name, value in held if isinstance(value, str)}
