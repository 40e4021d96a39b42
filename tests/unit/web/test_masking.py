"""No secret that a sender carries along reaches the database."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.senders import FIELDS, SECRET, KnownSecrets, deal, signed
from tests.unit.web.door import Committed, opened
from web.masking import Mask, masked
from worker.sdk.connector import Connector
from worker.sdk.request import Request

MARK = KnownSecrets().fingerprint(SECRET)
PLAIN = "token-1234567890"


def shown(secret: str) -> str:
    return f"fingerprint:{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def stored(request: Request, connector: Connector = FIELDS, *, seen: set[str] | None = None) -> Request:
    return masked(request, connector, (SECRET,), Mask(KnownSecrets().fingerprint, seen or set()))


def posted(path: str, body: bytes, headers: dict[str, str], secret: str = SECRET) -> str:
    """All that a webhook leaves in the database, as one text."""
    committed = Committed()
    connection = path.split("/")[2].partition("?")[0]
    answer = opened(committed, keys=KnownSecrets({connection: (secret,)})).post(path, data=body, headers=headers)
    assert answer.status_code < 300
    return repr(committed.arrivals)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        pytest.param(f"/webhooks/tokens/{PLAIN}", deal(), {}, id="a token in the URL"),
        pytest.param("/webhooks/headers", deal(), {"X-Token": PLAIN}, id="a secret header"),
        pytest.param("/webhooks/fields", deal(google_key=PLAIN), {}, id="a secret field"),
        pytest.param(f"/webhooks/acme?key={PLAIN}", deal(), signed(deal(), PLAIN), id="our secret in the query"),
        pytest.param("/webhooks/acme", deal(), signed(deal(), PLAIN) | {"X-Odd": f"a {PLAIN} b"}, id="in any header"),
        pytest.param(
            "/webhooks/acme",
            deal(),
            signed(deal(), PLAIN) | {"Authorization": "Bearer other-secret", "Cookie": "session=other-secret"},
            id="credentials of another kind",
        ),
        pytest.param(
            "/webhooks/acme", deal(), signed(deal(), PLAIN) | {"X-Acme-Key": "other-secret"}, id="named header"
        ),
    ],
)
def test_a_secret_is_stored_as_its_fingerprint(path: str, body: bytes, headers: dict[str, str]) -> None:
    left = posted(path, body, headers, PLAIN)

    assert PLAIN not in left
    assert "other-secret" not in left
    assert "fingerprint:" in left


def test_basic_credentials_show_the_fingerprint_of_user_and_password() -> None:
    value = "Basic " + base64.b64encode(b"kund:hemligt").decode()

    request = stored(Request("POST", "http://x/", (("authorization", value),), b"{}"))

    assert request.header("authorization") == f"Basic {shown('kund:hemligt')}"


@pytest.mark.parametrize(
    "body",
    [
        '{"google_key": "%s", "a": 1.10}',
        '{"google_key" :\n"%s", "a": 1.10}',
        '{"google_key": "\\u0068emligt-\\u00e5äö-0123456789", "a": 1.10}',
        '{"deal": {"google_key": "%s"}, "a": 1.10}',
    ],
)
def test_the_rest_of_a_body_keeps_its_bytes(body: str) -> None:
    sent = body.replace("%s", SECRET)

    kept = stored(Request("POST", "http://x/", (), sent.encode()), seen={SECRET}).body.decode()

    assert SECRET not in kept
    assert MARK in kept
    assert "1.10" in kept
    assert "emligt" not in kept


def test_a_member_whose_name_is_spelled_with_escapes_is_found_as_well() -> None:
    kept = stored(Request("POST", "http://x/", (), b'{"google\\u005fkey": "hemligt"}'), seen={"hemligt"}).body

    assert json.loads(kept) == {"google_key": shown("hemligt")}


def test_a_number_can_be_a_secret() -> None:
    kept = stored(Request("POST", "http://x/", (), b'[{"google_key": 4711, "n": 4711}]'), seen={"4711"}).body

    assert json.loads(kept) == [{"google_key": shown("4711"), "n": 4711}]


def test_half_a_character_can_be_a_secret() -> None:
    kept = stored(Request("POST", "http://x/", (), b'{"google_key": "\\ud800"}'), seen={"\ud800"}).body

    assert json.loads(kept) == {"google_key": shown("?")}


def test_a_form_is_touched_only_where_it_is_secret() -> None:
    form = replace(FIELDS, body="form")
    sent = f"a=%C3%85sa+%C3%96berg&google_key={quote(SECRET)}&b=1"

    kept = stored(Request("POST", "http://x/", (), sent.encode()), form, seen={SECRET}).body.decode()

    assert kept == f"a=%C3%85sa+%C3%96berg&google_key={quote(shown(SECRET), safe=':')}&b=1"


@given(st.binary(), st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="?")))
def test_where_nothing_is_secret_nothing_changes(body: bytes, text: str) -> None:
    request = Request("POST", f"http://x/{quote(text)}?{quote(text)}", (("x-odd", text),), body)

    assert stored(request) == request
