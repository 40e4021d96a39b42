"""Says which connection an event is of, where one address receives those of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.errors import ConfigError, did_you_mean
from worker.sdk.connector import Incoming
from worker.sdk.read import READ
from worker.settings.values import Connection, Route


def route_of(value: Any, where: str) -> Route | None:
    if value is None:
        return None
    good = isinstance(value, dict) and value.keys() == {"of", "value"} and isinstance(value["of"], str)
    if (
        not good
        or isinstance(value["value"], bool)
        or not isinstance(value["value"], str | int)
        or not str(value["value"])
    ):
        raise ConfigError(f'{where} route: must be a table such as {{ of = "meta", value = "1234" }}')
    return Route(value["of"], str(value["value"]))


def wrong_routes(connections: Mapping[str, Connection]) -> dict[str, str]:
    """What is wrong with those that are received by another one, by their names."""
    found: dict[str, str] = {}
    taken: dict[Route, str] = {}
    for name, connection in connections.items():
        if (route := connection.route) is None:
            continue
        receiving = connections.get(route.of)
        if receiving is None:
            found[name] = (
                f"[connections.{name}] route: there is no connection {route.of!r}; {did_you_mean(route.of, connections)}"
            )
        elif receiving.connector is not connection.connector:
            found[name] = (
                f"[connections.{name}] route: {route.of} is of the connector {receiving.connector.name}, and this one is of {connection.connector.name}"
            )
        elif connection.connector.tenant is None:
            found[name] = f"[connections.{name}] route: {connection.connector.name} doesn't tell tenants apart"
        elif receiving.route is not None and receiving.route.of != receiving.name:
            found[name] = (
                f"[connections.{name}] route: {route.of} is itself received by {receiving.route.of}; name that one"
            )
        elif route in taken:
            found[name] = f"[connections.{name}] route: {taken[route]} has the value {route.value} already"
        taken.setdefault(route, name)
    return found


def routed(connections: Mapping[str, Connection]) -> dict[str, Connection]:
    """Each with the tenants that are received at its address."""
    by_name: dict[str, dict[str, str]] = {}
    for name, connection in connections.items():
        if connection.route is not None:
            by_name.setdefault(connection.route.of, {})[connection.route.value] = name
    return {name: replace(each, tenants=by_name.get(name, {})) for name, each in connections.items()}


def divides(connection: Connection) -> bool:
    """Whether what comes to it may be another's."""
    return connection.connector.tenant is not None and bool(connection.tenants or connection.route)


def owner_of(receiving: Connection, incoming: Incoming) -> tuple[str, str | None]:
    """The connection's name; or that of the receiving one, and why none has the event."""
    if not divides(receiving):
        return receiving.name, None
    value = _tenant(receiving, incoming)
    if value is None:
        # What it read with its own token is its own.
        why = None if incoming.request.method == READ or not receiving.tenants else _names_none(receiving)
        return receiving.name, why
    if value in receiving.tenants:
        return receiving.tenants[value], None
    if receiving.route is not None and not receiving.tenants:
        return receiving.name, None if value == receiving.route.value else _anothers(receiving, receiving.route, value)
    return receiving.name, _nobodys(receiving, value)


def _tenant(receiving: Connection, incoming: Incoming) -> str | None:
    tenant = receiving.connector.tenant
    assert tenant is not None, "it divides"
    try:
        return tenant(incoming)
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None


def _names_none(receiving: Connection) -> str:
    return f"{receiving.connector.name}: the event names no tenant, and {receiving.name} receives those of several"


def _anothers(receiving: Connection, route: Route, value: str) -> str:
    return f"{receiving.connector.name}: it is of the tenant {value[:60]}, and {receiving.name} is of {route.value}: have it sent to {route.of}"


def _nobodys(receiving: Connection, value: str) -> str:
    mend = f'give one route = {{ of = "{receiving.name}", value = "{value[:60]}" }}, and have it sent again'
    return f"{receiving.connector.name}: no connection has the tenant {value[:60]}: {mend}"


def astray(connection: Connection, incoming: Incoming) -> str | None:
    """Why a stored event must not be written by this connection, at whose address those of others come in."""
    owner, why = owner_of(connection, incoming)
    return why or (None if owner == connection.name else f"it is of the connection {owner}")
