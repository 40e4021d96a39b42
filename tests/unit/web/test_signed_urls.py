"""A signature that fails because the URL was changed on its way says so, and not that the secret is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.senders import CONNECTIONS, SECRET
from tests.unit.web.door import NOW, opened
from web.url_hint import MOST, url_hint
from worker.sdk.request import Request
from worker.sdk.signatures import AnyOf, HmacSha256, HubSpotV3, Mandrill, Scheme, UrlToken, signs_url
from worker.sdk.signatures.senders import WEBFLOW
from worker.settings import Connection

BODY = b"{}"
SAME_SECRET = "do both sides have the same secret?"
ANOTHER_URL = "it is signed for another URL than it came in with: set RELAY_PUBLIC_URL to what its sender calls"
ANOTHER_PATH = (
    "it is signed for another path than it came in with: a proxy changes it; let the proxy pass it on as it is,"
    " or set RELAY_PUBLIC_URL with what the proxy takes away"
)
WHICH = "its sender signs the URL that it calls: is that RELAY_PUBLIC_URL, and do both sides have the same secret?"


def connections(scheme: Scheme) -> Mapping[str, Connection]:
    acme = CONNECTIONS["acme"]
    return {"acme": replace(acme, connector=replace(acme.connector, signature=scheme))}


PROXY = {"x-forwarded-host": "hooks.example.com", "x-forwarded-proto": "https"}


def told(scheme: Scheme, signed_for: str, proxy: Mapping[str, str], secret: str = SECRET, **settings: Any) -> Any:
    """The line in the log."""
    sent = scheme.sign(Request("POST", signed_for, (), BODY), secret, NOW)
    headers = {**dict(sent.headers), **proxy}
    with capture_logs() as lines:
        answer = opened(connections=connections(scheme), **settings).post("/webhooks/acme", data=BODY, headers=headers)
    assert answer.status_code == 401
    return lines[0]


def hint(scheme: Scheme, signed_for: str, secret: str = SECRET, **settings: Any) -> str:
    return str(told(scheme, signed_for, PROXY, secret, **settings)["hint"])


@pytest.mark.parametrize("signed_for", ["https://localhost/webhooks/acme", "https://hooks.example.com/webhooks/acme"])
def test_a_url_that_a_proxy_changed_is_named(signed_for: str) -> None:
    assert hint(HubSpotV3(), signed_for) == ANOTHER_URL


def test_a_public_url_that_is_not_the_senders_is_named_too() -> None:
    url = "https://hooks.example.com/webhooks/acme"
    assert hint(HubSpotV3(), url, public_url="https://gammal.example.com") == ANOTHER_URL


@pytest.mark.parametrize(
    ("signed_for", "proxy"),
    [
        (
            "https://a.example.com/webhooks/acme",
            {"forwarded": 'for=192.0.2.1;host="a.example.com";proto=https, for=::1'},
        ),
        ("https://a.example.com/webhooks/acme", {"x-forwarded-host": "a.example.com, b.internal"}),
        ("https://a.example.com:8443/webhooks/acme", {"x-forwarded-host": "a.example.com", "x-forwarded-port": "8443"}),
        ("https://a.example.com/webhooks/acme", {"x-forwarded-host": "a.example.com:443"}),
    ],
)
def test_whichever_way_a_proxy_tells_the_host(signed_for: str, proxy: Mapping[str, str]) -> None:
    line = told(HubSpotV3(), signed_for, proxy)
    assert (line["event"], line["hint"]) == ("wrong_url", ANOTHER_URL)


@pytest.mark.parametrize(
    ("signed_for", "proxy"),
    [
        ("https://localhost/in/webhooks/acme", {"x-forwarded-prefix": "/in"}),
        ("https://localhost/hooks/acme?a=1", {"x-original-uri": "/hooks/acme?a=1"}),
        ("https://localhost/webhooks/acme/", {}),
    ],
)
def test_a_path_that_a_proxy_changed_is_named(signed_for: str, proxy: Mapping[str, str]) -> None:
    line = told(HubSpotV3(), signed_for, proxy)
    assert (line["event"], line["hint"]) == ("wrong_url", ANOTHER_PATH)


def test_with_another_secret_it_counts_as_unauthorized_whatever_headers_say() -> None:
    line = told(HubSpotV3(), "https://hooks.example.com/webhooks/acme", PROXY, "en annan hemlighet")
    assert (line["event"], line["hint"]) == ("unauthorized", WHICH)


def test_a_stranger_can_not_make_it_work_for_long() -> None:
    tried: list[str] = []

    def verify(request: Request) -> None:
        tried.append(request.url)

    headers = {**PROXY, "forwarded": "host=b", "x-original-host": "c", "x-forwarded-port": "1", "x-rewrite-url": "/d"}
    url_hint(HubSpotV3(), Request("POST", "http://e/webhooks/acme", tuple(headers.items()), BODY), verify)
    assert len(tried) == len(set(tried)) == MOST


def test_where_nothing_tells_both_are_named() -> None:
    assert hint(HubSpotV3(), "https://hooks.example.com/in/webhooks/acme") == WHICH
    assert hint(HubSpotV3(), "https://hooks.example.com/webhooks/acme", "en annan hemlighet") == WHICH


def test_a_sender_that_signs_only_some_of_its_webhooks_is_told_which() -> None:
    unsigned = Request("POST", "https://hooks.example.com/webhooks/webflow", (), BODY)
    signed = replace(unsigned, headers=(("x-webflow-signature", "00"),))

    assert "made in Webflow's dashboard" in url_hint(WEBFLOW, unsigned, lambda _: None).text
    assert url_hint(WEBFLOW, signed, lambda _: None).text == ""


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


@pytest.mark.parametrize(
    "name", ["x-original-uri", "x-original-url", "x-forwarded-host", "forwarded", "host", "x-forwarded-prefix"]
)
@pytest.mark.parametrize(
    "value", ["//[x", "http://[/", "[x", "host=[x", "//a\N{ACCOUNT OF}b/".encode().decode("latin-1"), "//\u2100/"]
)
def test_no_header_of_a_stranger_makes_it_stumble(name: str, value: str) -> None:
    request = Request("POST", "http://[x/webhooks/acme", ((name, value),), BODY)
    assert url_hint(HubSpotV3(), request, lambda _: None).text == WHICH
    assert url_hint(HubSpotV3(), replace(request, url="http://e/webhooks/acme"), lambda _: None).text == WHICH
    assert url_hint(HubSpotV3(), replace(request, url="http://e/webhooks/acme"), lambda _: 0).is_url


def test_a_stranger_gets_401_whatever_the_proxys_headers_say() -> None:
    proxy = {"x-original-uri": "//[x"}
    assert told(HubSpotV3(), "https://hooks.example.com/webhooks/acme", proxy, "en annan")["hint"] == WHICH
