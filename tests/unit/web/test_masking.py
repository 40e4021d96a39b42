"""No secret that a sender carries along reaches the database."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.senders import FIELDS, SECRET, KnownSecrets, deal, signed
from tests.unit.web.door import Committed, opened
from web.masking import masked
from worker.sdk.connector import Connector, each
from worker.sdk.read import BadBody, read
from worker.sdk.request import Request

MARK = KnownSecrets().fingerprint(SECRET)
PLAIN = "token-1234567890"


def shown(secret: str) -> str:
    return f"fingerprint:{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def stored(request: Request, connector: Connector = FIELDS) -> Request:
    return masked(request, connector, (SECRET,), KnownSecrets().fingerprint)


def kept(body: bytes, connector: Connector = FIELDS) -> bytes:
    return stored(Request("POST", "http://x/", (), body), connector).body


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
        '{"google\\u005fkey": "%s", "a": 1.10}',
        '{"google_key": "%s", "google_key": "%s", "a": 1.10}',
    ],
)
def test_however_a_secret_is_spelled_it_is_hidden_and_the_rest_is_kept(body: str) -> None:
    sent = body.replace("%s", SECRET)

    assert kept(sent.encode()).decode() == f'{{"google_key": "fingerprint:{MARK}", "a": 1.10}}'


def test_a_member_sent_twice_is_stored_once() -> None:
    assert kept(b'{"google_key": "hemligt", "google_key": "annat"}') == f'{{"google_key": "{shown("annat")}"}}'.encode()
    assert kept(b'{"google_key": "hemligt", "deal": {"google_key": "hemligt"}, "deal": 1}') == (
        f'{{"google_key": "{shown("hemligt")}", "deal": 1}}'.encode()
    )


@pytest.mark.parametrize(
    ("secret", "mark"),
    [("4711", "4711"), ("1.10", "1.10"), ("true", "true"), ("null", "null"), ('["a", 1]', '["a", 1]')],
)
def test_what_is_no_text_can_be_a_secret(secret: str, mark: str) -> None:
    assert json.loads(kept(f'[{{"google_key": {secret}, "n": 4711}}]'.encode())) == [
        {"google_key": shown(mark), "n": 4711}
    ]


def test_half_a_character_can_be_a_secret() -> None:
    assert json.loads(kept(b'{"google_key": "\\ud800"}')) == {"google_key": shown("?")}


def test_a_secret_beside_the_events_is_hidden_too() -> None:
    envelope = replace(FIELDS, split=lambda body: body["events"])

    assert json.loads(kept(b'{"google_key": "hemligt", "events": []}', envelope)) == {
        "google_key": shown("hemligt"),
        "events": [],
    }


def test_a_form_is_touched_only_where_it_is_secret() -> None:
    form = replace(FIELDS, body="form")
    sent = f"a=%C3%85sa+%C3%96berg&google_key={quote(SECRET)}&b=1&google%5Fkey=annat"
    mark = quote(shown(SECRET), safe=":")

    assert kept(sent.encode(), form).decode() == (
        f"a=%C3%85sa+%C3%96berg&google_key={mark}&b=1&google%5Fkey={shown('annat')}"
    )


@given(st.binary(), st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="?")))
def test_where_nothing_is_secret_nothing_changes(body: bytes, text: str) -> None:
    request = Request("POST", f"http://x/{quote(text)}?{quote(text)}", (("x-odd", text),), body)

    assert stored(request, replace(FIELDS, secret_fields=())) == request


SECRETS = "§¤𝄞\ud834"
"""Characters of secrets only: where none of them is left, no secret is."""


def escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'


SPELLINGS: Sequence[Callable[[str], str]] = (json.dumps, lambda text: json.dumps(text, ensure_ascii=False), escaped)


def spelled(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A JSON string, its characters as they are or spelled with escapes."""
    return st.builds(lambda text, spelling: spelling(text), texts, st.sampled_from(SPELLINGS))


NAMES = spelled(st.sampled_from(["google_key", "google", "key", "id", "Åsa"]))
TEXTS = st.text(st.characters(exclude_characters=SECRETS, exclude_categories=[]), max_size=4)
NUMBERS = st.sampled_from(
    ["0", "-0", "4711", "1.10", "0.1000000000000000055511", "12345678901234567890", "1e999", "-2E-7"]
)
LEAVES = st.sampled_from(["null", "true", "false"]) | NUMBERS | spelled(TEXTS)
CARRIERS = st.tuples(spelled(st.just("google_key")), spelled(st.text(SECRETS, min_size=1, max_size=3))).map(":".join)


def within(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Objects may name a member twice."""
    members = CARRIERS | st.tuples(NAMES, inner).map(" : ".join)
    objects = st.lists(members, max_size=4).map(lambda items: f"{{{', '.join(items)}}}")
    return objects | st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")


BODIES = st.recursive(LEAVES, within, max_leaves=8)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])


def exactly(body: bytes) -> Any:
    """Numbers as they are spelled."""
    return json.loads(body, parse_int=lambda text: ("number", text), parse_float=lambda text: ("number", text))


def without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if isinstance(value, dict):
        return {name: "***" if name == "google_key" else without_secrets(each) for name, each in value.items()}
    return value


@given(BODIES, ENCODINGS)
def test_nothing_of_a_secret_is_stored_and_all_else_is_as_it_was(text: str, encoding: str) -> None:
    sent = text.encode(encoding, "surrogatepass")

    body = kept(sent)

    assert not set(json.dumps(json.loads(body), ensure_ascii=False)) & set(SECRETS)
    assert without_secrets(exactly(body)) == without_secrets(exactly(sent))
    assert (plan := planned_from(sent)) is None or planned_from(body) == plan


def planned_from(body: bytes) -> Sequence[Any] | None:
    """What a replay's plan is made of; None where the door refuses the body, for a number that no database holds."""
    try:
        readings = read(replace(FIELDS, split=each), Request("POST", "http://x/", (), body))
    except BadBody:
        return None
    return [(reading.type, reading.time, reading.priority, reading.payload) for reading in readings]
