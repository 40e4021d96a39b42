"""Serves the controls under /sandbox/: faults, keys, and the truth for tests."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from web.sandbox.answers import Json, NoRecord, Record, Refusal
from web.sandbox.api import the_world
from web.sandbox.commands import BadCommand, sent_json, sent_object, whole
from web.sandbox.customer import Customer
from web.sandbox.entities import ENTITIES
from web.sandbox.faults import BadRule, read_rule
from web.sandbox.options import SandboxKey
from web.sandbox.presentation import presented

control = Blueprint("control", __name__, url_prefix="/sandbox")


@control.app_errorhandler(BadCommand)
@control.app_errorhandler(BadRule)
@control.app_errorhandler(Refusal)
def refused(reason: Exception) -> tuple[Response, int]:
    return jsonify(error=str(reason)), 400


@control.app_errorhandler(NoRecord)
def unknown(_: Exception) -> tuple[Response, int]:
    return jsonify(error="there is no such record"), 404


@control.post("/faults")
def add_faults() -> Json:
    """Take one rule or a list of rules."""
    world, data = the_world(), sent_json()
    rules = [read_rule(item) for item in (data if isinstance(data, list) else [data])]
    with world.lock:
        now = world.settle()
        return {"faults": [world.faults.add(rule, now) for rule in rules]}


@control.get("/faults")
def list_faults() -> Json:
    world = the_world()
    with world.lock:
        return {
            "faults": [
                {"id": standing.id, "seen": standing.seen, "struck": standing.struck, **asdict(standing.rule)}
                for standing in world.faults.listed()
            ]
        }


@control.delete("/faults")
@control.delete("/faults/<int:rule_id>")
def clear_faults(rule_id: int | None = None) -> Json:
    world = the_world()
    with world.lock:
        world.faults.clear(rule_id)
    return {"error": None}


@control.get("/state")
def state() -> Json:
    """Every record as it is, not as lists show it yet; narrowed by `account` and `resource`."""
    world = the_world()
    with world.lock:
        now = world.settle()
        wanted = request.args.get("account", type=int)
        return {
            "time": now,
            "late_commits": world.waiting,
            "accounts": {
                str(customer.id): {"id": customer.id, "name": customer.name, "records": _records(customer)}
                for customer in world.customers.values()
                if wanted in {None, customer.id}
            },
        }


def _records(customer: Customer) -> dict[str, list[Record]]:
    wanted = request.args.get("resource", "").lower()
    return {
        name: [presented(record, ENTITIES[name], customer) for record in customer.records(name)]
        for name in customer.resources()
        if wanted in {"", name}
    }


@control.get("/calls")
def calls() -> Json:
    """The call log in order; narrowed by `since` (a seq), `key`, `resource`, `method`; `limit` keeps the newest."""
    world = the_world()
    wanted = {name: value for name in ("key", "resource", "method") if (value := request.args.get(name))}
    with world.lock:
        world.settle()
        found = [
            call.as_json()
            for call in world.calls.since(request.args.get("since", 0, type=int))
            if all((getattr(call, name) or "").lower() == value.lower() for name, value in wanted.items())
        ]
    limit = request.args.get("limit", type=int)
    return {"calls": found[-limit:] if limit else found}


@control.post("/keys")
def add_key() -> Json:
    """Make a key; the answer is the only place it is told."""
    world, data = the_world(), sent_object()
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise BadCommand("name: a key needs a name, for example 'webshop'")
    key = SandboxKey(name, whole(data, "account", 1), str(data.get("account_name", "")))
    with world.lock:
        world.settle()
        try:
            secret = world.add_key(key, str(data.get("key", "")))
        except ValueError as error:
            raise BadCommand(str(error)) from None
        return {"name": key.name, "account": key.account, "key": secret}


@control.get("/keys")
def list_keys() -> Json:
    world = the_world()
    with world.lock:
        return {"keys": [{"name": c.name, "account": c.customer.id, "user": c.user} for c in world.callers()]}


@control.delete("/keys/<name>")
def drop_key(name: str) -> Json:
    world = the_world()
    with world.lock:
        world.settle()
        if not world.drop_key(name):
            raise NoRecord
    return {"error": None}


@control.post("/reset")
def reset() -> Json:
    """Forget everything: records, calls, faults, budgets, and the keys made here."""
    world = the_world()
    with world.lock:
        world.reset()
    return {"error": None}
