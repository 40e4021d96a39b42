"""`relay doctor`: what is missing or wrong, each with what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from worker.commands.installation import Installation, pass_installation
from worker.commands.tables import json_option, show
from worker.errors import RelayError
from worker.settings import Connection

COLUMNS = ("what", "state", "says")


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: str
    says: str


@click.command()
@click.option("--offline", is_flag=True, help="Don't ask Upsales whose key each one is.")
@json_option
@pass_installation
def doctor(installation: Installation, *, offline: bool, as_json: bool) -> None:
    """Look for what is missing or wrong: settings, database, Redis, keys, secrets, accounts."""
    findings = list(_findings(installation, offline=offline))
    show([_row(each) for each in findings], COLUMNS, as_json=as_json)
    if any(each.state == "wrong" for each in findings):
        sys.exit(1)


def _row(finding: Finding) -> dict[str, Any]:
    return {"what": finding.what, "state": finding.state, "says": finding.says}


def _findings(installation: Installation, *, offline: bool) -> Iterator[Finding]:
    settings = installation.settings
    yield Finding("settings", "good", str(settings.config or "no relay.toml; defaults and environment"))
    database = _checked("database", partial(_database, installation))
    yield database
    redis = _checked("Redis", partial(_redis, installation))
    yield redis
    if not settings.connections:
        yield Finding("connections", "wrong", "there are none: set RELAY_<CONNECTOR>_API_KEY, or write relay.toml")
    for connection in settings.connections.values():
        yield _checked(f"{connection.name}: signing secret", partial(_secret, installation, connection))
        key = _checked(f"{connection.name}: API key", partial(_key, installation, connection))
        yield key
        if not offline and {database.state, redis.state, key.state} == {"good"}:
            yield _checked(f"{connection.name}: account", partial(_account, installation, connection))


def _checked(what: str, look: Callable[[], str]) -> Finding:
    from redis.exceptions import RedisError

    try:
        return Finding(what, "good", look())
    except RelayError as error:
        return Finding(what, "wrong", str(error))
    except RedisError as error:
        return Finding(what, "wrong", f"it can't be reached ({type(error).__name__}): check REDIS_URL")


def _database(installation: Installation) -> str:
    return installation.store.name


def _redis(installation: Installation) -> str:
    policy = installation.redis.config_get("maxmemory-policy").get("maxmemory-policy")
    if policy not in ("noeviction", None):
        return f"reached; its maxmemory-policy is {policy}: with noeviction no wake-up is ever thrown away"
    return "reached"


def _secret(installation: Installation, connection: Connection) -> str:
    from worker.errors import ConfigError
    from worker.settings.variables import variables_of

    count = len(installation.keys.secrets(connection.name))
    if count or not connection.connector.signature.needs_secret:
        return f"{count} in force" if count else "not needed"
    variable = variables_of(connection.name, "SECRET")[0]
    raise ConfigError(
        f"missing: set {variable} or `relay keys set {connection.name} --secret`; until then senders get 503"
    )


def _key(installation: Installation, connection: Connection) -> str:
    return f"fingerprint {installation.keys.fingerprint(installation.keys.api_key(connection.name))}"


def _account(installation: Installation, connection: Connection) -> str:
    bound = installation.runtime.binding.of(connection)
    return f"account {bound.account}"
