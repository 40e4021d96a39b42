"""Checks that a request to a neighbour is signed as its connector declares."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from worker.sdk.source import Basic, Header, OAuth1Plaintext, OAuth2, Sign

PARAMETER = re.compile(r'(\w+)="([^"]*)"')


def is_signed(sign: Sign, headers: Mapping[str, str], token: str | None, is_granted: Callable[[str], bool]) -> bool:
    """`headers`: names lower-cased. `token`: the one that is accepted, None for any. `is_granted`: of an OAuth 2 access token."""
    match sign:
        case Header():
            given = headers.get(sign.name.lower(), "")
            return given.startswith(sign.prefix) and _fits(given.removeprefix(sign.prefix), token)
        case Basic():
            return _basic(sign, headers.get("authorization", ""), token)
        case OAuth1Plaintext():
            return _fits(_oauth1(headers.get("authorization", ""), sign), token)
        case OAuth2():
            given = headers.get(sign.header.name.lower(), "")
            access = given.removeprefix(sign.header.prefix)
            made_by_hand = sign.plain and ":" not in (token or "") and _fits(access, token)
            return given.startswith(sign.header.prefix) and (made_by_hand or is_granted(access))


def _fits(given: str | None, token: str | None) -> bool:
    return bool(given) and token in (None, given)


def basic(header: str) -> tuple[str, str] | None:
    """User and password of HTTP Basic."""
    scheme, _, encoded = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if scheme.lower() == "basic" and colon else None


def _basic(sign: Basic, header: str, token: str | None) -> bool:
    pair = basic(header)
    if pair is None:
        return False
    user, password = pair
    if sign.user is not None:
        return user == sign.user and _fits(password, token)
    if sign.password is not None:
        return password == sign.password and _fits(user, token)
    return _fits(f"{user}:{password}", token)


def _oauth1(header: str, sign: OAuth1Plaintext) -> str | None:
    """The token as the relay keeps it: client id, client secret, token and token secret. Scrive wants no scheme before it."""
    if header.startswith("OAuth ") is not sign.encoded:
        return None
    given = {name: unquote(value) for name, value in PARAMETER.findall(header)}
    if given.get("oauth_signature_method") != "PLAINTEXT":
        return None
    secret, ampersand, token_secret = given.get("oauth_signature", "").partition("&")
    parts = (given.get("oauth_consumer_key"), unquote(secret), given.get("oauth_token"), unquote(token_secret))
    return ":".join(filter(None, parts)) if ampersand and all(parts) else None
