"""What a request was signed with is taken out of whatever its sender writes back."""

from __future__ import annotations

from typing import Any

import pytest

from worker.sdk.source import Basic, Header, OAuth1Plaintext, bearer
from worker.sources.echo import Echo
from worker.sources.sign import headers

SECRET = "hemlig/nyckel+4711"


@pytest.mark.parametrize(
    ("sign", "token"),
    [
        (bearer(), SECRET),
        (Header("X-Api-Key", "Token token="), SECRET),
        (Basic(), f"anna@example.com:{SECRET}"),
        (Basic(user="api"), SECRET),
        (Basic(password="x"), SECRET),
        (OAuth1Plaintext(), f"klient-id:{SECRET}:atkomst-1:atkomsthemlighet"),
    ],
)
def test_each_way_to_sign(sign: Any, token: str) -> None:
    signed = headers(sign, token)
    echo = Echo(signed)
    told = {"you": [SECRET, *signed.values()], f"x-{SECRET}": {"n": 7, "who": "anna@example.com"}}
    shown = echo.hidden(told)
    assert SECRET not in str(shown)
    assert not any(echo.stands_in(piece) for piece in str(shown).split())
    assert shown["x-***"] == {"n": 7, "who": "anna@example.com"}


def test_what_is_short_or_belongs_to_no_token_stays() -> None:
    echo = Echo({"Authorization": "Bearer kort", "X-Api-Version": "2026"})
    assert echo.hidden({"kort": ["Bearer", "2026", None, 1.5]}) == {"kort": ["Bearer", "2026", None, 1.5]}
