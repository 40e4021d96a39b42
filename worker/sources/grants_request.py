"""Builds what a token endpoint is asked, and where it is; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit, urlunsplit

from worker.errors import ConfigError
from worker.sdk.source import OAuth2, where
from worker.settings import Connection
from worker.sources.sign import Client, basic


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A form that is posted. `seconds`: within which the answer has to be there. `trying`: it goes to what stands in on this machine."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    seconds: float = 10.0
    trying: bool = False


def for_client(connection: Connection, sign: OAuth2, client: Client) -> TokenRequest:
    """As https://www.rfc-editor.org/rfc/rfc6749#section-4.4 says."""
    return _request(connection, sign, client, {"grant_type": "client_credentials", **_scope(sign)})


def for_refresh(connection: Connection, sign: OAuth2, client: Client, refresh: str) -> TokenRequest:
    """As https://www.rfc-editor.org/rfc/rfc6749#section-6 says."""
    return _request(connection, sign, client, {"grant_type": "refresh_token", "refresh_token": refresh})


def for_code(
    connection: Connection, sign: OAuth2, client: Client, code: str, redirect: str, verifier: str
) -> TokenRequest:
    """As https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 says."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    return _request(connection, sign, client, form)


def placed(url: str, connection: Connection) -> str:
    """The address with the connection's settings in it; where its `source_url` stands in for the sender, its path there. Raises ConfigError."""
    try:
        filled = where.address(url, connection.settings)
    except ConfigError as error:
        raise ConfigError(f"connection {connection.name}: {error}") from None
    parts = urlsplit(filled)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ConfigError(f"connection {connection.name}: {parts.hostname or url} has to be reached by https")
    if connection.source_url is None:
        return filled
    stand_in = urlsplit(connection.source_url)
    return urlunsplit((stand_in.scheme, stand_in.netloc, stand_in.path.rstrip("/") + parts.path, parts.query, ""))


def _request(connection: Connection, sign: OAuth2, client: Client, form: Mapping[str, str]) -> TokenRequest:
    source = connection.connector.source
    assert source is not None
    headers = {"Accept": "application/json", **_tenant(connection, sign)}
    if sign.client == "basic":
        # https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
        headers |= basic(quote_plus(client.id), quote_plus(client.secret))
    else:
        form = {**form, "client_id": client.id, "client_secret": client.secret}
    return TokenRequest(
        url=placed(sign.token_url, connection),
        headers=headers,
        form={**form, **sign.fields},
        seconds=source.timeout,
        trying=connection.source_url is not None,
    )


def _scope(sign: OAuth2) -> Mapping[str, str]:
    return {"scope": " ".join(sign.scopes)} if sign.scopes else {}


def _tenant(connection: Connection, sign: OAuth2) -> Mapping[str, str]:
    if sign.tenant_header is None or (sign.by_tenant and sign.grant == "refresh_token"):
        return {}
    tenant = str(getattr(connection.settings, "tenant", None) or "")
    if not tenant or not tenant.isprintable() or not tenant.isascii():
        raise ConfigError(
            f"connection {connection.name} needs its setting tenant, which goes into {sign.tenant_header}"
        )
    return {sign.tenant_header: tenant}
