"""A public key is known to its sender and to whoever reads along: it never passes for a secret."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.signature_cases import NOW
from worker.connectors.generic import connector as generic
from worker.sdk.request import Request
from worker.sdk.signatures import (
    AnyOf,
    Basic,
    BodyField,
    Hmac,
    HmacSha256,
    Scheme,
    SendGrid,
    StandardWebhooks,
    StaticHeader,
    UnusableSecret,
    UrlToken,
    flaw_of,
)

SEED = bytes(range(32))
PRIVATE = "whsk_" + base64.b64encode(SEED).decode()
PUBLIC = "whpk_" + base64.b64encode(Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()).decode()
POST = Request("POST", "https://relä.example/webhooks/backend", (), b'{"id": "\xc3\x85-1"}')
TOKENS: tuple[Scheme, ...] = (StaticHeader("Authorization", "Bearer "), UrlToken(), BodyField("token"), Basic())


def as_header(secret: str) -> Request:
    return replace(POST, headers=(("authorization", f"Bearer {secret}"),))


def carrying(secret: str) -> tuple[Request, ...]:
    """The secret where a token would stand."""
    basic = base64.b64encode(secret.encode()).decode()
    return (
        as_header(secret),
        replace(POST, token=secret),
        replace(POST, body=f'{{"token": "{secret}"}}'.encode()),
        replace(POST, headers=(("authorization", f"Basic {basic}"),)),
    )


@pytest.mark.parametrize(
    "secret", [PUBLIC, PRIVATE, "whpk_", "whsk_x:y", PUBLIC + ":lösen", f"'{PUBLIC}'", PUBLIC.replace("whpk", "WHPK")]
)
def test_no_token_scheme_accepts_a_key_of_a_pair(secret: str) -> None:
    for scheme in TOKENS:
        for request in carrying(secret):
            assert scheme.verify(request, [secret], NOW) is None, scheme


@pytest.mark.parametrize("secret", [PUBLIC, PRIVATE])
def test_no_token_scheme_signs_with_a_key_of_a_pair(secret: str) -> None:
    for scheme in TOKENS:
        with pytest.raises(UnusableSecret) as refused:
            scheme.sign(POST, secret, NOW)
        assert secret not in str(refused.value)


def test_public_key_of_a_sender_still_proves_its_signatures_at_the_generic_connector() -> None:
    signed = StandardWebhooks().sign(POST, PRIVATE, NOW)

    assert generic.signature.verify(signed, [PUBLIC], NOW) == 0
    assert [generic.signature.verify(request, [PUBLIC], NOW) for request in carrying(PUBLIC)] == [None] * 4


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_public_key_that_was_copied_with_its_quotes_lets_nobody_in_and_is_told(quote: str) -> None:
    """`docker run --env-file` hands quotes on."""
    secret = quote + PUBLIC + quote
    assert [
        generic.signature.verify(as_header(secret), [secret], NOW),
        UrlToken().verify(replace(POST, token=secret), [secret], NOW),
    ] == [None] * 2
    flaw = flaw_of(generic.signature, secret)
    assert flaw is not None
    assert PUBLIC[5:] not in flaw


def test_token_beside_a_public_key_is_still_a_token() -> None:
    assert generic.signature.verify(as_header("hemlig-å".encode().decode("latin-1")), [PUBLIC, "hemlig-å"], NOW) == 1


@pytest.mark.parametrize("other", [HmacSha256("X-Signature"), Hmac(header="X-Signature", digest="sha1")])
def test_key_of_one_scheme_is_no_hmac_key_of_another(other: Hmac) -> None:
    for pair, private, public in ((StandardWebhooks(), PRIVATE, PUBLIC), (SendGrid(), p256_private(), p256_public())):
        for scheme in (AnyOf((pair, other)), AnyOf((other, pair)), AnyOf((AnyOf((other,)), AnyOf((pair,))))):
            assert scheme.verify(other.sign(POST, public, NOW), [public], NOW) is None
            assert scheme.verify(pair.sign(POST, private, NOW), ["annan", public], NOW) == 1
            assert scheme.verify(other.sign(POST, "hemlig", NOW), [public, "hemlig"], NOW) == 1


def p256() -> EllipticCurvePrivateKey:
    return derive_private_key(20_260_302, SECP256R1())


def p256_private() -> str:
    return base64.b64encode(p256().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


def p256_public() -> str:
    return base64.b64encode(p256().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
