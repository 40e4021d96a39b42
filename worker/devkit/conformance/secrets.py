"""Finds two secrets that a signature scheme can sign with and verify."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from worker.sdk.request import Request
from worker.sdk.signatures import Scheme

NOW = datetime(2026, 3, 2, 8, 15, 6, tzinfo=UTC)
"""When the rules' requests are signed."""


def _p256(number: int) -> str:
    key = derive_private_key(number, SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


def _p256_public(number: int) -> str:
    key = derive_private_key(number, SECP256R1()).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _ed25519_public(seed: bytes) -> str:
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()


PAIRS = (
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_plJ3nmyCDGBKInavdOK15jsl"),
    ("relay:vår-hemlighet-ett", "relay:vår-hemlighet-två"),
    (_p256(20_260_302), _p256(20_260_303)),
)

PUBLIC_KEYS = ("whpk_" + _ed25519_public(b"relay" * 6 + b"!!"), _p256_public(20_260_302))
"""What a sender that signs with a private key gives to everybody who is to verify."""


def usable_pair(scheme: Scheme, request: Request) -> tuple[str, str]:
    """The first pair that fits the scheme: the request is valid when it is signed with the pair's first secret.

    Raises ValueError if no pair fits.
    """
    for pair in PAIRS:
        try:
            signed = scheme.sign(request, pair[0], NOW)
        except ValueError:
            continue
        if scheme.verify(signed, [pair[0]], NOW) == 0:
            return pair
    raise ValueError("no secret")
