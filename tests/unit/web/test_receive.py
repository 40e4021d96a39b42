"""The receiver answers each kind of request, and hands the genuine ones to the database."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.senders import ACME, CONNECTIONS, SECRET, VERIFY_TOKEN, KnownSecrets, deal, signed
from tests.unit.web.door import NOW, Committed, opened
from worker.errors import ConfigError
from worker.sdk.connector import Answer
from worker.sdk.request import Request
from worker.sdk.signatures import StandardWebhooks, Teamtailor
from worker.store import StoreUnavailable

BODY = deal()
TOKEN_PATH = f"/webhooks/tokens/{quote(SECRET)}"
TOO_LARGE = b"x" * 10_001


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        pytest.param("POST", "/webhooks/acme", BODY, signed(BODY), 202, id="signed"),
        pytest.param("POST", "/webhooks/acme/", BODY, signed(BODY), 202, id="a slash at the end"),
        pytest.param("POST", "/webhooks/acme?a=1", BODY, signed(BODY), 202, id="a query"),
        pytest.param("POST", "/webhooks/nobody", BODY, signed(BODY), 404, id="unknown connection"),
        pytest.param("POST", "/webhooks/acme", BODY, {}, 401, id="not signed"),
        pytest.param("POST", "/webhooks/acme", BODY, signed(BODY, "other"), 401, id="another's secret"),
        pytest.param("POST", "/webhooks/acme", BODY + b" ", signed(BODY), 401, id="tampered with"),
        pytest.param("POST", "/webhooks/acme", b"\xff\x00", {"Acme-Signature": "sha256=ÿ"}, 401, id="garbage"),
        pytest.param("POST", "/webhooks/acme", b"no", signed(b"no"), 400, id="signed, not JSON"),
        pytest.param("POST", "/webhooks/acme", b"[" * 9000, signed(b"[" * 9000), 400, id="nested too deep"),
        pytest.param("POST", "/webhooks/acme", TOO_LARGE, signed(TOO_LARGE), 413, id="too large"),
        pytest.param("POST", "/webhooks/acme", b"[]", signed(b"[]"), 202, id="an empty batch"),
        pytest.param("POST", "/webhooks/acme", b"{}", signed(b"{}"), 202, id="signed, names nothing"),
        pytest.param("GET", "/webhooks/acme", b"", {}, 405, id="GET that is no handshake"),
        pytest.param("PUT", "/webhooks/acme", BODY, signed(BODY), 405, id="PUT"),
        pytest.param("OPTIONS", "/webhooks/acme", b"", {}, 405, id="OPTIONS"),
        pytest.param("HEAD", "/webhooks/tokens/x", b"", {}, 200, id="HEAD as a handshake"),
        pytest.param("POST", TOKEN_PATH, BODY, {}, 200, id="a token in the URL; this sender wants 200"),
        pytest.param("POST", "/webhooks/tokens/wrong", BODY, {}, 401, id="a wrong token"),
        pytest.param("POST", "/webhooks/tokens", BODY, {}, 401, id="no token"),
        pytest.param("POST", "/webhooks/tokens/%ff%00%2f", BODY, {}, 401, id="a token of any bytes"),
        pytest.param("POST", "/webhooks", BODY, {}, 404, id="no connection named"),
    ],
)
def test_answers(method: str, path: str, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = opened().open(path, method=method, data=body, headers=headers)

    assert answer.status_code == status
    if status >= 400:
        assert answer.content_type == "application/problem+json"
        problem = json.loads(answer.data)
        assert problem["status"] == status
        assert problem["detail"]


def test_says_which_events_it_accepted_and_that_it_knows_them_when_they_come_again() -> None:
    door = opened()

    first = door.post("/webhooks/acme", data=BODY, headers=signed(BODY))
    again = door.post("/webhooks/acme", data=BODY, headers=signed(BODY))

    assert first.json is not None
    assert first.json["status"] == "accepted"
    assert len(first.json["events"]) == 1
    assert again.status_code == 200
    assert again.json == {"status": "duplicate", "events": first.json["events"]}


def test_a_batch_is_one_request_with_many_events() -> None:
    committed = Committed()
    body = b"[" + deal("a") + b"," + deal("b", "deal.urgent") + b"]"

    answer = opened(committed).post("/webhooks/acme", data=body, headers=signed(body))

    (arrival,) = committed.arrivals
    assert [(event.event_id, event.priority) for event in arrival.events] == [("a", False), ("b", True)]
    assert answer.json is not None
    assert answer.json["events"] == [event.id for event in arrival.events]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (deal(), "pending", None),
        (deal(event_type="ping"), "ignored", "ignores ping"),
        (deal(event_type="test.ö"), "ignored", "ignores test.*"),
        (deal(event_type="deal.renamed"), "ignored", "no rule for type"),
        (b'{"type": "deal.won"}', "dead", "acme: the request names no event id and no subject"),
    ],
)
def test_an_event_is_stored_with_what_will_become_of_it(body: bytes, status: str, reason: str | None) -> None:
    committed = Committed()

    opened(committed).post("/webhooks/acme", data=body, headers=signed(body))

    (event,) = committed.arrivals[0].events
    assert (event.status, event.reason) == (status, reason)


def test_body_and_headers_are_handed_over_as_they_came() -> None:
    committed = Committed()

    opened(committed, public_url="https://hooks.example.com/in/").post(
        "/webhooks/acme?source=%C3%A5", data=BODY, headers=signed(BODY)
    )

    (arrival,) = committed.arrivals
    assert arrival.body == BODY
    assert ("acme-signature", signed(BODY)["Acme-Signature"]) in arrival.headers
    assert arrival.url == "https://hooks.example.com/in/webhooks/acme?source=%C3%A5"
    assert arrival.received_at is None, "the database tells"


@pytest.mark.parametrize("size", [10_000, 10_001, 500_000])
def test_a_body_without_a_declared_length_is_read_no_further_than_allowed(size: int) -> None:
    body = (b" " * (size - len(BODY))) + BODY
    stream = io.BytesIO(body)
    builder = EnvironBuilder(path="/webhooks/acme", method="POST", headers=Headers(signed(body)), input_stream=stream)
    environ = builder.get_environ() | {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ.pop("CONTENT_LENGTH", None)

    _, status, _ = run_wsgi_app(opened().application, environ)

    assert status.partition(" ")[0] == ("202" if size <= 10_000 else "413")
    assert stream.tell() <= 10_001


@pytest.mark.parametrize(
    ("error", "retry_after"),
    [(StoreUnavailable("The database is busy."), "5"), (ValueError("a row the database refused"), "60")],
)
def test_what_can_not_be_stored_now_is_to_be_sent_again(error: Exception, retry_after: str) -> None:
    answer = opened(Committed(error=error)).post("/webhooks/acme", data=BODY, headers=signed(BODY))

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == retry_after
    assert b"busy" not in answer.data


class Unreadable(KnownSecrets):
    def secrets(self, connection: str) -> Sequence[str]:
        raise OSError(f"the file of {connection}'s secret is gone")


@pytest.mark.parametrize("keys", [KnownSecrets({}), KnownSecrets({"acme": ("",)}), Unreadable()])
def test_without_a_secret_of_ours_nobody_is_turned_away_for_good(keys: KnownSecrets) -> None:
    answer = opened(keys=keys).post("/webhooks/acme", data=BODY, headers=signed(BODY))

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"


class OneUnreadable(KnownSecrets):
    """As a file that is not there is told."""

    def secrets(self, connection: str) -> Sequence[str]:
        if connection == "acme":
            raise ConfigError("RELAY_ACME_SECRET_FILE: /run/hemlig can't be read")
        return super().secrets(connection)


def outcome(line: Any) -> tuple[Any, ...]:
    return line["connection"], line["outcome"], line["status"], line["reason"]


def test_a_connection_that_is_misconfigured_is_the_only_one_that_stops() -> None:
    line = "relay.toml [connections.butik] ownr: no such setting; did you mean owner?"
    door = opened(misconfigured={"butik": line})
    with capture_logs() as lines:
        answer = door.post("/webhooks/butik", data=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert b"ownr" not in answer.data
    assert outcome(lines[0]) == ("butik", "misconfigured", 503, line)
    assert door.post("/webhooks/acme", data=BODY, headers=signed(BODY)).status_code == 202


def test_a_secret_that_can_not_be_read_stops_its_connection_only() -> None:
    door = opened(keys=OneUnreadable())
    with capture_logs() as lines:
        answer = door.post("/webhooks/acme", data=BODY, headers=signed(BODY))
    assert answer.status_code == 503
    assert b"hemlig" not in answer.data
    assert outcome(lines[0]) == ("acme", "misconfigured", 503, "RELAY_ACME_SECRET_FILE: /run/hemlig can't be read")
    assert door.post("/webhooks/fields", data=deal(google_key=SECRET)).status_code == 202


def test_who_may_sign_with_the_secret_that_we_have_wrong_is_to_send_again() -> None:
    acme = replace(CONNECTIONS["acme"], connector=replace(CONNECTIONS["acme"].connector, signature=StandardWebhooks()))
    good, keys = "whsec_aGVtbGlnaGV0ZW4=", KnownSecrets({"acme": ("whsec_fel!", "whsec_aGVtbGlnaGV0ZW4=")})
    door = opened(connections={"acme": acme}, keys=keys)
    request = StandardWebhooks().sign(Request("POST", "http://localhost/webhooks/acme", (), BODY), good, NOW)
    with capture_logs() as lines:
        answer = door.post("/webhooks/acme", data=BODY, headers=signed(BODY))
    assert (answer.status_code, lines[0]["outcome"]) == (503, "misconfigured")
    assert "is no base64 behind whsec_" in lines[0]["reason"]
    assert "fel!" not in lines[0]["reason"]
    assert door.post("/webhooks/acme", data=BODY, headers=dict(request.headers)).status_code == 202


class Away(KnownSecrets):
    """Secrets in a database that can't be reached: to list them, or to know them by their fingerprints."""

    def __init__(self, *, unlisted: bool) -> None:
        super().__init__()
        self._unlisted = unlisted

    def secrets(self, connection: str) -> Sequence[str]:
        if self._unlisted:
            raise StoreUnavailable("The database is away.")
        return super().secrets(connection)

    def fingerprint(self, _secret: str) -> str:
        raise StoreUnavailable("The database is away.")


@pytest.mark.parametrize("keys", [Away(unlisted=True), Away(unlisted=False)])
def test_secrets_that_can_not_be_looked_up_now_are_no_reason_to_stumble(keys: KnownSecrets) -> None:
    body = deal(google_key=SECRET)

    answer = opened(keys=keys).post("/webhooks/fields", data=body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_while_secrets_overlap_both_are_good() -> None:
    keys = KnownSecrets({"acme": ("new-å", SECRET)})
    door = opened(keys=keys)

    assert door.post("/webhooks/acme", data=deal("1"), headers=signed(deal("1"), "new-å")).status_code == 202
    assert door.post("/webhooks/acme", data=deal("2"), headers=signed(deal("2"))).status_code == 202
    assert door.post("/webhooks/acme", data=deal("3"), headers=signed(deal("3"), "x")).status_code == 401
    assert keys.seen_in_use == [("acme", "new-å"), ("acme", SECRET)]


def test_a_handshake_is_answered_and_nothing_is_stored() -> None:
    committed = Committed()

    answer = opened(committed).get("/webhooks/acme", query_string={"challenge": "abc", "verify_token": VERIFY_TOKEN})

    assert (answer.status_code, answer.data) == (200, b"abc")
    assert not committed.arrivals


def test_verify_token_is_no_signing_secret_and_a_signing_secret_no_verify_token() -> None:
    door = opened()

    answer = door.get("/webhooks/acme", query_string={"challenge": "abc", "verify_token": SECRET})

    assert answer.status_code == 405
    assert door.post("/webhooks/acme", data=BODY, headers=signed(BODY, VERIFY_TOKEN)).status_code == 401


def test_a_handshake_can_bring_its_headers_back() -> None:
    def echo(_request: Request, _secrets: Sequence[str]) -> Answer:
        return Answer(status=204, headers={"X-Hook-Secret": "ok"})

    connection = replace(CONNECTIONS["acme"], connector=replace(ACME, handshakes=(echo,)))

    answer = opened(connections={"acme": connection}).post("/webhooks/acme")

    assert (answer.status_code, answer.headers["X-Hook-Secret"]) == (204, "ok")


class Raises:
    needs_secret = True

    def verify(self, *_: Any) -> int | None:
        raise RuntimeError("a scheme of somebody else's")

    def sign(self, request: Request, *_: Any) -> Request:
        return request

    def __call__(self, *_: Any) -> Answer | None:
        raise RuntimeError("a handshake of somebody else's")


def test_a_connector_that_raises_has_not_said_yes() -> None:
    connector = replace(ACME, signature=Raises(), handshakes=(Raises(),))
    connections = {"acme": replace(CONNECTIONS["acme"], connector=connector)}

    answer = opened(connections=connections).post("/webhooks/acme", data=BODY, headers=signed(BODY))

    assert answer.status_code == 401


def test_an_accepted_status_of_204_has_no_body() -> None:
    answer = opened(keys=KnownSecrets({"headers": ("token-1",)})).post(
        "/webhooks/headers", data=BODY, headers={"X-Token": "token-1"}
    )

    assert (answer.status_code, answer.data) == (204, b"")


DOOR = opened()


@settings(max_examples=50, deadline=None)
@given(
    body=st.binary(max_size=300)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode),
    event=st.dictionaries(
        st.sampled_from(["id", "type", "at", "deal"]), st.text() | st.integers() | st.none() | st.lists(st.text())
    ),
    token=st.text(max_size=30).map(lambda text: quote(text, safe="", errors="replace")),
    use_event=st.booleans(),
)
def test_no_bytes_whatever_make_it_stumble(body: bytes, event: dict[str, Any], token: str, use_event: bool) -> None:  # noqa: FBT001 - drawn
    payload = json.dumps(event).encode() if use_event else body

    assert DOOR.post("/webhooks/acme", data=payload, headers=signed(payload)).status_code in {200, 202, 400}
    assert DOOR.post("/webhooks/acme", data=payload, headers={"Acme-Signature": token}).status_code == 401
    assert DOOR.post(f"/webhooks/tokens/{token}", data=payload).status_code in {401, 404}


def test_an_error_nobody_foresaw_is_a_problem_too() -> None:
    door = opened()

    def broken() -> str:
        raise RuntimeError("åäö")

    door.application.add_url_rule("/broken", view_func=broken)

    with capture_logs() as lines:
        answer = door.get("/broken")

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert lines[0]["event"] == "a request raised unexpectedly"


def test_an_event_tells_what_its_signature_covers_where_that_may_be_one_thing_or_another() -> None:
    committed, acme, scheme = Committed(), CONNECTIONS["acme"], Teamtailor()
    connection = replace(acme, connector=replace(acme.connector, signature=scheme))
    request = scheme.sign(Request("POST", "", (), BODY), SECRET, NOW)
    door = opened(committed, connections={"acme": connection})
    assert door.post("/webhooks/acme", data=BODY, headers=dict(request.headers)).status_code == 202
    assert [event.note for arrival in committed.arrivals for event in arrival.events] == [
        "its signature covers the body"
    ]
