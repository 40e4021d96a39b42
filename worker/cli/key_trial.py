"""Asks Upsales whose an API key is, before it is put in force."""

from __future__ import annotations

from worker.cli.bare_upsales import bare_upsales
from worker.cli.context import Installation
from worker.errors import ConfigError, Failure, Unauthorized
from worker.settings import Connection
from worker.store.lanes import connections
from worker.upsales import Account
from worker.upsales.accounts import refuse_another


def tried(installation: Installation, connection: Connection, key: str) -> Account:
    """The account that the connection may be bound to. Raises ConfigError. Works without Redis: the call is then not counted."""
    try:
        return _owner(installation, connection, key)
    except Unauthorized as error:
        raise ConfigError(f"the key is not stored: {error}") from None
    except Failure as error:
        raise ConfigError(
            f"the key is not stored, it could not be tried: {error}; --untried stores it without asking"
        ) from None


def untried_key(_connection: Connection, _key: str) -> None:
    """Nobody is asked."""


def _owner(installation: Installation, connection: Connection, key: str) -> Account:
    if installation.live_settings.redis_url is not None:
        return installation.runtime.binding.owner(connection, key)
    settings, fingerprint = installation.live_settings.upsales, installation.keys.fingerprint(key)
    with bare_upsales(settings, connection, key, fingerprint) as upsales:
        account = upsales.whoami()
    with installation.store.read() as conn:
        refuse_another(connections.get(conn, connection.name), account)
    return account
