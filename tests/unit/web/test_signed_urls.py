"""A signature that fails because the URL was changed on its way says so, and not that the secret is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.senders import CONNECTIONS, SECRET
from tests.unit.web.door import NOW, opened
from worker.sdk.request import Request
from worker.sdk.signatures import AnyOf, HmacSha256, HubSpotV3, Mandrill, Scheme, UrlToken, signs_url
from worker.settings import Connection

BODY = b"{}"
SAME_SECRET = "do both sides have the same secret?"
ANOTHER_URL = "it is signed for another URL than it came in with: set RELAY_PUBLIC_URL to what its sender calls"
WHICH = "its sender signs the URL that it calls: is that RELAY_PUBLIC_URL, and do both sides have the same secret?"


def connections(scheme: Scheme) -> Mapping[str, Connection]:
    acme = CONNECTIONS["acme"]
    return {"acme": replace(acme, connector=replace(acme.connector, signature=scheme))}


def hint(scheme: Scheme, signed_for: str, secret: str = SECRET, **settings: Any) -> str:
    sent = scheme.sign(Request("POST", signed_for, (), BODY), secret, NOW)
    headers = {**dict(sent.headers), "x-forwarded-host": "hooks.example.com", "x-forwarded-proto": "https"}
    with capture_logs() as lines:
        answer = opened(connections=connections(scheme), **settings).post("/webhooks/acme", data=BODY, headers=headers)
    assert answer.status_code == 401
    return str(lines[0]["hint"])


@pytest.mark.parametrize("signed_for", ["https://localhost/webhooks/acme", "https://hooks.example.com/webhooks/acme"])
def test_a_url_that_a_proxy_changed_is_named(signed_for: str) -> None:
    assert hint(HubSpotV3(), signed_for) == ANOTHER_URL


def test_a_public_url_that_is_not_the_senders_is_named_too() -> None:
    url = "https://hooks.example.com/webhooks/acme"
    assert hint(HubSpotV3(), url, public_url="https://gammal.example.com") == ANOTHER_URL


def test_where_nothing_tells_both_are_named() -> None:
    assert hint(HubSpotV3(), "https://hooks.example.com/in/webhooks/acme") == WHICH
    assert hint(HubSpotV3(), "https://hooks.example.com/webhooks/acme", "en annan hemlighet") == WHICH


def test_who_does_not_sign_the_url_has_another_secret() -> None:
    assert hint(HmacSha256("acme-signature"), "https://hooks.example.com/webhooks/acme", "en annan") == SAME_SECRET


@pytest.mark.parametrize(
    ("scheme", "signed"),
    [
        (HubSpotV3(), True),
        (Mandrill(), True),
        (Mandrill("https://hooks.example.com/webhooks/acme"), False),
        (AnyOf((HmacSha256("a"), HubSpotV3())), True),
        (AnyOf((HmacSha256("a"),)), False),
        (UrlToken(), False),
    ],
)
def test_which_schemes_sign_the_url(scheme: Scheme, *, signed: bool) -> None:
    assert signs_url(scheme) is signed
