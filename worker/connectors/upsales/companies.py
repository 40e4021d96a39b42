"""Maps companies that changed, and those that other records name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.values import custom, flag, users
from worker.plan import Key, Match, Placed, Plan, Standing, Sure, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import (
    ACCOUNT_NAME,
    WEBPAGE,
    Home,
    address,
    block,
    clip,
    company,
    email,
    filled,
    home_at,
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
            **managed(said["users"], settings),
            if_empty=filled({"notes": block(said["notes"] or ""), "addresses": tuple(filter(None, places))}),
        ),
    )


def named_company(client: Mapping[str, Any] | None, settings: Settings) -> Home:
    known = client or {}
    key = f"client:{known['id']}" if known.get("id") else None
    if known.get("name"):
        found = company(known["name"], id=key, distinct=key is not None)
        return home_at(replace(found, **managed(known.get("users"), settings)))
    if key is None:
        return taken_in(settings.fallback_company, owner=settings.owner)
    # Only its id: it must have been told before.
    return home_at(Upsert(key=Key("account", key), create=False))


def managed(said: Iterable[Mapping[str, Any]] | None, settings: Settings) -> dict[str, Any]:
    """Account managers follow those there as long as no person chooses others here. The owner stands in until one is told."""
    told = users(said, settings) if any(email(each["email"]) for each in said or ()) else ()
    return {
        "while_ours": filled({"users": told}),
        "surest": {} if told else {"users": Sure((User(settings.owner),), Standing.FALLBACK)},
    }


def moved(home: Home, settings: Settings) -> dict[str, Value]:
    """The company of what follows when it moves there."""
    return {"client": home.key} if _followed(home, settings) else {}


def placed(home: Home, settings: Settings) -> dict[str, tuple[Placed, ...]]:
    return {} if _followed(home, settings) else {"client": home.place}


def _followed(home: Home, settings: Settings) -> bool:
    return settings.follow_company and not home.unknown


def _address(place: Mapping[str, Any]) -> Value:
    return address(
        KINDS[place["type"]],
        street=place["address"],
        zipcode=place["zipcode"],
        city=place["city"],
        state=place["state"],
        country=place["country"],
    )
