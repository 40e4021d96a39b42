"""Puts fingerprints in the place of the secrets that a request carries."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import quote_plus, unquote_plus

from worker.sdk.body import hidden
from worker.sdk.connector import Connector
from worker.sdk.read import storable
from worker.sdk.request import Request

ALWAYS_SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})

Fingerprint: TypeAlias = Callable[[str], str]


def masked(request: Request, connector: Connector, secrets: Sequence[str], fingerprint: Fingerprint) -> Request:
    """Hides the URL's token, the connector's secret headers and fields, and our secrets wherever URL and headers hold them.

    The body of a connector without secret fields keeps its bytes. Any other body must be one that `read` takes.
    """
    mask = _Mask(connector, [secret for secret in secrets if secret.strip()], fingerprint)
    return replace(
        request,
        url=mask.url(request.url, request.token),
        headers=tuple((name, mask.header(name, value)) for name, value in request.headers),
        body=hidden(connector, request.body, mask.shown),
        token=None,
    )


@dataclass(frozen=True, slots=True)
class _Mask:
    """`ours`: the connection's own secrets."""

    connector: Connector
    ours: Sequence[str]
    fingerprint: Fingerprint

    def shown(self, secret: str) -> str:
        return f"fingerprint:{self.fingerprint(storable(secret))}"

    def url(self, url: str, token: str | None) -> str:
        path, mark, query = url.partition("?")
        if token is not None:
            path = f"{path.rpartition('/')[0]}/{self.shown(token)}"
        return path + mark + self._pairs(query, self.ours)

    def header(self, name: str, value: str) -> str:
        if name in ALWAYS_SECRET:
            return self._credentials(value)
        if name in self.connector.secret_headers:
            return self.shown(value)
        for secret in self.ours:
            if secret in value:
                value = value.replace(secret, self.shown(secret))
        return value

    def _pairs(self, text: str, secrets: Collection[str]) -> str:
        """A query or form, untouched but for the values that are secret."""

        def pair(part: str) -> str:
            name, mark, value = part.partition("=")
            given = unquote_plus(value)
            secret = given in secrets or unquote_plus(name) in self.connector.secret_fields
            return f"{name}{mark}{quote_plus(self.shown(given), safe=':')}" if secret else part

        return "&".join(pair(part) for part in text.split("&"))

    def _credentials(self, value: str) -> str:
        """The word before the credentials tells the scheme; Basic's are the fingerprint of `user:password`."""
        word, space, rest = value.partition(" ")
        if not space:
            return self.shown(value)
        if word.lower() == "basic":
            try:
                rest = base64.b64decode(rest, validate=True).decode()
            except ValueError:
                return f"{word} {self.shown(rest)}"
        return f"{word} {self.shown(rest)}"
