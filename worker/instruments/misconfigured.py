"""Tells which connections lack what they need, and what that is."""

from __future__ import annotations

from collections.abc import Mapping

from worker.errors import RelayError
from worker.instruments import tokens
from worker.keys import Keys
from worker.sdk.signatures import flaw_of
from worker.settings import Connection, Settings
from worker.store import StoreUnavailable


def misconfigured(settings: Settings, keys: Keys) -> Mapping[str, str]:
    """What is wrong, by connection, in a line that holds no secret. Raises StoreUnavailable: not known."""
    tables = {name: line for name, line in settings.misconfigured.items() if name not in settings.connections}
    lacking = {name: _lacks(connection, keys) for name, connection in settings.connections.items()}
    return tables | {name: line for name, line in lacking.items() if line}


def _lacks(connection: Connection, keys: Keys) -> str | None:
    signature = connection.connector.signature
    try:
        keys.api_key(connection.name)
        secrets = keys.secrets(connection.received_by)
        unread = tokens.lacking(connection, keys)
    except StoreUnavailable:
        raise
    except RelayError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever it is, it can't be used
        return "its API key, its signing secret or its token can't be read; `relay doctor` tells more"
    flaws = [flaw for secret in secrets if (flaw := flaw_of(signature, secret))]
    if flaws:
        return f"its signing secret {flaws[0]}"
    # A sender that is listened to posts nothing; without a secret nobody else can.
    posts = connection.connector.stream is None
    if posts and signature.needs_secret and not any(secret.strip() for secret in secrets):
        return "it has no signing secret; `relay doctor` tells where it is looked for"
    return unread
