"""Makes a record in Upsales of a contact, company or deal of HubSpot.

What a new record needs besides what HubSpot says is `if_empty`, not `on_create`: events of one moment come in any order,
and what one of them says must not lose against the default that another one brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from worker.connectors.hubspot.properties import place, values
from worker.connectors.hubspot.settings import Settings
from worker.connectors.hubspot.values import deal_rows
from worker.plan import Key, Match, Plan, Resource, Stage, Standing, Sure, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import ACCOUNT_NAME, Home, clip, day, email, filled, home_of, stage, taken_in

RESOURCES: Mapping[str, Resource] = {"contact": "contact", "company": "account", "deal": "order"}


def key(kind: str, portal: str, number: str) -> Key:
    """An app may be installed in several accounts, each of which counts its records itself."""
    return Key(RESOURCES[kind], f"{portal}:{number}")


def fallback(settings: Settings) -> Home:
    return taken_in(settings.fallback_company, owner=settings.owner)


def supposed(said: Mapping[str, str], settings: Settings) -> Home:
    """The company of a contact for whom HubSpot tells none: where they are known, the one they name, or that of their mail domain."""
    home = home_of(
        email(said.get("email")),
        owner=settings.owner,
        fallback_company=settings.fallback_company,
        name=said.get("company"),
        by_domain=True,
    )
    return owned(home, owner_of(said, settings), settings)


def owner_of(said: Mapping[str, str], settings: Settings) -> str | None:
    return settings.owners.get(said.get("hubspot_owner_id", ""))


def owned(home: Home, owner: str | None, settings: Settings) -> Home:
    """A company that is made for a contact is the contact's owner's. The fallback company is not."""

    def with_owner(upsert: Upsert) -> Upsert:
        if "users" not in upsert.on_create or upsert.instead_of or home.unknown:
            return upsert
        made = {name: value for name, value in upsert.on_create.items() if name != "users"}
        owned = {**upsert.surest, "users": owner_or(owner, Standing.OWN, settings)}
        return replace(upsert, on_create=made, surest=owned)

    return replace(home, upserts=tuple(map(with_owner, home.upserts)))


def owner_or(owner: str | None, standing: Standing, settings: Settings) -> Sure:
    """The owner that was told; else the one who stands in until one is told."""
    return Sure((User(owner),), standing) if owner else Sure((User(settings.owner),), Standing.FALLBACK)


def contact(own: Key, said: Mapping[str, str], settings: Settings, *, home: Home | None) -> Upsert:
    """`home`: the company of a contact that has to be made; without one, only a contact that exists is changed."""
    fields = values("contact", said, settings)
    mail = fields.get("email")
    return Upsert(
        key=own,
        # HubSpot keeps e-mail addresses unique: a merged contact goes on under another id with the same address.
        match=(Match("email", mail, shared=True),) if isinstance(mail, str) else (),
        set=fields,
        placed={"client": home.place} if home else {},
        create=home is not None,
    )


def company(
    own: Key,
    said: Mapping[str, str],
    settings: Settings,
    *,
    create: bool,
    whole: bool = False,
    owner: str | None = None,
) -> Upsert:
    """`whole`: all that HubSpot has of it is told. `owner`: of the contact it is told with, where it tells none itself.

    Name and notes follow HubSpot as long as no person changes them here.
    """
    fields = values("company", said, settings)
    visit, parts = place(said) if whole else (None, "")
    notes = "\n\n".join(filter(None, (str(fields.get("notes", "")), f"Address: {parts}" if parts else "")))
    ours = filled({"name": fields.get("name"), "notes": notes})
    known = {name: value for name, value in fields.items() if name not in ("name", "notes")}
    domain = clip(str(fields.get("webpage", "")), ACCOUNT_NAME)
    made = {"users": owner_or(owner, Standing.OWN, settings)}
    if domain:
        made["name"] = Sure(domain, Standing.FALLBACK)
    return Upsert(
        key=own,
        match=tuple(natural_keys(fields)),
        set=known,
        if_empty={"addresses": (visit,)} if visit else {},
        while_ours=ours,
        surest={name: sure for name, sure in made.items() if create and name not in fields},
        create=create,
    )


def natural_keys(fields: Mapping[str, Value]) -> list[Match]:
    """Two companies are two in HubSpot, whatever their names and domains."""
    told = ((name, fields.get(name)) for name in ("orgNo", "webpage", "name"))
    return [Match(name, value) for name, value in told if isinstance(value, str)]


def deal(own: Key, said: Mapping[str, str], event: Event, settings: Settings, *, create: bool) -> Plan:
    """With what is known of a new deal, an order is complete: at the fallback company, until HubSpot tells the deal's."""
    fields = values("deal", said, settings)
    if "stage" not in fields and (closed := closing(said, settings)):
        fields["stage"] = closed
    if not create:
        return (Upsert(key=own, set=fields, create=False),)
    place = fallback(settings)
    needed: dict[str, Value] = {
        "description": f"HubSpot deal {own.id.rpartition(':')[2]}",
        "user": User(settings.owner),
        "date": day(event.time, settings.time_zone),
        "stage": stage(settings.stage_open),
        "orderRow": deal_rows(Decimal(0), settings),
    }
    rest = {name: value for name, value in needed.items() if name not in fields}
    return (*place.upserts, Upsert(key=own, set=fields, if_empty=rest, placed={"client": place.place}))


def closing(said: Mapping[str, str], settings: Settings) -> Stage | None:
    """The stage of a deal in a pipeline that `stages` doesn't name, as far as HubSpot itself knows whether it is closed."""
    if said.get("hs_is_closed_won") == "true":
        return stage(settings.stage_won)
    return stage(settings.stage_lost) if said.get("hs_is_closed") == "true" else None
