"""The scheme of a captured request is recognised."""

from __future__ import annotations

import pytest

from worker.devkit.scaffold.signature import added_headers, catalogue, proof
from worker.sdk.signatures import Scheme, senders

HEX = {"sha1": "0f" * 20, "sha256": "0f" * 32, "sha512": "0f" * 64}

HEADERS = [
    ({"X-Acme-Signature": f"sha256={HEX['sha256']}"}, 'HmacSha256("X-Acme-Signature", prefix="sha256=")'),
    ({"X-Acme-Signature": HEX["sha256"]}, 'HmacSha256("X-Acme-Signature")'),
    ({"X-Acme-Hmac": f"v1={HEX['sha1']}"}, 'Hmac(header="X-Acme-Hmac", prefix="v1=", digest="sha1")'),
    ({"Acme-Sign": HEX["sha512"]}, 'Hmac(header="Acme-Sign", digest="sha512")'),
    (
        {"Acme-Digest": "sha256=" + "QUJD" * 10 + "QUI="},
        'HmacSha256("Acme-Digest", prefix="sha256=", encoding="base64")',
    ),
    ({"Acme-Signature": "t=1772439302,v1=abc"}, 'Timestamped("Acme-Signature")'),
    ({"Authorization": "Bearer ***"}, 'StaticHeader("Authorization", prefix="Bearer ")'),
    ({"Authorization": "***"}, 'StaticHeader("Authorization")'),
    ({"Authorization": "Basic ***"}, "Basic()"),
    ({"X-Acme-Token": "***"}, 'StaticHeader("X-Acme-Token")'),
    ({"X-Acme-Signature": "åäö"}, "UrlToken()"),
    ({"User-Agent": "Acme"}, "UrlToken()"),
    ({"X-Hub-Signature-256": f"sha256={HEX['sha256']}"}, "senders.GITHUB"),
    ({"svix-id": "1", "svix-timestamp": "2", "svix-signature": "3"}, "senders.SVIX"),
]


@pytest.mark.parametrize(("headers", "code"), HEADERS)
def test_scheme_is_told_from_headers(headers: dict[str, str], code: str) -> None:
    assert proof(headers, "acme").code == code


def test_of_several_senders_with_one_header_the_name_decides() -> None:
    headers = {"x-hub-signature-256": f"sha256={HEX['sha256']}"}
    assert proof(headers, "meta-leads").code == "senders.META"


def test_every_sender_that_signs_in_a_header_of_its_own_is_known() -> None:
    in_the_body = {"senders.GOOGLE_LEAD_FORM", "senders.ONEFLOW"}
    schemes = {
        f"senders.{name}" for name, value in vars(senders).items() if name.isupper() and isinstance(value, object)
    }

    assert {code for code, added in catalogue().items() if not added} == in_the_body
    assert catalogue().keys() == schemes


def test_a_timestamp_that_may_be_signed_is_mentioned_and_not_kept() -> None:
    headers = {"X-Acme-Signature": HEX["sha256"], "X-Acme-Timestamp": "1772439302", "X-Acme-Id": "7"}

    guess = proof(headers, "acme")

    assert "X-Acme-Timestamp may be signed as well" in guess.why
    assert added_headers(guess, headers) == {"x-acme-signature", "x-acme-timestamp"}


def test_message_id_is_kept() -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,a"}
    assert added_headers(proof(headers, "acme"), headers) == {"webhook-timestamp", "webhook-signature"}


def test_scheme_is_a_scheme() -> None:
    scheme: Scheme = senders.GITHUB
    assert scheme.needs_secret
