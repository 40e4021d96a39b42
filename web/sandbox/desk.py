"""Serves the controls that play people: seeding, creating, editing, deleting, merging."""

from __future__ import annotations

from flask import Blueprint, request

from web.sandbox import people
from web.sandbox.answers import Json
from web.sandbox.api import the_world
from web.sandbox.commands import customer_in, entity_named, sent_object, whole
from web.sandbox.presentation import presented

desk = Blueprint("desk", __name__, url_prefix="/sandbox")


@desk.post("/seed")
def seed() -> Json:
    """Put records in as a person would: `{"account": 1, "records": {"products": [{...}]}}`."""
    world, data = the_world(), sent_object()
    with world.lock:
        world.settle()
        customer = customer_in(world, data)
        made = {
            name: [world.write_as_person(customer, entity_named(name).table, row)["id"] for row in rows]
            for name, rows in data.get("records", {}).items()
        }
    return {"made": made}


@desk.post("/records")
def person_creates() -> Json:
    """Create as a person: `{"account": 1, "resource": "accounts", "user": 1, "data": {...}}`."""
    world, data = the_world(), sent_object()
    with world.lock:
        world.settle()
        customer, entity = customer_in(world, data), entity_named(data.get("resource"))
        made = world.write_as_person(customer, entity.table, data.get("data", {}), user=data.get("user"))
        return {"data": presented(made, entity, customer)}


@desk.put("/records/<int:account>/<path:resource>/<int:record_id>")
def person_edits(account: int, resource: str, record_id: int) -> Json:
    """Edit as a person; the body is what changes, `?user=` who does it. `{"active": 0}` deactivates."""
    world, data = the_world(), sent_object()
    with world.lock:
        now = world.settle()
        customer, entity = world.customer(account), entity_named(resource)
        first = next(row["id"] for row in customer.records("users"))
        author = request.args.get("user", first, type=int)
        record = people.edit(customer, entity.table, record_id, data, author, now)
        return {"data": presented(record, entity, customer)}


@desk.delete("/records/<int:account>/<path:resource>/<int:record_id>")
def person_deletes(account: int, resource: str, record_id: int) -> Json:
    world = the_world()
    with world.lock:
        now = world.settle()
        people.erase(world.customer(account), entity_named(resource).table, record_id, now)
    return {"error": None}


@desk.post("/merge")
def person_merges() -> Json:
    """Merge two records as an administrator: `{"account": 1, "resource": "accounts", "loser": 2, "master": 1}`."""
    world, data = the_world(), sent_object()
    with world.lock:
        now = world.settle()
        customer, entity = customer_in(world, data), entity_named(data.get("resource"))
        loser, master = whole(data, "loser", 0), whole(data, "master", 0)
        return {"data": presented(people.merge(customer, entity.table, loser, master, now), entity, customer)}
