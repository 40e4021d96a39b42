"""Reads what is sent to a control URL; each mistake is answered with one clear line."""

from __future__ import annotations

from typing import Any

from flask import request

from web.sandbox.answers import Json
from web.sandbox.customer import Customer
from web.sandbox.entities import ENTITIES, Entity
from web.sandbox.world import World


class BadCommand(ValueError):
    """One clear line: what is wrong with what was sent to a control URL."""


def sent_json() -> Json:
    data = request.get_json(silent=True)
    if data is None:
        raise BadCommand("send JSON with Content-Type: application/json")
    return data


def sent_object() -> dict[str, Any]:
    data = sent_json()
    if not isinstance(data, dict):
        raise BadCommand("send a JSON object")
    return data


def whole(data: dict[str, Any], name: str, otherwise: int) -> int:
    value = data.get(name, otherwise)
    if not isinstance(value, int):
        raise BadCommand(f"{name}: a whole number, not {value!r}")
    return value


def customer_in(world: World, data: dict[str, Any]) -> Customer:
    return world.customer(whole(data, "account", 1))


def entity_named(name: object) -> Entity:
    entity = ENTITIES.get(str(name).lower())
    if entity is None:
        raise BadCommand(f"resource: unknown {name!r}; known: {', '.join(ENTITIES)}")
    return entity
