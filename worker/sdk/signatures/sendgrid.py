"""Verifies SendGrid's event webhook, signed with ECDSA over P-256.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from worker.sdk.request import Request
from worker.sdk.signatures.content import body, content, stamped
from worker.sdk.signatures.scheme import UnusableSecret, first_valid, strict_base64, with_header
from worker.sdk.signatures.timestamps import FIVE_MINUTES, Timestamp

_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


@dataclass(frozen=True, slots=True)
class SendGrid:
    """The secret is the public key that SendGrid shows (base64 of DER). A private key (PKCS 8) in its place can sign, too."""

    tolerance: timedelta = FIVE_MINUTES

    needs_secret: ClassVar[bool] = True
    expects: ClassVar[str] = f"a signature in the header {_SIGNATURE}"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        signed = content((self._timestamp, body), request, now)
        signature = strict_base64(request.header(_SIGNATURE) or "")
        if signed is None or not signature:
            return None
        return first_valid(secrets, lambda secret: _is_by(_public_key(secret), signature, signed))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        key = _private_key(secret)
        if key is None:
            raise UnusableSecret("SendGrid's requests are signed with a P-256 private key, as base64 of PKCS 8.")
        request = stamped((self._timestamp,), request, now)
        signed = content((self._timestamp, body), request, now) or b""
        return with_header(request, _SIGNATURE, base64.b64encode(key.sign(signed, ECDSA(SHA256()))))

    def is_key(self, secret: str) -> bool:
        return _public_key(secret.strip()) is not None

    def owns(self, secret: str) -> bool:
        return self.is_key(secret)

    def flaw(self, secret: str) -> str | None:
        return None if self.is_key(secret) else "is no P-256 key: copy the public key that SendGrid shows"

    @property
    def _timestamp(self) -> Timestamp:
        return Timestamp(_TIMESTAMP, tolerance=self.tolerance)


def _is_by(key: EllipticCurvePublicKey | None, signature: bytes, signed: bytes) -> bool:
    if key is None:
        return False
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _public_key(secret: str) -> EllipticCurvePublicKey | None:
    private = _private_key(secret)
    if private is not None:
        return private.public_key()
    try:
        key = load_der_public_key(strict_base64(secret) or b"")
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1) else None


def _private_key(secret: str) -> EllipticCurvePrivateKey | None:
    try:
        key = load_der_private_key(strict_base64(secret) or b"", password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no key; one with a password; an unknown curve
        return None
    return key if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1) else None
