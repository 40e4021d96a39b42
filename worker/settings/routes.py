"""Says which connection an event is of, where one address receives those of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.errors import ConfigError, did_you_mean
from worker.sdk.connector import Incoming
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


def owner_of(receiving: Connection, incoming: Incoming) -> tuple[str, str | None]:
    """The connection's name; or that of the receiving one, and why none has the event."""
    connector = receiving.connector
    if not receiving.tenants or connector.tenant is None:
        return receiving.name, None
    try:
        value = connector.tenant(incoming)
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        value = None
    if value is not None and value in receiving.tenants:
        return receiving.tenants[value], None
    if value is None:
        return (
            receiving.name,
            f"{connector.name}: the event names no tenant, and {receiving.name} receives those of several",
        )
    mend = f'give one route = {{ of = "{receiving.name}", value = "{value[:60]}" }}, and have it sent again'
    return receiving.name, f"{connector.name}: no connection has the tenant {value[:60]}: {mend}"


def astray(connection: Connection, incoming: Incoming) -> str | None:
    """Why a stored event must not be written by this connection, at whose address those of others come in."""
    owner, why = owner_of(connection, incoming)
    return why or (None if owner == connection.name else f"it is of the connection {owner}")
