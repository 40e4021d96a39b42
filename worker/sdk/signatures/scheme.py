"""Defines what every signature scheme is, and the comparisons that all of them make."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from worker.sdk.request import Request


class UnusableSecret(ValueError):
    """Nothing can be signed with this secret; the text says why and never holds the secret itself."""


class Scheme(Protocol):
    """How one kind of sender proves that a request is its own.

    `verify` is total: whatever bytes, headers and secrets it is given, it answers and never raises.
    """

    @property
    def needs_secret(self) -> bool: ...

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        """The index of the secret that matched; None when the request is not valid."""
        ...

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as the sender would send it. Raises ValueError for a secret or body that can't be signed."""
        ...


@runtime_checkable
class Described(Protocol):
    """A scheme that tells where it looks for the proof. It is told to whoever sends without one, so it holds no secret."""

    @property
    def expects(self) -> str: ...


def expected(scheme: Scheme) -> str:
    """Where a sender is to put the proof; empty where the scheme doesn't tell."""
    return scheme.expects if isinstance(scheme, Described) else ""


@runtime_checkable
class Telling(Protocol):
    """A scheme that accepts a signature over one thing or another, and tells which it was."""

    def told(self, request: Request, secret: str, now: datetime) -> str | None:
        """A few words for the event of a request that was verified by this secret; they hold nothing of it."""
        ...


def told_by(scheme: Scheme, request: Request, secret: str, now: datetime) -> str | None:
    """What the proof covers; None of a scheme with which that is plain."""
    return scheme.told(request, secret, now) if isinstance(scheme, Telling) else None


@runtime_checkable
class Advising(Protocol):
    """A scheme of a sender that signs some of its webhooks and others not."""

    def advice_on(self, request: Request) -> str:
        """What to change at the sender, where it did not sign this request; else empty."""
        ...


@runtime_checkable
class KeyPairScheme(Protocol):
    """A scheme whose secret may be the public key of a pair: it verifies, it proves nothing by being known."""

    def is_key(self, secret: str) -> bool:
        """Whether the secret is one half of a pair."""
        ...


@runtime_checkable
class Particular(Protocol):
    """A scheme that not every text can be a secret of."""

    def owns(self, secret: str) -> bool:
        """Whether the secret's form says that it is meant for this scheme."""
        ...

    def flaw(self, secret: str) -> str | None:
        """Why it can verify nothing with this secret, as the end of a line that names the secret; never the secret itself."""
        ...


def flaw_of(scheme: Scheme, secret: str) -> str | None:
    """Why nothing can be verified with this secret; None where it can, and of a scheme that doesn't tell."""
    return scheme.flaw(secret) if isinstance(scheme, Particular) else None


def first_valid(secrets: Sequence[str], is_valid: Callable[[str], bool]) -> int | None:
    """A blank secret is never valid: anybody could sign with it."""
    for index, secret in enumerate(secrets):
        if secret.strip() and is_valid(secret):
            return index
    return None


def text_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def header_bytes(value: str) -> bytes | None:
    """The bytes as they were on the wire: WSGI hands headers over as Latin-1, https://peps.python.org/pep-3333/#unicode-issues."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return None


def header_equals(value: str | None, expected: bytes) -> bool:
    """In constant time."""
    given = None if value is None else header_bytes(value)
    return given is not None and hmac.compare_digest(given, expected)


def with_header(request: Request, name: str, value: bytes) -> Request:
    others = tuple(pair for pair in request.headers if pair[0] != name.lower())
    return replace(request, headers=(*others, (name.lower(), value.decode("latin-1"))))


def strict_base64(text: str) -> bytes | None:
    """Only the one canonical spelling of the bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:  # no base64, or no ASCII
        return None
    return data if base64.b64encode(data) == text.encode() else None
