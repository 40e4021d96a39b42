"""Makes a record in Upsales of a contact, company or deal of HubSpot.

What a new record needs besides what HubSpot says is `if_empty`, not `on_create`: events of one moment come in any order,
and what one of them says must not lose against the default that another one brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from worker.connectors.hubspot.properties import values
from worker.connectors.hubspot.settings import Settings
from worker.connectors.hubspot.values import deal_rows
from worker.plan import Key, Match, Plan, Resource, Stage, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import ACCOUNT_NAME, clip, day, stage
from worker.sdk.mapping import company as company_named

RESOURCES: Mapping[str, Resource] = {"contact": "contact", "company": "account", "deal": "order"}


def key(kind: str, portal: str, number: str) -> Key:
    """An app may be installed in several accounts, each of which counts its records itself."""
    return Key(RESOURCES[kind], f"{portal}:{number}")


def fallback(settings: Settings) -> Upsert:
    return company_named(settings.fallback_company, owner=settings.owner)


def contact(own: Key, said: Mapping[str, str], settings: Settings, *, home: Key | None) -> Upsert:
    """`home`: the company of a contact that has to be made; without one, only a contact that exists is changed."""
    fields = values("contact", said, settings)
    mail = fields.get("email")
    return Upsert(
        key=own,
        # HubSpot keeps e-mail addresses unique: a merged contact goes on under another id with the same address.
        match=(Match("email", mail, shared=True),) if isinstance(mail, str) else (),
        set=fields,
        if_empty={"client": home} if home else {},
        create=home is not None,
    )


def company(own: Key, said: Mapping[str, str], settings: Settings, *, create: bool) -> Upsert:
    fields = values("company", said, settings)
    needed: dict[str, Value] = {
        "name": clip(str(fields.get("webpage", "")), ACCOUNT_NAME),
        "users": (User(settings.owner),),
    }
    return Upsert(
        key=own,
        match=tuple(natural_keys(fields)),
        set=fields,
        if_empty={name: value for name, value in needed.items() if name not in fields and value} if create else {},
        create=create,
    )


def natural_keys(fields: Mapping[str, Value]) -> list[Match]:
    """Two companies of one name are two companies in HubSpot; two of one domain are rare, and one in Upsales."""
    found = []
    if isinstance(number := fields.get("orgNo"), str):
        found.append(Match("orgNo", number, shared=True))
    if isinstance(domain := fields.get("webpage"), str):
        found += [Match("webpage", page, shared=True) for page in (f"www.{domain}", domain)]
    if isinstance(name := fields.get("name"), str):
        found.append(Match("name", name))
    return found


def deal(own: Key, said: Mapping[str, str], event: Event, settings: Settings, *, create: bool) -> Plan:
    """With what is known of a new deal, an order is complete: at the fallback company, until HubSpot tells the deal's."""
    fields = values("deal", said, settings)
    if "stage" not in fields and (closed := closing(said, settings)):
        fields["stage"] = closed
    if not create:
        return (Upsert(key=own, set=fields, create=False),)
    home = fallback(settings)
    needed: dict[str, Value] = {
        "description": f"HubSpot deal {own.id.rpartition(':')[2]}",
        "client": home.key,
        "user": User(settings.owner),
        "date": day(event.time, settings.time_zone),
        "stage": stage(settings.stage_open),
        "orderRow": deal_rows(Decimal(0), settings),
    }
    rest = {name: value for name, value in needed.items() if name not in fields}
    return (home, Upsert(key=own, set=fields, if_empty=rest))


def closing(said: Mapping[str, str], settings: Settings) -> Stage | None:
    """The stage of a deal in a pipeline that `stages` doesn't name, as far as HubSpot itself knows whether it is closed."""
    if said.get("hs_is_closed_won") == "true":
        return stage(settings.stage_won)
    return stage(settings.stage_lost) if said.get("hs_is_closed") == "true" else None
