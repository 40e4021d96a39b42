"""What a person is asked for a grant, and which answers count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.granting import BY_CLIENT, REFRESHED, connection
from worker.errors import ConfigError
from worker.sdk.source import OAuth2
from worker.sources.grants_consent import Consent, ask, challenge, code_of
from worker.sources.grants_request import for_client, for_code, for_refresh, placed
from worker.sources.sign import Client, sign_of

REDIRECT = "http://127.0.0.1:8004/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CLIENT = Client("klient 1", "hemlighet:å")


def consent() -> Consent:
    return ask(connection(), REFRESHED, "klient 1", REDIRECT, "tillstånd", VERIFIER)


def line(act: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as raised:
        act()
    return str(raised.value)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    assert challenge(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_address_holds_all_that_is_asked_and_no_secret() -> None:
    url = consent().url
    assert url.startswith("https://granter.example/oauth/authorize?lang=sv&response_type=code&")
    assert parse_qs(urlsplit(url).query) == {
        "lang": ["sv"],
        "response_type": ["code"],
        "client_id": ["klient 1"],
        "redirect_uri": [REDIRECT],
        "state": ["tillstånd"],
        "code_challenge": [challenge(VERIFIER)],
        "code_challenge_method": ["S256"],
        "scope": ["contract:read profile"],
    }
    assert VERIFIER not in f"{url}{consent()!r}"


def test_the_code_of_the_answer_to_what_was_asked_counts() -> None:
    assert code_of(consent(), f"  {REDIRECT}?code=kod%2F1&state=tillst%C3%A5nd\n") == "kod/1"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?code=hemlig", "that is not the whole address that the sender sent back to: it has no code and state in it"),
        ("?state=tillst%C3%A5nd", "that is not the whole address that the sender sent back to: it has no code and state in it"),
        ("?code=hemlig&state=ett-annat", "that answers another question than was asked now (its state differs): begin anew"),
        ("?code=hemlig&state=%ED%A0%80", "that answers another question than was asked now (its state differs): begin anew"),
        ("?error=access_denied&state=tillst%C3%A5nd", "the sender gave no grant: access_denied"),
        ("?error=hemlig%20text&state=tillst%C3%A5nd", "the sender gave no grant"),
        ("?code=" + "h" * 20_000, "that is no address that the sender sends back to"),
    ],
)  # fmt: skip
def test_any_other_answer_is_refused_without_being_shown(query: str, says: str) -> None:
    assert line(lambda: code_of(consent(), REDIRECT + query)) == says


@pytest.mark.parametrize(
    ("source_url", "url"),
    [
        (None, "https://granter.example/oauth/token"),
        ("http://127.0.0.1:8003/granter", "http://127.0.0.1:8003/granter/oauth/token"),
    ],
)
def test_a_stand_in_on_this_machine_has_the_same_paths_below_its_own(source_url: str | None, url: str) -> None:
    asked = for_client(connection(BY_CLIENT, source_url=source_url), BY_CLIENT, CLIENT)
    assert (asked.url, asked.trying) == (url, source_url is not None)


@pytest.mark.parametrize(
    "url", ["http://granter.example/token", "https://u:p@granter.example/t", "https:///t", "ftp://a/t"]
)
def test_tokens_go_by_https_only(url: str) -> None:
    assert line(lambda: placed(url, connection())).endswith("has to be reached by https")


@dataclass(frozen=True)
class Settings:
    tenant: Any = None
    shop: Any = None


def test_settings_are_part_of_addresses() -> None:
    of = replace(connection(), settings=Settings(shop="butik.example"))
    assert placed("https://{shop}/oauth/token", of) == "https://butik.example/oauth/token"
    missing = "its sender's API can't be read without the setting shop, which is not set"
    strange = "its setting shop can't be part of an address"
    for wrong, why in ((None, missing), ("", missing), ("butik.example/../x", strange), ("a@b", strange)):
        of = replace(connection(), settings=Settings(shop=wrong))
        assert line(lambda of=of: placed("https://{shop}/oauth", of)) == f"connection avtal: {why}"  # type: ignore[misc]


def test_the_client_proves_itself_as_the_sender_wants() -> None:
    basic = for_refresh(connection(), REFRESHED, CLIENT, "f-1")
    # The id and the secret are form-encoded first: RFC 6749, 2.3.1.
    assert basic.headers == {
        "Accept": "application/json",
        "Authorization": "Basic a2xpZW50KzE6aGVtbGlnaGV0JTNBJUMzJUE1",
    }
    assert basic.form == {"grant_type": "refresh_token", "refresh_token": "f-1"}
    body = replace(REFRESHED, client="body", fields={"account_type": "service"})
    asked = for_code(connection(body), body, CLIENT, "kod", REDIRECT, VERIFIER)
    assert asked.headers == {"Accept": "application/json"}
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "kod",
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": "klient 1",
        "client_secret": "hemlighet:å",
        "account_type": "service",
    }
    assert "hemlighet" not in f"{basic!r}{asked!r}"


def test_with_a_tenant_the_client_alone_is_enough_where_the_sender_has_it_so() -> None:
    sign = OAuth2(
        token_url="https://a.example/t",
        grant="refresh_token",
        tenant_header="TenantId",
        by_tenant=True,
        scopes=("a",),
    )
    plain = replace(connection(sign), settings=Settings())
    assert sign_of(sign, plain.settings) == sign
    assert "TenantId" not in for_refresh(plain, sign, Client("id", "secret"), "r1").headers
    of = replace(plain, settings=Settings(tenant="4711"))
    by_client = sign_of(sign, of.settings)
    assert isinstance(by_client, OAuth2)
    asked = for_client(of, by_client, Client("id", "secret"))
    assert (asked.headers["TenantId"], asked.form) == ("4711", {"grant_type": "client_credentials"})


def test_the_tenant_goes_into_its_header() -> None:
    sign = OAuth2(
        token_url="https://a.example/t", grant="client_credentials", tenant_header="TenantId", scopes=("a", "b")
    )
    of = replace(connection(sign), settings=Settings(tenant="4711"))
    asked = for_client(of, sign, CLIENT)
    assert (asked.headers["TenantId"], asked.form["scope"]) == ("4711", "a b")
    assert line(lambda: for_client(connection(sign), sign, CLIENT)) == (
        "connection avtal needs its setting tenant, which goes into TenantId"
    )
