"""Loads Settings from an environment; whatever is wrong is one line that names it.

What is wrong with one connection makes that one misconfigured; anything else stops whoever loads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from worker import logs, tracing
from worker.errors import ConfigError, did_you_mean
from worker.plan import folded
from worker.sdk.connector import Connector
from worker.settings import addresses, credentials, neighbours, variables
from worker.settings.alerts import alerts
from worker.settings.connections import Tables, configured, implied
from worker.settings.console import console
from worker.settings.paths import find_config, home_of, read_toml
from worker.settings.tables import delivery_table, matching_table, upsales_table
from worker.settings.values import Connection, Delivery, Settings, Upsales
from worker.sync.matching import Matching

DEFAULTS = Settings()
TABLES = ("upsales", "delivery", "matching", "alerts", "console", "connections")
FALLBACK = "fallback_company"
SHARED = frozenset({FALLBACK})
"""Settings of [matching] that are those of every connection."""


def load(
    environ: Mapping[str, str],
    *,
    connectors: Iterable[Connector] | None = None,
    directory: Path | None = None,
) -> Settings:
    """All settings. `directory` is where to start looking for relay.toml: the current one.

    relay.toml is RELAY_CONFIG, else looked for upwards. Relative paths are taken from beside it, or, without it, from the
    directory in which `var/` was found upwards, else from the current one.
    """
    logs.check(environ)
    tracing.check(environ)
    directory = directory or Path.cwd()
    config = find_config(environ, directory)
    document = read_toml(config) if config else {}
    where = config.name if config else "relay.toml"
    _only_tables(document, where)
    known = {connector.name: connector for connector in _registered(connectors)}
    matching = matching_table(document.get("matching", {}), f"{where} [matching]")
    shared = {name: matching.pop(name) for name in SHARED & matching.keys()}
    tables = _connections(environ, document, known, where, shared)
    names = (*tables.connections, *tables.misconfigured)
    strays = variables.strays(environ, names, known)
    upsales = _upsales(environ, document, where)
    delivery = _delivery(environ, document, where)
    _fits(upsales, delivery, where)
    addresses.check_flower(environ.get("FLOWER_BASIC_AUTH"))
    return Settings(
        database_url=addresses.database(variables.given(environ, "DATABASE_URL"), lambda: home_of(config, directory)),
        redis_url=addresses.redis(variables.given(environ, "REDIS_URL")),
        config=config,
        upsales=upsales,
        delivery=delivery,
        connections=neighbours.beside(environ, tables.connections),
        misconfigured={**credentials.faults(environ, tables.connections), **tables.misconfigured},
        strays=strays,
        matching=Matching(**matching, fallbacks=_fallbacks(tables.connections.values())),
        alerts=alerts(environ, document.get("alerts", {}), f"{where} [alerts]"),
        console=console(environ, document.get("console", {}), f"{where} [console]"),
        public_url=addresses.public(environ.get("RELAY_PUBLIC_URL")),
        port=addresses.port(environ, "PORT", DEFAULTS.port),
        sandbox_port=addresses.port(environ, "RELAY_SANDBOX_PORT", DEFAULTS.sandbox_port),
        flower_port=addresses.port(environ, "FLOWER_PORT", DEFAULTS.flower_port),
        console_port=addresses.port(environ, "CONSOLE_PORT", DEFAULTS.console_port),
        console_address=addresses.address(environ, "CONSOLE_ADDRESS", DEFAULTS.console_address),
    )


def _registered(connectors: Iterable[Connector] | None) -> Iterable[Connector]:
    if connectors is not None:
        return connectors
    from worker.connectors import all_connectors

    return all_connectors()


def _only_tables(document: Mapping[str, Any], where: str) -> None:
    for name, table in document.items():
        if name not in TABLES:
            raise ConfigError(f"{where}: there is no table [{name}]; {did_you_mean(name, TABLES)}")
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {name} must be a table, [{name}]")


def _connections(
    environ: Mapping[str, str],
    document: Mapping[str, Any],
    known: Mapping[str, Connector],
    where: str,
    shared: Mapping[str, Any],
) -> Tables:
    if "connections" in document:
        return configured(document["connections"], known, where, shared)
    return implied(known, environ, shared)


def _fallbacks(connections: Iterable[Connection]) -> frozenset[str]:
    """The names of the companies that take who has none."""
    names = (getattr(connection.settings, FALLBACK, None) for connection in connections)
    return frozenset(folded(name) for name in names if isinstance(name, str))


def _upsales(environ: Mapping[str, str], document: Mapping[str, Any], where: str) -> Upsales:
    upsales = upsales_table(document.get("upsales", {}), f"{where} [upsales]")
    override = environ.get("UPSALES_BASE_URL")
    source = "UPSALES_BASE_URL" if override else f"{where} [upsales] base_url"
    return replace(upsales, base_url=addresses.upsales(override or upsales.base_url, source))


def _delivery(environ: Mapping[str, str], document: Mapping[str, Any], where: str) -> Delivery:
    delivery = delivery_table(document.get("delivery", {}), f"{where} [delivery]")
    return replace(delivery, threads=addresses.count(environ, "THREADS", delivery.threads))


def _fits(upsales: Upsales, delivery: Delivery, where: str) -> None:
    """A call may start only if it surely ends within its lane's lease."""
    if delivery.lease <= upsales.call_timeout:
        raise ConfigError(
            f"{where} [delivery] lease: {delivery.lease:g} s must be longer than call_timeout, {upsales.call_timeout:g} s"
        )
