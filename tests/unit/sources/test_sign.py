"""Requests to senders' APIs are signed as the standards' own vectors say."""

from __future__ import annotations

from typing import Any

import pytest

from worker.sdk.source import Basic, Header, OAuth1Plaintext, OAuth2, bearer
from worker.sources.sign import Client, client_of, flaw_of, granted, headers, is_plain

FOUR = "dpf43f3p2l4k3l03:djr9rjt0jd78jf88:nnch734d00sl2jdk:"


@pytest.mark.parametrize(
    ("sign", "token", "name", "value"),
    [
        (bearer(), "mF_9.B5f-4.1JqM", "Authorization", "Bearer mF_9.B5f-4.1JqM"),
        (Header("X-Api-Key"), "a b", "X-Api-Key", "a b"),
        # https://www.rfc-editor.org/rfc/rfc7617#section-2 and 2.1
        (Basic(), "Aladdin:open sesame", "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (Basic(), "test:123£", "Authorization", "Basic dGVzdDoxMjPCow=="),
        (Basic(), "relay:Lösen:ord", "Authorization", "Basic cmVsYXk6TMO2c2VuOm9yZA=="),
        (Basic(user="relay"), "Lösen:ord", "Authorization", "Basic cmVsYXk6TMO2c2VuOm9yZA=="),
        (Basic(password=""), "sk_test", "Authorization", "Basic c2tfdGVzdDo="),
        (Basic(password="X"), "nyckel", "Authorization", "Basic bnlja2VsOlg="),
    ],
)
def test_header_and_basic(sign: Any, token: str, name: str, value: str) -> None:
    assert flaw_of(sign, token) is None
    assert headers(sign, token) == {name: value}


@pytest.mark.parametrize(
    ("secret", "signature"),
    [
        # https://oauth.net/core/1.0/#anchor22, 9.4.1
        ("jjd999tj88uiths3", "djr9rjt0jd78jf88%26jjd999tj88uiths3"),
        ("jjd99$tj88uiths3", "djr9rjt0jd78jf88%26jjd99%2524tj88uiths3"),
        ("", "djr9rjt0jd78jf88%26"),
    ],
)
def test_oauth_1_plaintext(secret: str, signature: str) -> None:
    assert flaw_of(OAuth1Plaintext(), FOUR + secret) is None
    assert headers(OAuth1Plaintext(), FOUR + secret) == {
        "Authorization": 'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", '
        f'oauth_signature_method="PLAINTEXT", oauth_signature="{signature}"'
    }


def test_oauth_1_as_a_sender_writes_it_itself() -> None:
    sign = OAuth1Plaintext(encoded=False)
    assert headers(sign, "a_1:b:c_2:d") == {
        "Authorization": 'oauth_signature_method="PLAINTEXT", oauth_consumer_key="a_1", oauth_token="c_2", oauth_signature="b&d"'
    }
    assert flaw_of(sign, 'a:b"&:c:d') == "holds a character that this sender's header does not take"


@pytest.mark.parametrize(
    ("sign", "token", "flaw"),
    [
        (bearer(), "hemlig\nX-Evil: 1", "has a control character in it; copy the token alone"),
        (bearer(), "hemligå", "holds a character that no header takes"),
        (Basic(), "hemlig", "has to be `user:password`"),
        (Basic(), ":hemlig", "has to be `user:password`"),
        (Basic(), "a:hem\x00lig", "has a control character in it; copy the token alone"),
        (Basic(password="x"), "hem:lig", "is a user's name, which has no colon in it"),
        (OAuth1Plaintext(), "a:hemlig:c", "has to be client id, client secret, token and token secret, separated by colons"),
        (OAuth1Plaintext(), ":hemlig:c:d", "has to be client id, client secret, token and token secret, separated by colons"),
        (OAuth2(token_url="https://a.example/t", grant="client_credentials"), "hemlig", "has to be `client id:client secret`"),
        (OAuth2(token_url="https://a.example/t", grant="client_credentials"), "hemlig:", "has to be `client id:client secret`"),
    ],
)  # fmt: skip
def test_a_malformed_token_is_told_without_its_value(sign: Any, token: str, flaw: str) -> None:
    assert flaw_of(sign, token) == flaw
    assert "hemlig" not in flaw


def test_a_client_shows_nothing_of_itself() -> None:
    client = client_of("id-1:hemlig:kolon")
    assert client == Client("id-1", "hemlig:kolon")
    assert "hemlig" not in f"{client!r} {client}"


def test_an_access_token_that_somebody_made_is_used_as_it_is() -> None:
    sign = OAuth2(token_url="https://x.example/token", grant="client_credentials", header=Header("X-Token"), plain=True)
    assert [is_plain(sign, token) for token in ("shpat_1", "id:secret")] == [True, False]
    assert [flaw_of(sign, token) for token in ("shpat_1", "id:secret", "ö")] == [
        None,
        None,
        "holds a character that no header takes",
    ]
    assert granted(sign, "shpat_1") == {"X-Token": "shpat_1"}


def test_without_that_a_client_needs_its_secret() -> None:
    sign = OAuth2(token_url="https://x.example/token", grant="client_credentials")
    assert not is_plain(sign, "shpat_1")
    assert flaw_of(sign, "shpat_1") == "has to be `client id:client secret`"
    assert granted(sign, "a1") == {"Authorization": "Bearer a1"}
