"""Makes the demo's installation: connections, keys and settings for every sample."""

from __future__ import annotations

import base64
import json
import re
import secrets
import shutil
import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from worker.cli.local import lockfile, made_up
from worker.cli.local.network import HOST
from worker.cli.local.samples import samples_of, signed
from worker.devkit.cases import Case, event_of
from worker.devkit.neighbour.tokens import made_up as made_up_token
from worker.errors import ConfigError
from worker.keys.cipher import VARIABLE, new_master_key
from worker.sdk.connector import Connector
from worker.sdk.read import read
from worker.sdk.source import OAuth2
from worker.settings import Settings, addresses
from worker.settings.variables import variables_of

FILE = "made-up-secrets.json"


def made_up_beside(config: Path | None) -> Mapping[str, str]:
    """By the variables that would hold them; none beside the settings of any other installation."""
    return made_up.kept(config.parent / FILE, "start `relay demo` again") if config else {}


SAMPLES_ACCOUNT = 1
"""Of the sandbox; the samples of every connector go there."""
SEARCH_LAG = 1.0
CALL_TIMEOUT, LEASE = 4.0, 6.0
"""Seconds. Short, so that a worker that was killed is not waited for too long."""
BARE = re.compile(r"[A-Za-z0-9_-]+")
ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class DemoConnection:
    """One connection of the demo: samples of one connector that need the same settings. `account`: of the sandbox."""

    connection: str
    connector: Connector
    cases: Sequence[Case]
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    account: int = SAMPLES_ACCOUNT


def demo_connections(connectors: Sequence[Connector]) -> Sequence[DemoConnection]:
    return [demo_connection for connector in connectors for demo_connection in _of_connector(connector)]


def _of_connector(connector: Connector) -> Iterator[DemoConnection]:
    groups: dict[str, list[Case]] = {}
    for case in samples_of(connector).values():
        groups.setdefault(json.dumps(case.settings, sort_keys=True), []).append(case)
    for number, cases in enumerate(groups.values(), 1):
        name = connector.name if number == 1 else f"{connector.name}-{number}"
        yield demo_connection_of(name, connector, cases)


def demo_connection_of(connection: str, connector: Connector, cases: Sequence[Case]) -> DemoConnection:
    """With a key and a secret of its own."""
    return DemoConnection(connection, connector, cases, _letters(32), _secret(connector, cases[0]))


def install(home: Path, demo_connections: Sequence[DemoConnection], environ: Mapping[str, str] | None = None) -> None:
    """An empty directory but for the settings. Raises ConfigError while another demo uses it.

    `environ`: the demo's. What commands must know of it without having it is in the settings: where the sandbox is.
    """
    with lockfile.only_one(home / "var" / lockfile.DIRECTORY):
        pass
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700, parents=True)
    (home / "relay.toml").write_text(
        "\n".join(_settings(demo_connections, _sandbox_port(environ or {}))) + "\n", "utf-8"
    )
    made_up.keep(home / FILE, _credentials(demo_connections))


def environment(home: Path, environ: Mapping[str, str], demo_connections: Sequence[DemoConnection]) -> dict[str, str]:
    """Ours, and of the given environment all that is no setting of another installation."""
    kept = {name: value for name, value in environ.items() if not name.startswith("RELAY_") or name.endswith("_PORT")}
    for name in ("DATABASE_URL", "REDIS_URL", "UPSALES_BASE_URL"):
        kept.pop(name, None)
    ours = {"RELAY_CONFIG": str(home / "relay.toml"), "SANDBOX_KEYS": _sandbox_keys(demo_connections)}
    return kept | _credentials(demo_connections) | ours


def _credentials(demo_connections: Sequence[DemoConnection]) -> dict[str, str]:
    keys = {variables_of(each.connection, "API_KEY")[0]: each.api_key for each in demo_connections}
    keys |= {variables_of(each.connection, "SECRET")[0]: each.secret for each in demo_connections}
    keys |= master_key(each.connector for each in demo_connections)
    return keys | {
        name: token for each in demo_connections for name, token in tokens(each.connection, each.connector).items()
    }


def tokens(connection: str, connector: Connector) -> Mapping[str, str]:
    """What its neighbour is asked with, where it reads its sender's API."""
    return (
        {}
        if connector.source is None
        else {variables_of(connection, "TOKEN")[0]: made_up_token(connector.source.sign, _letters)}
    )


def master_key(connectors: Iterable[Connector]) -> Mapping[str, str]:
    """What the tokens that a neighbour gives out are stored under, where one does."""
    signs = [each.source.sign for each in connectors if each.source is not None]
    gives = any(isinstance(sign, OAuth2) and not sign.plain for sign in signs)
    return {VARIABLE: new_master_key()} if gives else {}


def _sandbox_keys(demo_connections: Sequence[DemoConnection]) -> str:
    return ",".join(f"{each.connection}={each.api_key}@{each.account}" for each in demo_connections)


def _sandbox_port(environ: Mapping[str, str]) -> int:
    return addresses.port(environ, "RELAY_SANDBOX_PORT", Settings().sandbox_port)


def _settings(demo_connections: Sequence[DemoConnection], sandbox_port: int) -> Iterator[str]:
    yield f"# Written by `relay demo` at every start. Its keys and secrets are made up; they are in {FILE}."
    yield f"[upsales]\nbase_url = {toml(f'http://{HOST}:{sandbox_port}/api/v2')}"
    yield f"search_lag = {SEARCH_LAG}\ncall_timeout = {CALL_TIMEOUT}\n\n[delivery]\nlease = {LEASE}"
    for each in demo_connections:
        yield f"\n[connections.{each.connection}]\nconnector = {toml(each.connector.name)}"
        yield from (f"{toml_key(name)} = {toml(value)}" for name, value in each.cases[0].settings.items())


def toml_key(name: str) -> str:
    return name if BARE.fullmatch(name) else toml(name)


def toml(value: Any) -> str:
    """JSON's texts, numbers, booleans and lists are TOML as they are; its objects are not."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_key(name)} = {toml(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _secret(connector: Connector, case: Case) -> str:
    """What the scheme can both sign with and verify: schemes differ in what a secret looks like."""
    now = datetime.now(UTC)
    for candidate in (_letters(40), f"whsec_{_letters(40)}", f"relay:{_letters(40)}", _p256()):
        try:
            request = signed(case, connector, "http://127.0.0.1/webhooks/demo", candidate, now)
        except ConfigError:
            continue
        if connector.signature.verify(request, [candidate], now) is not None:
            return candidate
    raise ConfigError(f"connector {connector.name}: the demo can't make a secret for its signature scheme")


def _letters(count: int) -> str:
    """Valid as base64, too, when the count is a multiple of four."""
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _p256() -> str:
    key = generate_private_key(SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


Subject: TypeAlias = tuple[str, str]
"""A connection, and what its events are about."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A sample on its way to a connection."""

    demo_connection: DemoConnection
    case: Case
    subjects: frozenset[Subject]
    time: datetime


def letters(found: Sequence[DemoConnection]) -> list[Letter]:
    """In the order in which it all happened."""
    return sorted(
        (_letter(demo_connection, case) for demo_connection in found for case in demo_connection.cases),
        key=lambda letter: letter.time,
    )


def ready_letter(waiting: Sequence[Letter], busy: Collection[Subject]) -> list[Letter]:
    """Those that come after nothing: events that wait together fold into one, and what is wrong with the first would not show."""
    taken, found = set(busy), []
    for letter in waiting:
        if not letter.subjects & taken:
            found.append(letter)
        taken |= letter.subjects
    return found


def _letter(demo_connection: DemoConnection, case: Case) -> Letter:
    events = [event_of(reading, case) for reading in read(demo_connection.connector, case.request)]
    subjects = frozenset((demo_connection.connection, event.subject) for event in events)
    return Letter(demo_connection, case, subjects, min((event.time for event in events), default=case.now))
