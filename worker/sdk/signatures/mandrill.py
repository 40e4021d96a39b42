"""Verifies Mandrill's form posts, signed over the URL and every field.

https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import ClassVar
from urllib.parse import parse_qsl

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import first_valid, header_equals, text_bytes, with_header

_HEADER = "X-Mandrill-Signature"


@dataclass(frozen=True, slots=True)
class Mandrill:
    """`url`: the webhook's URL letter for letter as it stands at Mandrill, where that is not the URL the request came to."""

    url: str | None = None

    needs_secret: ClassVar[bool] = True
    expects: ClassVar[str] = f"a signature in the header {_HEADER}"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        given = request.header(_HEADER)
        signed = self._signed(request)
        return first_valid(secrets, lambda secret: header_equals(given, _signature(secret, signed)))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        return with_header(request, _HEADER, _signature(secret, self._signed(request)))

    def _signed(self, request: Request) -> bytes:
        url = request.url if self.url is None else self.url
        fields = sorted(form_fields(request.body), key=itemgetter(0))
        return text_bytes(url) + b"".join(name + value for name, value in fields)


def form_fields(data: bytes) -> list[tuple[bytes, bytes]]:
    """Surrogates carry bytes that are no UTF-8 through the parser unharmed."""
    text = data.decode("utf-8", "surrogateescape")
    pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    return [
        (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape")) for name, value in pairs
    ]


def _signature(secret: str, signed: bytes) -> bytes:
    return base64.b64encode(hmac.digest(text_bytes(secret), signed, "sha1"))
