"""A sender that asks before it sends is answered, a stranger is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import CHARS
from tests.signature_cases import NOW
from worker.sdk.connector import Answer, Handshake
from worker.sdk.handshakes import body_field, echo_field, echo_header, echo_query, get_ok, hmac_json, query_parameter
from worker.sdk.request import Request
from worker.sdk.signatures import HmacSha256, senders

SLACK = echo_field("challenge", when={"type": "url_verification"})
META = echo_query("hub.challenge", token="hub.verify_token")
LINKEDIN = hmac_json(query_parameter("challengeCode"), echo="challengeCode", sealed="challengeResponse")
ZOOM = hmac_json(
    body_field("payload.plainToken", when={"event": "endpoint.url_validation"}),
    echo="plainToken",
    sealed="encryptedToken",
)
ASANA = echo_header("X-Hook-Secret")
MAILCHIMP = get_ok()
ALL = {"slack": SLACK, "meta": META, "linkedin": LINKEDIN, "zoom": ZOOM, "asana": ASANA, "mailchimp": MAILCHIMP}

law = settings(deadline=None, derandomize=True, database=None)
texts = st.text(alphabet=CHARS + "bcdeZ", max_size=40)

SECRETS = ["test_secret", "gammal-å"]


def get(query: str) -> Request:
    return Request("GET", f"https://hooks.example.com/webhooks/x?{query}", (), b"")


def post(body: object, *headers: tuple[str, str]) -> Request:
    return Request("POST", "https://hooks.example.com/webhooks/x", headers, json.dumps(body).encode())


def test_slack_gets_its_challenge_back() -> None:
    answer = SLACK(
        post({"type": "url_verification", "token": "å", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY"}), SECRETS
    )

    assert answer == Answer(200, b"3eZbrw1aBm2rZgRNFdxV2595E9CY", "text/plain; charset=utf-8")


def test_a_question_is_small_so_a_megabyte_is_not_parsed_for_one() -> None:
    body = {"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY", "padding": "x" * 20_000}

    assert SLACK(post(body), SECRETS) is None


def test_meta_gets_its_challenge_back_when_it_knows_the_token() -> None:
    request = get("hub.mode=subscribe&hub.verify_token=gammal-%C3%A5&hub.challenge=1158201444")

    assert META(request, SECRETS) == Answer(200, b"1158201444")
    assert META(request, ["test_secret"]) is None
    assert META(get("hub.verify_token=&hub.challenge=1"), ["", "x"]) is None
    assert META(get("hub.verify_token=test_secret&hub.verify_token=x&hub.challenge=1"), SECRETS) is None
    assert META(get("hub.challenge=1"), SECRETS) is None


def test_linkedin_gets_its_code_sealed() -> None:
    answer = LINKEDIN(get("applicationId=1&challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0"), SECRETS)

    assert answer is not None
    assert answer.content_type == "application/json"
    assert json.loads(answer.body) == {
        "challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
        "challengeResponse": "04b5de40af7498d41d935649ce4291e987cd2176db46865dbaaeac596442af64",
    }


def test_zoom_gets_its_token_sealed() -> None:
    token = "qgg8vlvZRS6UYooatFL8Aw"
    answer = ZOOM(post({"event": "endpoint.url_validation", "payload": {"plainToken": token}}), ["", *SECRETS])

    assert answer is not None
    assert json.loads(answer.body) == {
        "plainToken": token,
        "encryptedToken": "af2b71c039092798acffde4bc073be46286db03f4d82bfac9008822d0fac2449",
    }


@pytest.mark.parametrize(
    "text",
    [
        'v0:1700000000:{"event":"meeting.ended"}',
        "v0:1700000000:1",
        "hmacsha256=1",
        'hmacsha256={"lead":1}',
        '{"a":1}',
        "",
        "å",
        "a" * 201,
    ],
)
def test_a_stranger_gets_no_seal_that_would_pass_for_a_signature(text: str) -> None:
    assert ZOOM(post({"event": "endpoint.url_validation", "payload": {"plainToken": text}}), SECRETS) is None


@given(texts)
@law
def test_whatever_is_sealed_is_no_signature_of_a_json_object(text: str) -> None:
    answer = ZOOM(post({"event": "endpoint.url_validation", "payload": {"plainToken": text}}), SECRETS)
    if answer is None:
        return
    seal = json.loads(answer.body)["encryptedToken"]
    forged = Request("POST", "", (("x-li-signature", seal), ("x-sign", seal)), text.encode())

    assert "{" not in text
    assert senders.LINKEDIN.verify(forged, SECRETS, NOW) is None
    assert HmacSha256("X-Sign").verify(forged, SECRETS, NOW) == 0, "or this test could not fail"


def test_without_a_secret_nothing_is_sealed() -> None:
    assert LINKEDIN(get("challengeCode=1"), []) is None
    assert LINKEDIN(get("challengeCode=1"), [" "]) is None


def test_asana_gets_its_header_back() -> None:
    answer = ASANA(post({}, ("x-hook-secret", "b537207f20cbfa02")), [])

    assert answer == Answer(headers={"X-Hook-Secret": "b537207f20cbfa02"})
    assert ASANA(post({}, ("x-hook-secret", "a\r\nset-cookie: b")), []) is None
    assert ASANA(post({}, ("x-hook-secret", "a\rb")), []) is None
    assert ASANA(post({}, ("x-hook-secret", "a"), ("x-hook-secret", "a")), []) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_ok_answers_what_carries_no_event(method: str) -> None:
    assert MAILCHIMP(Request(method, "", (), b""), []) == Answer()


@pytest.mark.parametrize("method", ["POST", "PUT", "get", ""])
def test_get_ok_leaves_what_may_carry_an_event(method: str) -> None:
    assert MAILCHIMP(Request(method, "", (), b""), []) is None


def test_get_ok_may_be_narrowed() -> None:
    assert get_ok("HEAD")(Request("GET", "", (), b""), []) is None


@pytest.mark.parametrize(
    "handshake", [SLACK, META, LINKEDIN, ZOOM, ASANA], ids=["slack", "meta", "linkedin", "zoom", "asana"]
)
@pytest.mark.parametrize(
    "request_",
    [
        post({"type": "event_callback", "challenge": "a", "event": "meeting.ended", "payload": {"plainToken": "a"}}),
        Request("POST", "https://x?challengeCode=1&hub.verify_token=test_secret&hub.challenge=1", (), b""),
        Request("GET", "https://x", (("x-hook-secret", "a"),), b'{"type":"url_verification","challenge":"a"}'),
    ],
    ids=["event", "post with query", "get with body"],
)
def test_what_is_no_handshake_is_left_alone(handshake: Handshake, request_: Request) -> None:
    assert handshake(request_, SECRETS) is None


@given(
    st.sampled_from(sorted(ALL)),
    st.sampled_from(["GET", "POST", "HEAD", "å"]),
    st.one_of(texts, texts.map("https://x?challengeCode=1&hub.challenge={}&hub.verify_token=test_secret&".__add__)),
    st.lists(st.tuples(st.sampled_from(["x-hook-secret", "a"]), texts)),
    st.one_of(
        st.binary(),
        texts.map(lambda text: json.dumps({"type": "url_verification", "challenge": text}).encode()),
        texts.map(
            lambda text: json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": text}}).encode()
        ),
    ),
    st.lists(texts),
)
@law
def test_no_handshake_ever_raises(
    name: str, method: str, url: str, headers: list[tuple[str, str]], body: bytes, secrets: list[str]
) -> None:
    answer = ALL[name](Request(method, url, tuple(headers), body), secrets)

    assert answer is None or answer.status == 200
