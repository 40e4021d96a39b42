"""A neighbour takes what is signed as declared, with the token if one is given, and nothing else."""

from __future__ import annotations

import base64

import pytest

from worker.devkit.neighbour.signed import is_signed
from worker.sdk.source import Basic, Header, OAuth1Plaintext, OAuth2, Sign, bearer


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


OAUTH1 = (
    'OAuth oauth_signature_method="PLAINTEXT", oauth_consumer_key="cid", oauth_token="tok", oauth_signature="sec&tsec"'
)
SIGNS: list[tuple[Sign, str, str, str]] = [
    (bearer(), "authorization", "Bearer t0ken", "t0ken"),
    (Header("X-Key"), "x-key", "t0ken", "t0ken"),
    (Basic(), "authorization", _basic("u:p"), "u:p"),
    (Basic(user="api"), "authorization", _basic("api:t0ken"), "t0ken"),
    (Basic(password="x"), "authorization", _basic("t0ken:x"), "t0ken"),
    (OAuth1Plaintext(), "authorization", OAUTH1, "cid:sec:tok:tsec"),
    (OAuth1Plaintext(encoded=False), "authorization", OAUTH1.removeprefix("OAuth "), "cid:sec:tok:tsec"),
    (
        OAuth1Plaintext(),
        "authorization",
        OAUTH1.replace("sec&tsec", "sec%26tsec"),
        "cid:sec:tok:tsec",
    ),
]


@pytest.mark.parametrize(("sign", "name", "value", "token"), SIGNS)
def test_the_token_where_it_belongs(sign: Sign, name: str, value: str, token: str) -> None:
    def signed(headers: dict[str, str], wanted: str | None) -> bool:
        return is_signed(sign, headers, wanted, lambda _access: False)

    assert signed({name: value}, None)
    assert signed({name: value}, token)
    assert not signed({name: value}, f"{token}x")
    assert not signed({}, None)
    assert not signed({name: ""}, None)
    assert not signed({name: "Basic !"}, token)


def test_an_access_token_counts_while_it_is_granted() -> None:
    sign = OAuth2(token_url="https://x.example/token", grant="client_credentials")
    headers = {"authorization": "Bearer a"}
    assert is_signed(sign, headers, "id:secret", lambda access: access == "a")
    assert not is_signed(sign, headers, "id:secret", lambda _access: False)
    assert not is_signed(sign, {"authorization": "a"}, None, lambda _access: True)
