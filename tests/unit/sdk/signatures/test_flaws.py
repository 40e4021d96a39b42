"""What a scheme says of a secret that it can't use agrees with what it does with one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.sdk.request import Request
from worker.sdk.signatures import (
    AnyOf,
    Basic,
    HmacSha256,
    Scheme,
    SendGrid,
    StandardWebhooks,
    StaticHeader,
    UnusableSecret,
    UrlToken,
    flaw_of,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
REQUEST = Request("POST", "https://a.example/webhooks/acme", (), b"{}")
GENERIC = AnyOf((StandardWebhooks(), StaticHeader("Authorization", prefix="Bearer "), UrlToken()))


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        (StandardWebhooks(), "whsec_aGVtbGlnaGV0ZW4="),
        (StandardWebhooks(), "aGVtbGlnaGV0ZW4="),
        (StandardWebhooks(), "whsk_" + "A" * 43 + "="),
        (HmacSha256("x"), "vad som helst å"),
        (Basic(), "namn:lösen"),
        (GENERIC, "whsec_aGVtbGlnaGV0ZW4="),
        (UrlToken(), "whsec_fel!"),
    ],
)
def test_one_without_a_flaw_verifies(scheme: Scheme, secret: str) -> None:
    assert flaw_of(scheme, secret) is None
    assert scheme.verify(scheme.sign(REQUEST, secret, NOW), [secret], NOW) == 0


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        (StandardWebhooks(), "whsec_hemligt!"),
        (StandardWebhooks(), "whsec_"),
        (StandardWebhooks(), "whsk_AAAA"),
        (SendGrid(), "ingen nyckel"),
        (Basic(), "utan-kolon"),
        (GENERIC, "whsec_hemligt!"),
    ],
)
def test_one_with_a_flaw_signs_nothing(scheme: Scheme, secret: str) -> None:
    flaw = flaw_of(scheme, secret)
    assert flaw is not None
    assert secret.removeprefix("whsec_") not in flaw or secret == "whsec_"
    with pytest.raises(UnusableSecret):
        scheme.sign(REQUEST, secret, NOW)


def test_a_token_may_look_like_anything_where_there_is_one() -> None:
    assert flaw_of(GENERIC, "en-token-utan-base64!") is None
