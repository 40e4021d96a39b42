"""Builds the headers by which a request to a sender's API is signed; pure."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from worker.sdk.source import Basic, Header, OAuth1Plaintext, OAuth2, Sign

AUTHORIZATION: Final = "Authorization"
UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""https://www.rfc-editor.org/rfc/rfc5849#section-3.6"""


@dataclass(frozen=True, slots=True)
class Client:
    """What a token endpoint knows us by."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return "Client(***)"


def flaw_of(sign: Sign, token: str) -> str | None:
    """Why no request can be signed with the token, in words that hold nothing of it."""
    if not token.isprintable():
        return "has a control character in it; copy the token alone"
    match sign:
        case Header():
            flawed = None if token.isascii() else "holds a character that no header takes"
        case Basic(user=None, password=None):
            flawed = None if ":" in token[1:] else "has to be `user:password`"
        case Basic(user=None):
            flawed = "is a user's name, which has no colon in it" if ":" in token else None
        case Basic():
            flawed = None
        case OAuth1Plaintext():
            flawed = _flaw_of_four(sign, token)
        case OAuth2() if is_plain(sign, token):
            flawed = None if token.isascii() else "holds a character that no header takes"
        case OAuth2():
            flawed = None if all(token.partition(":")) else "has to be `client id:client secret`"
    return flawed


def sign_of(sign: Sign, settings: Any) -> Sign:
    """As a connection with these settings uses it. Scopes were agreed to with the grant."""
    if isinstance(sign, OAuth2) and sign.by_tenant and getattr(settings, "tenant", None):
        return replace(sign, grant="client_credentials", scopes=())
    return sign


def headers(sign: Header | Basic | OAuth1Plaintext, token: str) -> Mapping[str, str]:
    """Of a token without a flaw."""
    match sign:
        case Header(name, prefix):
            return {name: f"{prefix}{token}"}
        case Basic(user=None, password=None):
            return basic(*_split(token))
        case Basic(user=None, password=str() as password):
            return basic(token, password)
        case Basic(user=str() as user):
            return basic(user, token)
        case OAuth1Plaintext(encoded):
            return {AUTHORIZATION: _rfc_5849(token) if encoded else _as_it_is(token)}
    raise AssertionError(sign)


def basic(user: str, password: str) -> Mapping[str, str]:
    """In UTF-8, as https://www.rfc-editor.org/rfc/rfc7617 has it for whoever says so, and as servers guess where nobody does."""
    return {AUTHORIZATION: f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def is_plain(sign: OAuth2, token: str) -> bool:
    """Whether it is an access token itself, and nothing to ask for one with."""
    return sign.plain and ":" not in token


def granted(sign: OAuth2, access: str) -> Mapping[str, str]:
    return {sign.header.name: f"{sign.header.prefix}{access}"}


def client_of(token: str) -> Client:
    return Client(*_split(token))


def _split(token: str) -> tuple[str, str]:
    before, _, behind = token.partition(":")
    return before, behind


def _flaw_of_four(sign: OAuth1Plaintext, token: str) -> str | None:
    parts = token.split(":")
    if len(parts) != 4 or not (parts[0] and parts[1]):
        return "has to be client id, client secret, token and token secret, separated by colons"
    if not sign.encoded and not all(UNRESERVED.fullmatch(part) for part in parts):
        return "holds a character that this sender's header does not take"
    return None


def _rfc_5849(token: str) -> str:
    """The signature is encoded twice: https://www.rfc-editor.org/rfc/rfc5849#section-3.4.4 and 3.5.1."""
    client, secret, access, access_secret = token.split(":")
    given = {
        "oauth_consumer_key": client,
        "oauth_token": access,
        "oauth_signature_method": "PLAINTEXT",
        "oauth_signature": f"{_encoded(secret)}&{_encoded(access_secret)}",
    }
    return "OAuth " + ", ".join(f'{name}="{_encoded(value)}"' for name, value in given.items() if value)


def _as_it_is(token: str) -> str:
    client, secret, access, access_secret = token.split(":")
    return (
        f'oauth_signature_method="PLAINTEXT", oauth_consumer_key="{client}",'
        f' oauth_token="{access}", oauth_signature="{secret}&{access_secret}"'
    )


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
