"""Shows the records and the newest calls on a page for people, without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import unquote_plus

from flask import Blueprint, render_template, request

from web.sandbox.answers import Json, Record
from web.sandbox.api import the_world
from web.sandbox.calls import Call
from web.sandbox.customer import Customer
from web.sandbox.entities import ENTITIES
from web.sandbox.presentation import presented
from web.sandbox.world import World

overview = Blueprint("overview", __name__)

NEWEST = 100

COLUMNS = {
    "accounts": ("name", "orgNo", "phone", "webpage", "active"),
    "contacts": ("name", "email", "phone", "client", "active", "unsubscribed"),
    "orders": ("description", "client", "stage", "probability", "value", "currency", "date"),
    "agreements": ("description", "client", "stage", "value", "currency"),
    "activities": ("description", "client", "contacts", "activityType", "date", "closeDate"),
    "appointments": ("description", "client", "contacts", "date", "endDate"),
    "products": ("name", "articleNo", "listPrice", "active"),
    "events": ("entityType", "score", "client", "contact", "value", "externalId"),
    "phonecall": ("client", "contact", "user", "date", "durationInS", "externalId"),
    "tickets": ("title", "client", "contact", "status", "priority"),
    "comments": ("description", "client", "contact", "user"),
    "files": ("filename", "size", "entity", "entityId", "client", "private"),
    "users": ("name", "email", "active"),
}
FIRST = ("accounts", "contacts", "orders", "agreements", "activities", "appointments", "phonecall", "tickets", "comments", "events", "files", "products")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Records of one resource of one account, newest first, as text."""

    account: str
    resource: str
    total: int
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@overview.get("/")
def index() -> str:
    """Narrowed by `account`, `resource` and `key`; settings such as users and stages are shown when they are asked for."""
    world = the_world()
    account, resource = request.args.get("account", type=int), request.args.get("resource", "")
    key = request.args.get("key", "")
    with world.lock:
        world.settle()
        tables = [
            table(customer, name)
            for customer in world.customers.values()
            if account in {None, customer.id}
            for name in ordered(customer.resources())
            if name == resource or (not resource and name in FIRST)
        ]
        fitting = (c for c in world.calls.newest() if key in {"", c.key} and account in {None, c.account})
        calls = list(islice(fitting, NEWEST))
        return render_template("sandbox.html", world=world, tables=tables, calls=calls, chosen=chosen(), **links(world))


def links(world: World) -> dict[str, list[Json]]:
    """What there is to filter by."""
    names = {name for customer in world.customers.values() for name in customer.resources()}
    return {
        "accounts": [(customer.id, customer.name) for customer in world.customers.values()],
        "resources": ordered(sorted(names)),
        "keys": [caller.name for caller in world.callers()],
    }


def chosen() -> dict[str, str]:
    return {name: value for name in ("account", "resource", "key") if (value := request.args.get(name))}


def ordered(resources: Sequence[str]) -> list[str]:
    """What integrations write comes first, then the settings of the account."""
    return [name for name in FIRST if name in resources] + [name for name in resources if name not in FIRST]


def table(customer: Customer, resource: str) -> Table:
    entity = ENTITIES[resource]
    columns = ("id", *COLUMNS.get(resource, tuple(entity.own)[:5]))
    custom = ("custom",) if entity.custom else ()
    made = ("regBy", "modDate")
    records = sorted(customer.records(resource), key=lambda record: int(record["id"]), reverse=True)
    rows = [_row(presented(record, entity, customer), (*columns, *custom, *made)) for record in records[:NEWEST]]
    return Table(customer.name, resource, len(records), (*columns, *custom, *made), rows)


def _row(record: Record, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(said(record.get(name)) for name in columns)


def said(value: Json) -> str:
    """A value in a few words: a reference by its name, a custom field as `id: value`."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(said(item) for item in value)
    if isinstance(value, dict):
        if "fieldId" in value:
            return f"{value['fieldId']}: {value['value']}"
        return str(next((value[name] for name in ("name", "description", "title", "id") if value.get(name)), ""))
    return str(value)


@overview.app_template_filter()
def asked(call: Call) -> str:
    return f"{call.path}?{unquote_plus(call.query)}" if call.query else call.path


@overview.app_template_filter()
def clock_time(call: Call) -> str:
    return datetime.fromtimestamp(call.time, UTC).strftime("%H:%M:%S.%f")[:-3]
