"""Checks shared secrets of senders that can't sign: in a header, the URL or the body."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote

from worker.sdk.request import Request
from worker.sdk.signatures.json_body import field_bytes, with_field
from worker.sdk.signatures.scheme import UnusableSecret, first_valid, header_equals, text_bytes, with_header
from worker.sdk.signatures.standard import is_key


def first_token(secrets: Sequence[str], is_valid: Callable[[str], bool]) -> int | None:
    """A key of a pair is no token: whoever knows the public one would be let in."""
    return first_valid(secrets, lambda secret: not is_key(secret) and is_valid(secret))


def token(secret: str) -> str:
    if is_key(secret):
        raise UnusableSecret(
            "A token can't begin with whpk_ or whsk_: that is a key of Standard Webhooks, and no secret."
        )
    return secret


@dataclass(frozen=True, slots=True)
class StaticHeader:
    """The secret as a header's value, after a prefix such as `Bearer `.

    A prefix that ends in a blank is the name of an authentication scheme, which has no case and may be followed by several
    blanks: https://www.rfc-editor.org/rfc/rfc9110#section-11.1.
    """

    name: str
    prefix: str = ""

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return f"the header {self.name}: {self.prefix}<secret>"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        given = self._canonical(request.header(self.name))
        return first_token(secrets, lambda secret: header_equals(given, self._value(secret)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        return with_header(request, self.name, self._value(token(secret)))

    def _canonical(self, given: str | None) -> str | None:
        if given is None or not self.prefix.endswith(" "):
            return given
        word, blank, rest = given.partition(" ")
        return self.prefix + rest.lstrip(" ") if f"{word}{blank}".lower() == self.prefix.lower() else given

    def _value(self, secret: str) -> bytes:
        return text_bytes(self.prefix + secret)


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic; the secret is `user:password`. https://www.rfc-editor.org/rfc/rfc7617."""

    needs_secret: ClassVar[bool] = True
    expects: ClassVar[str] = "HTTP Basic (the header Authorization: Basic <user:password in base64>)"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        word, _, given = (request.header("authorization") or "").partition(" ")
        if word.lower() != "basic":
            return None
        return first_token(
            secrets,
            lambda secret: ":" in secret and header_equals(given, base64.b64encode(text_bytes(secret))),
        )

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        if ":" not in token(secret):
            raise UnusableSecret("The secret of HTTP Basic must have the form user:password.")
        return with_header(request, "authorization", b"Basic " + base64.b64encode(text_bytes(secret)))

    def owns(self, secret: str) -> bool:  # noqa: ARG002 - Particular
        return False

    def flaw(self, secret: str) -> str | None:
        return None if ":" in secret else "is no user:password, as HTTP Basic needs it"


@dataclass(frozen=True, slots=True)
class UrlToken:
    """The secret as the last segment of the URL's path."""

    needs_secret: ClassVar[bool] = True
    expects: ClassVar[str] = "the secret as the last part of the URL's path"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        if request.token is None:
            return None
        given = text_bytes(request.token)
        return first_token(secrets, lambda secret: hmac.compare_digest(given, text_bytes(secret)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        last = _segment(token(secret))
        path, mark, query = request.url.partition("?")
        if request.token is not None:
            path = path.removesuffix("/" + _segment(request.token))
        return replace(request, url=f"{path}/{last}{mark}{query}", token=secret)


@dataclass(frozen=True, slots=True)
class BodyField:
    """The secret as a field of the JSON body, by its dotted path."""

    path: str

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return f"the secret as the field {self.path} of the body"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        given = field_bytes(request.body, self.path)
        if given is None:
            return None
        return first_token(secrets, lambda secret: hmac.compare_digest(given, text_bytes(secret)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        return replace(request, body=with_field(request.body, self.path, token(secret)))


def _segment(text: str) -> str:
    return quote(text_bytes(text), safe="")
