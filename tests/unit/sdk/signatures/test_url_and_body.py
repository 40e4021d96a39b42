"""Two secrets, one in the URL and one in the body: each of them alone proves nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.sdk.request import Request
from worker.sdk.signatures import UrlAndBodyField

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SCHEME = UrlAndBodyField("payload")
BOTH = "adress:kvitto"


def sent(token: str | None, body: bytes) -> Request:
    return Request("POST", f"https://relay.example/webhooks/avtal/{token}", (), body, token)


@pytest.mark.parametrize(
    ("token", "body", "valid"),
    [
        ("adress", b'{"payload": "kvitto"}', True),
        ("adress", b'{"payload": "kvitton"}', False),
        ("adress", b"{}", False),
        ("adress", b"", False),
        ("fel", b'{"payload": "kvitto"}', False),
        (None, b'{"payload": "kvitto"}', False),
        ("adress:kvitto", b"{}", False),
        ("", b'{"payload": "kvitto"}', False),
    ],
)
def test_both_have_to_be_right(token: str | None, body: bytes, *, valid: bool) -> None:
    assert SCHEME.verify(sent(token, body), ["annan", BOTH], NOW) == (1 if valid else None)


def test_without_a_colon_the_url_is_all() -> None:
    assert SCHEME.verify(sent("adress", b"no JSON"), ["adress"], NOW) == 0
    assert SCHEME.verify(sent("", b"{}"), ["", ":"], NOW) is None


def test_what_is_signed_is_valid() -> None:
    signed = SCHEME.sign(sent(None, b'{"event": "document.signed"}'), BOTH, NOW)

    assert signed.url.endswith("/adress")
    assert SCHEME.verify(signed, [BOTH], NOW) == 0


@pytest.mark.parametrize(("secret", "flawed"), [(BOTH, False), ("adress", False), (":kvitto", True), ("adress:", True)])
def test_half_a_secret_is_said(secret: str, *, flawed: bool) -> None:
    assert bool(SCHEME.flaw(secret)) is flawed
