"""Finds the keys, secrets and tokens of the environment that can't be used, by connection."""

from __future__ import annotations

from collections.abc import Mapping

from worker.errors import ConfigError
from worker.sdk.signatures import flaw_of
from worker.settings.values import Connection
from worker.settings.variables import given, variables_of


def faults(environ: Mapping[str, str], connections: Mapping[str, Connection]) -> dict[str, str]:
    """What is wrong with a connection's own, in one line that holds no secret; what a database holds is not looked at."""
    found: dict[str, str] = {}
    keys: dict[str, str] = {}
    for name, connection in connections.items():
        try:
            key = _value(environ, name, "API_KEY")
            refuse_malformed(name, key)
            _refuse_unusable(connection, _value(environ, name, "SECRET"))
            if connection.connector.source is not None:
                # Of its form nothing is known in this room: `worker/instruments/tokens.py`.
                _value(environ, name, "TOKEN")
        except ConfigError as error:
            found[name] = str(error)
        else:
            keys[name] = key
    return found | _shared(keys)


def refuse_malformed(connection: str, key: str) -> None:
    """What an API key never has is there when it was not copied alone."""
    if any(each.isspace() or not each.isprintable() for each in key):
        raise ConfigError(
            f"connection {connection}: its API key has a blank or a control character in it; copy the key alone"
        )


def _value(environ: Mapping[str, str], connection: str, kind: str) -> str:
    return given(environ, variables_of(connection, kind)[0]).strip()


def _refuse_unusable(connection: Connection, secrets: str) -> None:
    each = [secret.strip() for secret in secrets.split(",") if secret.strip()]
    for place, secret in enumerate(each, 1):
        if flaw := flaw_of(connection.connector.signature, secret):
            which = "its signing secret" if len(each) == 1 else f"signing secret {place} of {len(each)}"
            raise ConfigError(f"connection {connection.name}: {which} {flaw}")


def _shared(keys: Mapping[str, str]) -> dict[str, str]:
    """An API key tells integrations apart in Upsales and has budgets of its own: one each."""
    owners: dict[str, list[str]] = {}
    for name, key in keys.items():
        if key:
            owners.setdefault(key, []).append(name)
    return {
        name: f"connections {' and '.join(names)} have the same API key; make one in Upsales for each"
        for names in owners.values()
        if len(names) > 1
        for name in names
    }
