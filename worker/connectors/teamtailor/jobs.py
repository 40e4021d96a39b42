"""Maps a job to the order that holds its id, or to one that is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from worker.connectors.teamtailor.settings import Settings
from worker.errors import Rejected
from worker.plan import ActivityType, ClientOf, Ignored, Key, Match, Plan, Product, Row, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, company, company_name, day, filled, home_at, stage

UNPROVED = (
    "the first version of the signature proves the id alone: choose v2 at Teamtailor, or give the connection a token"
)
NOWHERE = Ignored("no order can be found: neither job_field nor customer is set")


def key(job: str) -> Key:
    return Key("order", f"job:{job}")


def order(job: str, fields: Mapping[str, Value], settings: Settings) -> Upsert:
    """The order of a job, as far as there is one."""
    found = (Match(f"custom.{settings.job_field}", job),) if settings.job_field else ()
    return Upsert(key=key(job), match=found, set=fields, create=False)


def findable(settings: Settings) -> bool:
    return settings.job_field is not None or settings.customer != "none"


def job(event: Event, settings: Settings) -> Plan | Ignored:
    """As it was read, else as the webhook tells it."""
    told = event.read.get("job") or event.payload["payload"]["data"]
    if event.type.startswith("v1:") and "job" not in event.read:
        raise Rejected(UNPROVED)
    if not findable(settings):
        return NOWHERE
    attributes = told["attributes"] or {}
    status = (attributes.get("status") or "").casefold()
    to = next((name for each, name in settings.job_stages.items() if each.casefold() == status), None)
    known = order(told["id"], filled({**values(attributes, settings), "stage": stage(to) if to else None}), settings)
    return made(known, told["id"], attributes, event, settings) or (known,)


def values(attributes: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    """What goes into custom fields of the order."""
    told = ((name.replace("-", "_"), alias.removeprefix("order.")) for name, alias in settings.fields.items())
    return {f"custom.{alias}": attributes.get(name) for name, alias in told if name != "hired"}


def hired_on(moment: date, settings: Settings) -> dict[str, Value]:
    alias = settings.fields.get("hired", "").removeprefix("order.")
    return {f"custom.{alias}": moment} if alias else {}


def made(known: Upsert, number: str, attributes: Mapping[str, Any], event: Event, settings: Settings) -> Plan | None:
    """The order that is made for a job of a customer; None for a job in the own house, and for one whose customer is not told."""
    customer = company_name(attributes.get("company_name")) if settings.customer == "company-name" else None
    if customer is None or attributes.get("internal"):
        return None
    if settings.product is None:
        raise Rejected("`product` is not set, and Upsales has no order without a row")
    home = home_at(company(customer, owner=settings.owner))
    needed: dict[str, Value] = {
        "description": clip(attributes.get("title") or f"Teamtailor job {number}", DESCRIPTION),
        "user": User(settings.owner),
        "stage": known.set.get("stage") or stage(settings.new_stage),
        "date": day(event.time, settings.time_zone),
        "orderRow": (Row(key="job", product=Product(settings.product), quantity=Decimal(1), price=Decimal(0)),),
    }
    if settings.job_field:
        needed[f"custom.{settings.job_field}"] = number
    made = {name: value for name, value in needed.items() if name not in known.set}
    return (*home.upserts, replace(known, on_create=made, placed={"client": home.place}, create=True))


def deleted(event: Event, settings: Settings) -> Plan | Ignored:
    """The order stays as it is, and its owner is told."""
    number = event.payload["payload"]["data"]["id"]
    if not findable(settings):
        return NOWHERE
    of = order(number, {}, settings)
    told: dict[str, Value] = {
        "description": clip(f"Teamtailor: job {number} was deleted", DESCRIPTION),
        "notes": "The job of this order is gone at Teamtailor. Nothing of the order was changed.",
        "users": (User(settings.owner),),
        "activityType": ActivityType("activity", settings.activity_type),
        "date": day(event.time, settings.time_zone),
        "client": ClientOf(of.key),
        "opportunity": of.key,
    }
    return (of, Upsert(key=Key("activity", f"deleted:{event.subject}"), on_create=told, only_with=of.key))
