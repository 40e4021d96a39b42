"""Maps companies that changed, and those that other records name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.values import custom, flag, users
from worker.plan import Key, Match, Plan, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import (
    ACCOUNT_NAME,
    WEBPAGE,
    Home,
    address,
    block,
    clip,
    company,
    filled,
    named,
    org_number,
    phone,
    taken_in,
)

Kind = Literal["Visit", "Mail", "Invoice", "Delivery", "Other"]
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}


def changed_company(event: Event, settings: Settings) -> Plan:
    said = event.payload["data"]["object"]
    name, number = clip(said["name"], ACCOUNT_NAME), org_number(said["orgNo"])
    places = (_address(each) for each in said["addresses"] or () if each["type"] in KINDS)
    # Two companies there are two here, whatever their names and numbers.
    known = (Match("orgNo", number or ""), Match("webpage", said["webpage"] or ""), Match("name", name))
    always: dict[str, Value] = {
        "name": name,
        "orgNo": number,
        "phone": phone(said["phone"], settings.phone_region),
        "webpage": said["webpage"] if len(said["webpage"] or "") <= WEBPAGE else None,
        "active": flag(said["active"]),
        **custom("client", said, settings),
    }
    return (
        Upsert(
            key=Key("account", event.subject),
            match=tuple(match for match in known if match.value),
            set=filled(always),
            on_create={"users": users(said["users"], settings)},
            if_empty=filled({"notes": block(said["notes"] or ""), "addresses": tuple(filter(None, places))}),
        ),
    )


def named_company(client: Mapping[str, Any] | None, settings: Settings) -> Home:
    known = client or {}
    key = f"client:{known['id']}" if known.get("id") else None
    if known.get("name"):
        return named(company(known["name"], id=key, owner=settings.owner, distinct=key is not None))
    if key is None:
        return taken_in(settings.fallback_company, owner=settings.owner)
    # Only its id: it must have been told before.
    return named(Upsert(key=Key("account", key), create=False))


def _address(place: Mapping[str, Any]) -> Value:
    return address(
        KINDS[place["type"]],
        street=place["address"],
        zipcode=place["zipcode"],
        city=place["city"],
        state=place["state"],
        country=place["country"],
    )
