"""A request as it may be stored: where a sender carries secrets along, their fingerprints."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import quote_plus, unquote_plus

from worker.sdk.connector import Connector
from worker.sdk.request import Request

ALWAYS_SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})

_SCALAR = rb'("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null)'

Fingerprint: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Mask:
    """What stands in a secret's place. Called by whoever meets a secret in a body, it only notes it in `seen`: that can't fail."""

    fingerprint: Fingerprint
    seen: set[str]

    def __call__(self, secret: str) -> str:
        self.seen.add(secret)
        return "***"

    def shown(self, secret: str) -> str:
        storable = secret.encode(errors="replace").decode()  # JSON can spell halves of surrogate pairs
        return f"fingerprint:{self.fingerprint(storable)}"


def masked(request: Request, connector: Connector, secrets: Sequence[str], mask: Mask) -> Request:
    """Hides the URL's token, the connector's secret headers and fields, and our secrets wherever URL and headers hold them.

    The body keeps its bytes but for the secrets that `mask` has seen.
    """
    ours = [secret for secret in secrets if secret.strip()]
    return replace(
        request,
        url=_url(request, connector, ours, mask),
        headers=tuple((name, _header(name, value, connector, ours, mask)) for name, value in request.headers),
        body=_body(request.body, connector, mask) if mask.seen else request.body,
        token=None,
    )


def _url(request: Request, connector: Connector, ours: Sequence[str], mask: Mask) -> str:
    path, mark, query = request.url.partition("?")
    if request.token is not None:
        path = f"{path.rpartition('/')[0]}/{mask.shown(request.token)}"
    return path + mark + _pairs(query, frozenset(connector.secret_fields), ours, mask)


def _pairs(text: str, names: Collection[str], secrets: Collection[str], mask: Mask) -> str:
    """A query or form, untouched but for the values that are secret."""

    def pair(part: str) -> str:
        name, mark, value = part.partition("=")
        given = unquote_plus(value)
        secret = given in secrets or unquote_plus(name) in names
        return f"{name}{mark}{quote_plus(mask.shown(given), safe=':')}" if secret else part

    return "&".join(pair(part) for part in text.split("&"))


def _header(name: str, value: str, connector: Connector, ours: Sequence[str], mask: Mask) -> str:
    if name in ALWAYS_SECRET:
        return _credentials(value, mask)
    if name in connector.secret_headers:
        return mask.shown(value)
    for secret in ours:
        value = value.replace(secret, mask.shown(secret))
    return value


def _credentials(value: str, mask: Mask) -> str:
    """The word before the credentials tells the scheme; Basic's are the fingerprint of `user:password`."""
    word, space, rest = value.partition(" ")
    if not space:
        return mask.shown(value)
    if word.lower() == "basic":
        try:
            rest = base64.b64decode(rest, validate=True).decode()
        except ValueError:
            return f"{word} {mask.shown(rest)}"
    return f"{word} {mask.shown(rest)}"


def _body(body: bytes, connector: Connector, mask: Mask) -> bytes:
    if connector.body == "form":
        return _pairs(body.decode(), (), mask.seen, mask).encode()
    names = {path.rpartition(".")[2] for path in connector.secret_fields}
    for name in names:
        member = re.compile(rb"(" + re.escape(json.dumps(name).encode()) + rb"\s*:\s*)" + _SCALAR)
        body = member.sub(lambda found: _member(found, mask), body)
    whole = json.loads(body)
    hidden = _hidden(whole, names, mask)
    return body if hidden == whole else json.dumps(hidden).encode()


def _member(found: re.Match[bytes], mask: Mask) -> bytes:
    before, value = found.groups()
    secret = str(json.loads(value))
    return before + json.dumps(mask.shown(secret)).encode() if secret in mask.seen else found[0]


def _hidden(value: Any, names: Collection[str], mask: Mask) -> Any:
    """For a member whose name is spelled with escapes."""
    if isinstance(value, list):
        return [_hidden(each, names, mask) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: mask.shown(str(each)) if name in names and str(each) in mask.seen else _hidden(each, names, mask)
        for name, each in value.items()
    }
