"""Verifies Standard Webhooks, also under Svix's header names.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import UnusableSecret, first_valid, header_bytes, strict_base64, with_header
from worker.sdk.signatures.timestamps import FIVE_MINUTES, is_near, written

KEY_PREFIXES = ("whpk_", "whsk_")
"""Of the public and the private key of a pair."""

AROUND = " \t\r\n\"'`"

SECRET_PREFIX = "whsec_"  # noqa: S105 - no secret, only how one begins

_FAMILIES = ("webhook", "svix")
_HEADERS = {f"{family}-{name}" for family in _FAMILIES for name in ("id", "timestamp", "signature")}
_KEY_BYTES = 32
# A rotation needs two. Each one costs a curve operation, and anybody may send a header full of them.
_MOST_ASYMMETRIC = 16


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """A secret is `whsec_…` (HMAC, `v1`), or `whpk_…` (ed25519, `v1a`); `whsk_…` can sign `v1a` as well."""

    tolerance: timedelta = FIVE_MINUTES
    sent_as: Literal["webhook", "svix"] = "webhook"

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        names = (f"{self.sent_as}-{name}" for name in ("id", "timestamp", "signature"))
        return f"the headers {', '.join(names)} of Standard Webhooks"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        message, time, given = (_only(request, name) for name in ("id", "timestamp", "signature"))
        if not message or not time or not given or not is_near(time.decode("latin-1"), "s", self.tolerance, now):
            return None
        signed = b".".join((message, time, request.body))
        signatures = given.split(b" ")
        return first_valid(secrets, lambda secret: _is_valid(secret, signed, signatures))

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """An id the request has already is kept; else one is made from the body."""
        message = _only(request, "id") or f"msg_{hashlib.sha256(request.body).hexdigest()[:27]}".encode()
        time = written(now, "s").encode()
        signature = _signature(secret, b".".join((message, time, request.body)))
        others = tuple(pair for pair in request.headers if pair[0] not in _HEADERS)
        request = replace(request, headers=others)
        for name, value in (("id", message), ("timestamp", time), ("signature", signature)):
            request = with_header(request, f"{self.sent_as}-{name}", value)
        return request

    def is_key(self, secret: str) -> bool:
        return is_key(secret)

    def owns(self, secret: str) -> bool:
        return secret.startswith(SECRET_PREFIX) or is_key(secret)

    def flaw(self, secret: str) -> str | None:
        if is_key(secret):
            usable = secret.startswith(KEY_PREFIXES) and _public_key(secret)
            begins = secret.lstrip(AROUND)[:5].lower()
            return None if usable else f"is no ed25519 key: {begins} and the base64 of 32 bytes belong there"
        return None if _hmac_key(secret) else f"is no base64 behind {SECRET_PREFIX}: copy all of it from the sender"


def is_key(secret: str) -> bool:
    """Whether it is meant as one of a pair, also with what was copied along: whoever knows a public key must not be let in by it."""
    return secret.lstrip(AROUND).lower().startswith(KEY_PREFIXES)


def _only(request: Request, name: str) -> bytes | None:
    """The header's one value, under either family of names: were they to differ, the id signed might not be the id read."""
    present = {key for key, _ in request.headers} & {f"{family}-{name}" for family in _FAMILIES}
    values = {request.header(key) for key in present}
    value = values.pop() if len(values) == 1 else None
    return None if value is None else header_bytes(value)


def _is_valid(secret: str, signed: bytes, signatures: Sequence[bytes]) -> bool:
    if secret.startswith(KEY_PREFIXES):
        public = _public_key(secret)
        return public is not None and _holds_asymmetric(public, signed, signatures)
    key = _hmac_key(secret)
    if not key:
        return False
    expected = _hmac_signature(key, signed)
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


def _signature(secret: str, signed: bytes) -> bytes:
    if secret.startswith("whsk_"):
        private = _private_key(secret)
        if private is not None:
            return b"v1a," + base64.b64encode(private.sign(signed))
    elif not secret.startswith("whpk_") and (key := _hmac_key(secret)):
        return _hmac_signature(key, signed)
    raise UnusableSecret(
        "Standard Webhooks are signed with whsec_ or whsk_ and base64 after it; this secret is neither."
    )


def _hmac_key(secret: str) -> bytes | None:
    return _from_base64(secret.removeprefix(SECRET_PREFIX))


def _hmac_signature(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))


def _holds_asymmetric(public: Ed25519PublicKey, signed: bytes, signatures: Sequence[bytes]) -> bool:
    asymmetric = [signature for signature in signatures if signature.startswith(b"v1a,")]
    return any(_is_by(public, signed, signature) for signature in asymmetric[:_MOST_ASYMMETRIC])


def _is_by(public: Ed25519PublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        public.verify(strict_base64(signature.removeprefix(b"v1a,").decode("latin-1")) or b"", signed)
    except InvalidSignature:
        return False
    return True


def _public_key(secret: str) -> Ed25519PublicKey | None:
    if secret.startswith("whsk_"):
        private = _private_key(secret)
        return None if private is None else private.public_key()
    key = _from_base64(secret.removeprefix("whpk_"))
    return Ed25519PublicKey.from_public_bytes(key) if key and len(key) == _KEY_BYTES else None


def _private_key(secret: str) -> Ed25519PrivateKey | None:
    """The first half when the public key follows it."""
    key = _from_base64(secret.removeprefix("whsk_"))
    return Ed25519PrivateKey.from_private_bytes(key[:_KEY_BYTES]) if key and len(key) in {32, 64} else None


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        return None
