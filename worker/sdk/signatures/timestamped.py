"""Checks signatures that share a header with their timestamp: `t=1700000000,v1=…`.

Stripe, Calendly and Mux send them.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from worker.sdk.request import Request
from worker.sdk.signatures.content import Piece, body, content
from worker.sdk.signatures.scheme import first_valid, header_bytes, text_bytes, with_header
from worker.sdk.signatures.timestamps import FIVE_MINUTES, is_near, written


@dataclass(frozen=True, slots=True)
class Timestamped:
    """HMAC-SHA256 over `<t>.<signed>`; while the sender rotates its secret the header holds several `v1`.

    Stripe's own library accepts any time in the future, https://docs.stripe.com/webhooks/signature; here the window has two ends.
    """

    header: str
    tolerance: timedelta = FIVE_MINUTES
    signed: Piece = body

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return f"a signature in the header {self.header}"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        items = [item.partition("=") for item in (request.header(self.header) or "").split(",")]
        times = [value for name, _, value in items if name == "t"]
        if len(times) != 1 or not is_near(times[0], "s", self.tolerance, now):
            return None
        signed = content((self.signed,), request, now)
        if signed is None:
            return None
        given = [header_bytes(value) or b"" for name, _, value in items if name == "v1"]

        def is_given(secret: str) -> bool:
            expected = _signature(secret, times[0], signed)
            return any(hmac.compare_digest(expected, one) for one in given)

        return first_valid(secrets, is_given)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        time = written(now, "s")
        signed = content((self.signed,), request, now)
        if signed is None:
            raise ValueError(f"This request can't be signed for {self.header}: its body lacks a field that is signed.")
        signature = _signature(secret, time, signed)
        return with_header(request, self.header, f"t={time},v1=".encode() + signature)


def _signature(secret: str, time: str, signed: bytes) -> bytes:
    return hmac.digest(text_bytes(secret), time.encode() + b"." + signed, "sha256").hex().encode()
