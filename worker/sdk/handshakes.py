"""Makes the handshakes of senders that ask before they send.

Xero's "intent to receive" needs none of them: it sends good and bad signatures, and wants the usual 200 and 401.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import parse_qsl

from worker.sdk.connector import Answer, ByVerifyToken, Handshake
from worker.sdk.request import Request
from worker.sdk.signatures.json_body import field_text
from worker.sdk.signatures.scheme import text_bytes

_JSON = "application/json"

# Handshakes are not signed. What is sealed for a stranger must never be what a sender signs: no "v0:…", no JSON object.
_SEALABLE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_ECHOABLE = re.compile(r"[ -~]{1,1000}")

LARGEST = 16 * 1024
"""Bytes of a body that may be a question. What is larger is not parsed before its signature is checked."""

Read: TypeAlias = Callable[[Request], str | None]


def echo_field(name: str, *, when: Mapping[str, str]) -> Handshake:
    """POST with a JSON body of a certain kind: the field's text.

    Slack's `url_verification`, https://docs.slack.dev/reference/events/url_verification.
    """
    return _echo(body_field(name, when=when))


def echo_query(name: str, *, token: str) -> Handshake:
    """GET whose `token` parameter is one of the connection's verify tokens: the parameter's text.

    Meta's `hub.challenge`, https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
    """
    challenge, given = query_parameter(name), query_parameter(token)
    echo = _echo(challenge)

    def answer(request: Request, secrets: Sequence[str]) -> Answer | None:
        return echo(request, secrets) if _is_one_of(given(request), secrets) else None

    return ByVerifyToken(answer)


def echo_header(name: str) -> Handshake:
    """POST with a header that is wanted back.

    Asana's `X-Hook-Secret`, https://developers.asana.com/reference/createwebhook; what it holds is the new webhook's secret.
    """

    def answer(request: Request, _secrets: Sequence[str]) -> Answer | None:
        value = request.header(name) if request.method == "POST" else None
        return Answer(headers={name: value}) if value and _ECHOABLE.fullmatch(value) else None

    return answer


def hmac_json(challenge: Read, *, echo: str, sealed: str) -> Handshake:
    """A JSON object of the challenge and its HMAC-SHA256 (hex) under the first secret.

    LinkedIn's `challengeCode`, https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation;
    Zoom's `plainToken`, https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint.
    """

    def answer(request: Request, secrets: Sequence[str]) -> Answer | None:
        text = challenge(request)
        secret = next((secret for secret in secrets if secret.strip()), None)
        if text is None or secret is None or not _SEALABLE.fullmatch(text):
            return None
        seal = hmac.digest(text_bytes(secret), text.encode(), "sha256").hex()
        return Answer(body=json.dumps({echo: text, sealed: seal}).encode(), content_type=_JSON)

    return answer


def get_ok(*methods: str) -> Handshake:
    """An empty 200 to GET and HEAD, or to the methods named.

    Mailchimp, https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/;
    Mandrill, https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/.
    """
    answered = methods or ("GET", "HEAD")

    def answer(request: Request, _secrets: Sequence[str]) -> Answer | None:
        return Answer() if request.method in answered else None

    return answer


def body_field(name: str, *, when: Mapping[str, str]) -> Read:
    """A field of a POST's JSON body, where other fields have certain values."""

    def read(request: Request) -> str | None:
        if request.method != "POST" or len(request.body) > LARGEST:
            return None
        if any(field_text(request.body, key) != value for key, value in when.items()):
            return None
        return field_text(request.body, name)

    return read


def query_parameter(name: str) -> Read:
    """A parameter of a GET, given once."""

    def read(request: Request) -> str | None:
        if request.method != "GET":
            return None
        _, _, query = request.url.partition("?")
        values = [value for key, value in parse_qsl(query) if key == name]
        return values[0] if len(values) == 1 else None

    return read


def _echo(challenge: Read) -> Handshake:
    def answer(request: Request, _secrets: Sequence[str]) -> Answer | None:
        text = challenge(request)
        return Answer(body=text.encode()) if text and _ECHOABLE.fullmatch(text) else None

    return answer


def _is_one_of(given: str | None, secrets: Sequence[str]) -> bool:
    if given is None:
        return False
    return any(hmac.compare_digest(text_bytes(given), text_bytes(secret)) for secret in secrets if secret.strip())
