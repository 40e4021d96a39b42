"""Verifies signatures that are a field of the JSON body, as Oneflow sends them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from worker.sdk.request import Request
from worker.sdk.signatures.json_body import field_bytes, with_field
from worker.sdk.signatures.scheme import first_valid, text_bytes


@dataclass(frozen=True, slots=True)
class BodySignature:
    """SHA-1 of one field and the secret: nothing but that field is covered, so what the rest says must be fetched from the sender.

    https://developer.oneflow.com/docs/introduction
    """

    signed: str
    signature: str = "signature"

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return f"a signature as the field {self.signature} of the body"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:  # noqa: ARG002 - a Scheme
        signed = field_bytes(request.body, self.signed)
        given = field_bytes(request.body, self.signature)
        if signed is None or given is None:
            return None
        return first_valid(secrets, lambda secret: hmac.compare_digest(given, _digest(signed, secret).encode()))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:  # noqa: ARG002 - a Scheme
        signed = field_bytes(request.body, self.signed)
        if signed is None:
            raise ValueError(f"This body can't be signed: it lacks {self.signed}, the field that is signed.")
        return replace(request, body=with_field(request.body, self.signature, _digest(signed, secret)))


def _digest(signed: bytes, secret: str) -> str:
    return hashlib.sha1(signed + text_bytes(secret)).hexdigest()  # noqa: S324 - the sender's choice
