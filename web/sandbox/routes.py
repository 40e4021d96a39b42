"""Finds the entity and the action that a path and a method mean.

Case does not matter, nor does a slash at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from web.sandbox.answers import NoRoute
from web.sandbox.entities import ENTITIES, FULL, Entity

Action: TypeAlias = Literal[
    "list",
    "get",
    "create",
    "update",
    "delete",
    "self",
    "todotypes",
    "staticvalues",
    "comment",
    "unsubscribe",
    "resubscribe",
    "upload",
]

ROOT = "/api/v2"
UNSUBSCRIBE = "function/unsub"

METHODS: Mapping[tuple[str, bool], Action] = MappingProxyType(
    {
        ("GET", False): "list",
        ("GET", True): "get",
        ("POST", False): "create",
        ("PUT", True): "update",
        ("DELETE", True): "delete",
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    """What is asked for. `name`: the resource in lower case, for the log and for fault rules."""

    action: Action
    name: str
    entity: Entity | None = None
    record: int | None = None


def resource_of(path: str) -> tuple[str, str | None]:
    """Split a path below the API's root into resource and the rest, if there is one."""
    parts = [part for part in path.lower().split("/") if part]
    for length in (2, 1):
        name = "/".join(parts[:length])
        if len(parts) >= length and name in ENTITIES:
            return name, "/".join(parts[length:]) or None
    return (parts[0], "/".join(parts[1:]) or None) if parts else ("", None)


def route(method: str, path: str, *, tickets: bool) -> Route:
    name, rest = resource_of(path)
    if method == "GET" and ((name in {"self", "todotypes"} and rest is None) or (name == "staticvalues" and rest)):
        return Route(_special(name), name if rest is None else f"{name}/{rest}")
    if (method, name, rest) == ("POST", "file", "upload"):
        return Route("upload", "file", ENTITIES["files"])
    if f"{name}/{rest}".startswith(UNSUBSCRIBE):
        return _unsubscribing(method, f"{name}/{rest}".removeprefix(UNSUBSCRIBE).strip("/"))
    entity = ENTITIES.get(name)
    if entity is None or (name in {"tickets", "ticketstatus"} and not tickets):
        raise NoRoute
    record, _, below = (rest or "").partition("/")
    number = int(record) if record.isdecimal() else None
    if name == "tickets" and method == "POST" and below == "comment" and number is not None:
        return Route("comment", name, entity, number)
    action = METHODS.get((method, rest is not None))
    if below or action is None or action not in _methods(entity):
        raise NoRoute
    # An id that is no number leads to no record; Upsales's own answer to it is not published.
    return Route(action, name, entity, number if number is not None or rest is None else -1)


def _unsubscribing(method: str, record: str) -> Route:
    """Opt a contact out, or in again."""
    if (method, bool(record)) not in {("POST", False), ("DELETE", True)}:
        raise NoRoute
    action: Action = "unsubscribe" if method == "POST" else "resubscribe"
    return Route(action, UNSUBSCRIBE, ENTITIES["contacts"], int(record) if record.isdecimal() else -1)


def _special(name: str) -> Action:
    return "self" if name == "self" else "todotypes" if name == "todotypes" else "staticvalues"


def _methods(entity: Entity) -> frozenset[str]:
    if entity.name == "products":
        return FULL - {"delete"}
    if entity.name == "events":
        return entity.methods - {"get"}
    return entity.methods
