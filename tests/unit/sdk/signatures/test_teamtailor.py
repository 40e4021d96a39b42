"""Teamtailor's webhooks: what their signature may cover, and which version counts."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from worker.sdk.request import Request
from worker.sdk.signatures import Teamtailor, told_by
from worker.sdk.signatures.member_bytes import member_bytes
from worker.sdk.signatures.teamtailor import is_first_version

SCHEME = Teamtailor()
SECRET = "hemlig"
NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
TIME = int(NOW.timestamp())
PAYLOAD = '{ "event_name" : "job.update",\n"data":{"id":42,"attributes":{"title":"Svetsare i \\u00c5re","wage":1.50}} }'
BODY = f'{{"payload" : {PAYLOAD} , "signature":"dD0x"}}'.encode()


def signed(content: bytes, *, time: int = TIME, body: bytes = BODY, secret: str = SECRET) -> Request:
    digits = hmac.new(secret.encode(), f"{time}.".encode() + content, "sha256").hexdigest()
    value = base64.b64encode(f"t={time},v2={digits}".encode()).decode()
    return Request("POST", "", (("tt-signature", value),), body)


def first_version(number: str, body: bytes = BODY) -> Request:
    digits = hmac.new(SECRET.encode(), number.encode(), "sha256").hexdigest()
    return Request("POST", "", (("tt-signature", base64.b64encode(digits.encode()).decode()),), body)


@pytest.mark.parametrize(
    ("content", "covered"),
    [
        (BODY, "its signature covers the body"),
        (PAYLOAD.encode(), "its signature covers the value of `payload` alone"),
    ],
)
def test_either_may_be_signed_and_the_event_tells_which(content: bytes, covered: str) -> None:
    request = signed(content)
    assert SCHEME.verify(request, ["another", SECRET], NOW) == 1
    assert told_by(SCHEME, request, SECRET, NOW) == covered


def test_payload_written_again_is_not_what_was_signed() -> None:
    again = b'{"event_name":"job.update","data":{"id":42,"attributes":{"title":"Svetsare i \\u00c5re","wage":1.5}}}'
    assert SCHEME.verify(signed(again), [SECRET], NOW) is None


def test_two_payloads_prove_neither() -> None:
    body = f'{{"payload":{PAYLOAD},"payload":{{}}}}'.encode()
    assert SCHEME.verify(signed(PAYLOAD.encode(), body=body), [SECRET], NOW) is None


@pytest.mark.parametrize(("seconds", "index"), [(300, 0), (-300, 0), (301, None), (-301, None)])
def test_it_is_good_for_five_minutes(seconds: int, index: int | None) -> None:
    assert SCHEME.verify(signed(BODY), [SECRET], NOW + timedelta(seconds=seconds)) == index


def test_first_version_counts_only_for_a_secret_that_says_so() -> None:
    request = first_version("42")
    assert SCHEME.verify(request, [SECRET], NOW) is None
    assert SCHEME.verify(request, [f"v1:{SECRET}"], NOW) == 0
    assert told_by(SCHEME, request, f"v1:{SECRET}", NOW) == "its signature covers the id alone (v1)"
    assert is_first_version(request.header("tt-signature"))


def test_second_version_does_not_count_for_a_secret_of_the_first() -> None:
    assert SCHEME.verify(signed(BODY), [f"v1:{SECRET}"], NOW) is None
    assert not is_first_version(signed(BODY).header("tt-signature"))


def test_first_version_of_another_id_or_an_empty_key_is_refused() -> None:
    assert SCHEME.verify(first_version("43"), [f"v1:{SECRET}"], NOW) is None
    empty = base64.b64encode(hmac.new(b"", b"42", "sha256").hexdigest().encode()).decode()
    assert SCHEME.verify(Request("POST", "", (("tt-signature", empty),), BODY), ["v1:", "v1: "], NOW) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"payload"',
        b'{"payload":',
        b'{"payload":1',
        b'{"payload":1,}',
        b"{1:2}",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_holds_no_member_has_no_bytes_of_it(body: bytes) -> None:
    assert member_bytes(body, "payload") is None


def test_bytes_of_a_member_are_those_that_were_sent() -> None:
    assert member_bytes(' {"å": [1,{"payload":2}],\n"payload" :  { "b":1e2 }\t}'.encode(), "payload") == b'{ "b":1e2 }'
