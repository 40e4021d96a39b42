"""Signs what is asked of a connection's sender, with the token that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.errors import ConfigError, NoToken, SourceForbidden
from worker.keys import Keys
from worker.logs import hide
from worker.sdk.source import OAuth2, Sign
from worker.settings import Connection
from worker.settings.variables import variables_of
from worker.sources.grants import Grants
from worker.sources.sign import flaw_of, granted, headers, is_plain, sign_of


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Safe to share between threads."""

    keys: Keys
    grants: Grants

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        if afresh:
            self.keys.look_again()
        sign, token = _sign(connection), self._token(connection)
        self.keys.used(connection.name, token, "token")
        if isinstance(sign, OAuth2):
            return granted(sign, token if is_plain(sign, token) else self._access(connection, sign, token, afresh))
        return headers(sign, token)

    def fingerprint(self, connection: Connection) -> str:
        try:
            token = self.keys.token(connection.name)
        except ConfigError as error:
            raise SourceForbidden(str(error)) from None
        return self.keys.fingerprint(token) if token else ""

    def _access(self, connection: Connection, sign: OAuth2, token: str, afresh: bool) -> str:  # noqa: FBT001
        return self.grants.access(connection, sign, token, afresh=afresh)

    def _token(self, connection: Connection) -> str:
        try:
            token = self.keys.token(connection.name)
        except ConfigError as error:
            raise SourceForbidden(str(error)) from None
        if token is None:
            raise NoToken(f"connection {connection.name} {missing(connection.name)}")
        if flaw := flaw_of(_sign(connection), token):
            raise SourceForbidden(f"connection {connection.name}: its token {flaw}")
        # A part of it is a secret by itself.
        hide(*token.split(":"))
        return token


def missing(name: str) -> str:
    return f"has no token for its sender's API: set {variables_of(name, 'TOKEN')[0]} or `relay keys set {name} --token`"


def _sign(connection: Connection) -> Sign:
    source = connection.connector.source
    assert source is not None, "only what has a source is signed for"
    return sign_of(source.sign, connection.settings)
