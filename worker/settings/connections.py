"""Reads the tables of connections; one that is wrong leaves the others alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.upsales.file import MOST_BYTES
from worker.errors import ConfigError, did_you_mean
from worker.plan import Resource
from worker.sdk.connector import Connector
from worker.sdk.settings import load_settings
from worker.sdk.source import where as addresses
from worker.settings.catch_up import catch_up
from worker.settings.routes import route_of, routed, wrong_routes
from worker.settings.values import BODY_LIMIT, FILE_LIMIT, Connection
from worker.settings.variables import CONSOLE, prefix, variables_of
from worker.sync.adoption import CUSTOM, NUMBER, Adoption

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
OURS = (
    "connector",
    "body_limit",
    "file_limit",
    "writes",
    "source_url",
    "catch_up",
    "adopt_orders",
    "adopt_number",
    "route",
)
IN_TEXTS = ("description", "notes")
IN_A_CUSTOM_FIELD = "custom:"


@dataclass(frozen=True, slots=True)
class Tables:
    """The connections whose tables can be read, and what is wrong with each of the others."""

    connections: Mapping[str, Connection]
    misconfigured: Mapping[str, str]


def configured(
    tables: Mapping[str, Any], connectors: Mapping[str, Connector], where: str, shared: Mapping[str, Any]
) -> Tables:
    """`shared`: settings of all connections whose connectors know them, and that a connection may set otherwise."""
    return _each(tables, {name: f"{where} [connections.{name}]" for name in tables}, connectors, shared)


def implied(connectors: Mapping[str, Connector], environ: Mapping[str, str], shared: Mapping[str, Any]) -> Tables:
    """Without tables: every connector whose API key is set, under its own name."""
    keyed = [name for name in connectors if any(environ.get(each) for each in variables_of(name, "API_KEY"))]
    places = {name: f"connection {name} (RELAY_{prefix(name)}_API_KEY is set)" for name in keyed}
    return _each({name: {} for name in keyed}, places, connectors, shared)


def _each(
    tables: Mapping[str, Any],
    places: Mapping[str, str],
    connectors: Mapping[str, Connector],
    shared: Mapping[str, Any],
) -> Tables:
    found: dict[str, Connection] = {}
    wrong = _collisions(tables)
    for name, table in tables.items():
        if name in wrong:
            continue
        try:
            found[name] = _connection(name, table, connectors, places[name], shared)
        except ConfigError as error:
            wrong[name] = str(error)
    misrouted = wrong_routes(found)
    kept = {name: each for name, each in found.items() if name not in misrouted}
    return Tables(routed(kept), wrong | misrouted)


def _connection(
    name: str, table: Any, connectors: Mapping[str, Connector], where: str, shared: Mapping[str, Any]
) -> Connection:
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{where}: a connection's name is lower-case letters, digits, - and _, and starts with a letter"
        )
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: must be a table")
    connector = _connector(name, table, connectors, where)
    if connector.source is not None and prefix(name) in CONSOLE:
        raise ConfigError(f"{where}: RELAY_{prefix(name)}_TOKEN is the console's; give the connection another name")
    given = {key: value for key, value in shared.items() if hasattr(connector.settings, key)}
    theirs = given | {key: value for key, value in table.items() if key not in OURS}
    settings = load_settings(connector.settings, theirs, where)
    return Connection(
        name=name,
        connector=connector,
        settings=settings,
        body_limit=_bytes(table.get("body_limit", BODY_LIMIT), f"{where} body_limit"),
        file_limit=_file_limit(table.get("file_limit"), connector, where),
        writes=_writes(table.get("writes"), connector, where),
        adoption=_adoption(table, connector, where),
        route=route_of(table.get("route"), where),
        catch_up=catch_up(table.get("catch_up"), connector, where),
        source_url=_source_url(table.get("source_url"), connector, settings, where),
    )


def _connector(name: str, table: Mapping[str, Any], connectors: Mapping[str, Connector], where: str) -> Connector:
    """A connection can be called like its connector, and need not repeat it then."""
    named = table.get("connector", name)
    connector = connectors.get(named) if isinstance(named, str) else None
    if connector is None:
        problem = f"no such connector: {named!r}" if "connector" in table else "missing"
        raise ConfigError(f"{where} connector: {problem}; {did_you_mean(str(named), connectors)}")
    return connector


def _bytes(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where}: {value!r} is not a number of bytes")
    return value


def _file_limit(value: Any, connector: Connector, where: str) -> int:
    """Of a file that is read of the sender and attached in Upsales."""
    kinds = connector.source.kinds.values() if connector.source else ()
    if value is None:
        return FILE_LIMIT
    if not any(kind.file for kind in kinds):
        raise ConfigError(f"{where} file_limit: {connector.name} reads no files of its sender")
    found = _bytes(value, f"{where} file_limit")
    if found > MOST_BYTES:
        raise ConfigError(f"{where} file_limit: Upsales takes no more than {MOST_BYTES} bytes")
    return found


def _source_url(value: Any, connector: Connector, settings: Any, where: str) -> str | None:
    """Whatever it is: a sender's API whose address lacks a setting is found out here, not with the first event."""
    if value is not None and connector.source is None:
        raise ConfigError(f"{where} source_url: {connector.name} reads no API of its sender")
    try:
        if connector.source is not None and not connector.source.unread:
            addresses.root(connector.source, settings)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    try:
        return None if value is None else addresses.for_trying(value)
    except ConfigError as error:
        raise ConfigError(f"{where} source_url: {error}") from None


def _writes(table: Any, connector: Connector, where: str) -> Mapping[Resource, frozenset[str]]:
    """The connector's declared writes as the table narrows them; it can't add any."""
    if table is None:
        return connector.writes
    declared: dict[str, frozenset[str]] = dict(connector.writes.items())
    if not isinstance(table, dict) or not table:
        raise ConfigError(f'{where} writes: must be a table such as {{ account = ["create", "update"] }}')
    for resource, actions in table.items():
        if resource not in declared:
            raise ConfigError(
                f"{where} writes: {connector.name} does not write {resource}; {did_you_mean(resource, declared)}"
            )
        if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
            raise ConfigError(f'{where} writes.{resource}: must be a list such as ["create", "update"]')
        for action in actions:
            if action not in declared[resource]:
                raise ConfigError(
                    f"{where} writes.{resource}: {connector.name} does not {action} it; {did_you_mean(action, declared[resource])}"
                )
    return {resource: frozenset(table[resource]) for resource in connector.writes if resource in table}


def _adoption(table: Mapping[str, Any], connector: Connector, where: str) -> Adoption | None:
    """Where another integration wrote the numbers of orders, and how."""
    place, pattern = table.get("adopt_orders"), table.get("adopt_number")
    if place is None:
        if pattern is not None:
            raise ConfigError(f"{where} adopt_number: says nothing without adopt_orders")
        return None
    custom = isinstance(place, str) and place.startswith(IN_A_CUSTOM_FIELD)
    if place not in IN_TEXTS and not (custom and place.removeprefix(IN_A_CUSTOM_FIELD).strip()):
        raise ConfigError(f'{where} adopt_orders: must be "description", "notes" or "custom:ALIAS"')
    if "order" not in connector.writes:
        raise ConfigError(f"{where} adopt_orders: {connector.name} writes no orders")
    written = (NUMBER if custom else f"#{NUMBER}") if pattern is None else pattern
    if not isinstance(written, str) or written.count(NUMBER) != 1:
        raise ConfigError(f'{where} adopt_number: must be a text with {NUMBER} in it, such as "#{NUMBER}"')
    alias = place.removeprefix(IN_A_CUSTOM_FIELD).strip()
    return Adoption(f"{CUSTOM}{alias}" if custom else place, written)


def _collisions(names: Iterable[str]) -> dict[str, str]:
    """Of names that share their variables none is a connection: a key must not go to the other one."""
    sharing: dict[str, list[str]] = {}
    for name in names:
        sharing.setdefault(prefix(name), []).append(name)
    return {
        name: f"connections {' and '.join(alike)} would share RELAY_{shared}_API_KEY; rename one of them"
        for shared, alike in sharing.items()
        if len(alike) > 1
        for name in alike
    }
