"""Verifies HMAC signatures in a header of their own, over any pieces of the request."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from worker.sdk.request import Request
from worker.sdk.signatures.content import Piece, body, content, stamped
from worker.sdk.signatures.scheme import first_valid, header_equals, text_bytes, with_header

Digest: TypeAlias = Literal["sha1", "sha256", "sha512"]
Encoding: TypeAlias = Literal["hex", "base64", "base64 of hex"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac:
    """The secret, as text, is the key. A `Timestamp` among the signed pieces is checked against the clock.

    `advice`: what to change at a sender that signs some of its webhooks and others not.
    """

    header: str
    signed: tuple[Piece, ...] = (body,)
    prefix: str = ""
    encoding: Encoding = "hex"
    digest: Digest = "sha256"
    advice: str = ""

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return "; ".join(filter(None, (f"a signature in the header {self.header}", self.advice)))

    def advice_on(self, request: Request) -> str:
        return "" if request.header(self.header) else self.advice

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        signed = content(self.signed, request, now)
        if signed is None:
            return None
        given = request.header(self.header)
        return first_valid(secrets, lambda secret: header_equals(given, self._signature(secret, signed)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        request = stamped(self.signed, request, now)
        signed = content(self.signed, request, now)
        if signed is None:
            raise ValueError(f"This request can't be signed for {self.header}: its body lacks a field that is signed.")
        return with_header(request, self.header, self._signature(secret, signed))

    def _signature(self, secret: str, signed: bytes) -> bytes:
        return self.prefix.encode() + encoded(hmac.digest(text_bytes(secret), signed, self.digest), self.encoding)


def encoded(digest: bytes, encoding: Encoding) -> bytes:
    if encoding == "base64":
        return base64.b64encode(digest)
    digits = digest.hex().encode()
    return digits if encoding == "hex" else base64.b64encode(digits)


def HmacSha256(header: str, prefix: str = "", encoding: Encoding = "hex") -> Hmac:  # noqa: N802 - reads as the scheme it makes
    """Over the body alone, which is what most senders do."""
    return Hmac(header=header, prefix=prefix, encoding=encoding)
