"""Verifies the webhooks of a company's Teamtailor, signed in two versions.

https://partner.teamtailor.com/company_webhooks/#webhook-signatures
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from worker.sdk.request import Request
from worker.sdk.signatures.json_body import field_bytes
from worker.sdk.signatures.member_bytes import member_bytes
from worker.sdk.signatures.scheme import (
    first_valid,
    header_bytes,
    header_equals,
    strict_base64,
    text_bytes,
    with_header,
)
from worker.sdk.signatures.timestamps import FIVE_MINUTES, is_near, written

HEADER: Final = "TT-Signature"
V1: Final = "v1:"
"""What a secret begins with for which the first version is accepted, and no other. That version covers the id alone, for ever."""
SIGNED: Final = re.compile(rb"t=([0-9]{1,16}),v2=([0-9a-f]{64})")
BODY, PAYLOAD, ID = "the body", "the value of `payload` alone", "the id alone (v1)"
"""What a signature may cover. Teamtailor's page said the second until November 2025, and says the first since."""


@dataclass(frozen=True, slots=True)
class Teamtailor:
    """The second version: HMAC-SHA256 over `<t>.` and the body, else over `<t>.` and the bytes of `payload` in it.

    A body can't hold its own signature, and this one holds a field of that name: so both are tried, and `told` says which it was.
    """

    tolerance: timedelta = FIVE_MINUTES

    needs_secret: ClassVar[bool] = True
    expects: ClassVar[str] = f"a signature in the header {HEADER}"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        return first_valid(secrets, lambda secret: self._covered(request, secret, now) is not None)

    def told(self, request: Request, secret: str, now: datetime) -> str | None:
        """What the signature covers."""
        covered = self._covered(request, secret, now)
        return covered and f"its signature covers {covered}"

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        if secret.startswith(V1):
            value = _first(request, secret)
            if value is None:
                raise ValueError("This body can't be signed: it lacks payload.data.id, the field that is signed.")
            return with_header(request, HEADER, value)
        time = written(now, "s")
        digits = _digits(secret, time.encode(), request.body)
        return with_header(request, HEADER, base64.b64encode(f"t={time},v2=".encode() + digits))

    def _covered(self, request: Request, secret: str, now: datetime) -> str | None:
        if secret.startswith(V1):
            value = _first(request, secret)
            return ID if value is not None and header_equals(request.header(HEADER), value) else None
        signed = _signed(request)
        if signed is None or not is_near(signed[1].decode(), "s", self.tolerance, now):
            return None
        return next(
            (
                what
                for what, content in _contents(request)
                if hmac.compare_digest(signed[2], _digits(secret, signed[1], content))
            ),
            None,
        )


def is_first_version(header: str | None) -> bool:
    """Whether a signature that was accepted is of the first version: nothing else decodes to digits alone."""
    decoded = strict_base64(header) if header else None
    return decoded is not None and re.fullmatch(rb"[0-9a-f]{64}", decoded) is not None


def _signed(request: Request) -> re.Match[bytes] | None:
    given = request.header(HEADER)
    encoded = None if given is None else header_bytes(given)
    decoded = None if encoded is None else strict_base64(encoded.decode("latin-1"))
    return None if decoded is None else SIGNED.fullmatch(decoded)


def _contents(request: Request) -> Iterator[tuple[str, bytes]]:
    yield BODY, request.body
    payload = member_bytes(request.body, "payload")
    if payload is not None:
        yield PAYLOAD, payload


def _digits(secret: str, time: bytes, content: bytes) -> bytes:
    return hmac.digest(text_bytes(secret), time + b"." + content, "sha256").hex().encode()


def _first(request: Request, secret: str) -> bytes | None:
    key, signed = text_bytes(secret.removeprefix(V1)), field_bytes(request.body, "payload.data.id")
    if signed is None or not key.strip():
        return None
    return base64.b64encode(hmac.digest(key, signed, "sha256").hex().encode())
