"""Tells which connections lack a token for their sender's API, and when tokens end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from worker.errors import ConfigError
from worker.keys import Keys
from worker.sdk.source import OAuth2
from worker.settings import Connection, Settings
from worker.sources.grants_judge import why_lost
from worker.sources.sign import flaw_of, sign_of
from worker.sources.signer import missing
from worker.store import StoreUnavailable

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ends:
    """When the sender stops taking what the connection reads it with, and the command that mends it."""

    at: datetime
    cure: str


def lacking(connection: Connection, keys: Keys) -> str | None:
    """Why its sender can't be read, in a line that holds no secret. Raises ConfigError, and StoreUnavailable: not known."""
    name, source = connection.name, connection.connector.source
    if source is None:
        return None
    token = keys.token(name)
    if token is None:
        return None if source.unread else f"it {missing(name)}"
    if flaw := flaw_of(source.sign, token):
        return f"its token {flaw}"
    sign = sign_of(source.sign, connection.settings)
    if not isinstance(sign, OAuth2) or sign.grant != "refresh_token":
        return None
    grant, client = keys.grants().get(name), keys.fingerprint(token)
    usable = grant is not None and grant.version > 0 and grant.client == client and grant.refused is None
    return None if usable else why_lost(name, client, grant)


def ends(connection: Connection, keys: Keys) -> Ends | None:
    """None: never, or not known. Raises ConfigError, and StoreUnavailable."""
    return min(_ends(connection, keys), key=lambda each: each.at, default=None)


def known_ends(settings: Settings, keys: Keys) -> Mapping[str, Ends]:
    """By connection. Raises StoreUnavailable."""
    found: dict[str, Ends] = {}
    for name, connection in settings.connections.items():
        with suppress(ConfigError):
            if first := ends(connection, keys):
                found[name] = first
    return found


def report(settings: Settings, keys: Keys) -> None:
    """Log what can't be read, when a process starts. Nothing where nobody knows."""
    for name, connection in settings.connections.items():
        try:
            problem = lacking(connection, keys)
        except StoreUnavailable:
            return
        except ConfigError as error:
            problem = str(error)
        if problem:
            _log.error("sender can't be read", connection=name, reason=problem)


def _ends(connection: Connection, keys: Keys) -> Iterator[Ends]:
    name, source = connection.name, connection.connector.source
    if source is None:
        return
    for token in keys.found(name, "token"):
        if token.ends is not None:
            yield Ends(token.ends, f"make a new one at the sender, then `relay keys set {name} --token`")
    sign = sign_of(source.sign, connection.settings)
    if isinstance(sign, OAuth2) and sign.grant == "refresh_token":
        grant = keys.grants().get(name)
        # What can't be renewed ends with its access token.
        if grant is None:
            return
        at = grant.expires_at if grant.refresh is None else grant.grant_ends_at
        if at is not None:
            yield Ends(at, f"`relay connections authorize {name}`")
