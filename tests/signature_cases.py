"""Lists a case for each signature scheme, with a judge that shares no code with `worker.sdk.signatures`.

A judge is the vendor's own library where there is one, else the vendor's recipe written down once more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import standardwebhooks
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hubspot.utils.signature import Signature as HubSpotSignature
from sendgrid.helpers.eventwebhook import EventWebhook
from slack_sdk.signature import SignatureVerifier
from stripe import SignatureVerificationError, WebhookSignature

from worker.sdk.request import Request
from worker.sdk.signatures import AnyOf, Scheme, StaticHeader, UrlAndBodyField, UrlToken, senders

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BODY = '{"id":"evt_1","name":"Åsa Öberg AB"}'.encode()
URL = "https://hooks.example.com/webhooks/kund?namn=%C3%85sa&ref=a%2Fb"

Judge: TypeAlias = Callable[[Request, str, datetime], bool]

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WHSK = "whsk_" + base64.b64encode(b"\x07" * 32).decode()
_ED25519 = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
WHPK = "whpk_" + base64.b64encode(_ED25519.public_key().public_bytes_raw()).decode()

_P256 = derive_private_key(20231114, SECP256R1())
SENDGRID_PRIVATE = base64.b64encode(_P256.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
SENDGRID_PUBLIC = base64.b64encode(
    _P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@dataclass(frozen=True)
class Case:
    """`carries`: the header that proves; None where the proof stands in the URL or the body."""

    name: str
    scheme: Scheme
    judge: Judge
    carries: str | None
    secret: str = "hemlig-åäö"
    other_secret: str = "hemlig-åäo"
    body: bytes = BODY
    covers_body: bool = True
    times: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def unsigned(self) -> Request:
        return Request("POST", URL, (("content-type", "application/json"), *self.headers.items()), self.body)

    @property
    def signed(self) -> Request:
        return self.scheme.sign(self.unsigned, self.secret, NOW)


def is_fresh(milliseconds: int, now: datetime, tolerance: int = 300) -> bool:
    return abs(int(now.timestamp() * 1000) - milliseconds) <= tolerance * 1000


def _headers(request: Request) -> dict[str, str]:
    return dict(request.headers)


def _plain(header: str, prefix: str, digest: str, wrap: Callable[[bytes], str]) -> Judge:
    def judge(request: Request, secret: str, _now: datetime) -> bool:
        return _headers(request)[header] == prefix + wrap(hmac.new(secret.encode(), request.body, digest).digest())

    return judge


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _stripe_like(header: str, tolerance: int = 300) -> Judge:
    def judge(request: Request, secret: str, now: datetime) -> bool:
        value = _headers(request)[header]
        time = dict(item.split("=", 1) for item in value.split(",") if item.startswith("t="))["t"]
        return is_fresh(int(time) * 1000, now, tolerance) and _stripe_says(request.body, value, secret, time)

    return judge


def _stripe_says(body: bytes, header: str, secret: str, time: str) -> bool:
    """Stripe's library takes no body that is not UTF-8 and no header that is not ASCII; those are judged by the recipe."""
    if not (_is_text(body) and header.isascii()):
        return f"v1={hmac.new(secret.encode(), time.encode() + b'.' + body, 'sha256').hexdigest()}" in header.split(",")
    try:
        return bool(WebhookSignature.verify_header(body.decode(), header, secret, tolerance=None))
    except SignatureVerificationError:
        return False


class _Fixed:
    """Stands in for the library's clock."""

    def __init__(self, now: datetime) -> None:
        self._now = now.timestamp()

    def now(self) -> float:
        return self._now


def _slack(request: Request, secret: str, now: datetime) -> bool:
    if not _is_text(request.body):
        return _zoom_like("x-slack-signature", "x-slack-request-timestamp")(request, secret, now)
    return bool(SignatureVerifier(secret, clock=_Fixed(now)).is_valid_request(request.body, _headers(request)))


def _zoom_like(header: str, time_header: str) -> Judge:
    def judge(request: Request, secret: str, now: datetime) -> bool:
        time = _headers(request)[time_header]
        digest = hmac.new(secret.encode(), b"v0:" + time.encode() + b":" + request.body, "sha256").hexdigest()
        return is_fresh(int(time) * 1000, now) and _headers(request)[header] == f"v0={digest}"

    return judge


def _webflow(request: Request, secret: str, now: datetime) -> bool:
    time = _headers(request)["x-webflow-timestamp"]
    digest = hmac.new(secret.encode(), time.encode() + b":" + request.body, "sha256").hexdigest()
    return is_fresh(int(time), now) and _headers(request)["x-webflow-signature"] == digest


def _zendesk(request: Request, secret: str, now: datetime) -> bool:
    time = _headers(request)["x-zendesk-webhook-signature-timestamp"]
    digest = _base64(hmac.new(secret.encode(), time.encode() + request.body, "sha256").digest())
    sent = datetime.fromisoformat(time)
    return is_fresh(int(sent.timestamp() * 1000), now) and _headers(request)["x-zendesk-webhook-signature"] == digest


def _linkedin(request: Request, secret: str, _now: datetime) -> bool:
    digest = hmac.new(secret.encode(), b"hmacsha256=" + request.body, "sha256").hexdigest()
    return _headers(request)["x-li-signature"] == digest


def hubspot_uri(url: str) -> str:
    escapes = ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B")
    for escape, char in zip(escapes, ":/?@!$'()*,;", strict=True):
        url = url.replace(escape, char).replace(escape.lower(), char)
    return url


def _hubspot(request: Request, secret: str, now: datetime) -> bool:
    headers = _headers(request)
    time = headers["x-hubspot-request-timestamp"]
    uri = hubspot_uri(request.url)
    if _is_text(request.body):
        expected = HubSpotSignature.get_signature(secret, request.body.decode(), "v3", uri, request.method, time)
    else:
        signed = f"{request.method}{uri}".encode() + request.body + time.encode()
        expected = _base64(hmac.new(secret.encode(), signed, "sha256").digest())
    return is_fresh(int(time), now) and expected == headers["x-hubspot-signature-v3"]


def _standard(family: str) -> Judge:
    """By the standard's own library, which is what Svix's wraps."""

    def judge(request: Request, secret: str, now: datetime) -> bool:
        message, time, given = (_headers(request)[f"{family}-{name}"] for name in ("id", "timestamp", "signature"))
        if _is_text(request.body) and message.isascii():
            sent = datetime.fromtimestamp(int(time), UTC)
            expected = standardwebhooks.Webhook(secret).sign(message, sent, request.body.decode())
        else:
            signed = b".".join((message.encode("latin-1"), time.encode(), request.body))
            key = base64.b64decode(secret.removeprefix("whsec_"))
            expected = "v1," + _base64(hmac.new(key, signed, "sha256").digest())
        return is_fresh(int(time) * 1000, now) and expected in given.split(" ")

    return judge


def _standard_asymmetric(request: Request, secret: str, now: datetime) -> bool:
    """Ed25519 makes one signature for one message, so the judge can sign itself."""
    headers = _headers(request)
    message, time = headers["webhook-id"], headers["webhook-timestamp"]
    signature = f"v1a,{_base64(_ED25519.sign(b'.'.join((message.encode('latin-1'), time.encode(), request.body))))}"
    return secret == WHSK and is_fresh(int(time) * 1000, now) and signature in headers["webhook-signature"].split(" ")


@cache
def _sendgrid_library() -> Any:
    return EventWebhook(SENDGRID_PUBLIC)


def _sendgrid(request: Request, secret: str, now: datetime) -> bool:
    headers = _headers(request)
    time = headers["x-twilio-email-event-webhook-timestamp"]
    signature = headers["x-twilio-email-event-webhook-signature"]
    if _is_text(request.body):
        valid = _sendgrid_library().verify_signature(request.body.decode(), signature, time)
    else:
        valid = _p256_verifies(base64.b64decode(signature), time.encode() + request.body)
    return secret == SENDGRID_PRIVATE and is_fresh(int(time) * 1000, now) and bool(valid)


def _p256_verifies(signature: bytes, signed: bytes) -> bool:
    try:
        _P256.public_key().verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _mandrill(request: Request, secret: str, _now: datetime) -> bool:
    pairs = parse_qsl(request.body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    signed = request.url + "".join(name + value for name, value in sorted(pairs, key=lambda pair: pair[0]))
    digest = hmac.new(secret.encode(), signed.encode("latin-1"), "sha1").digest()
    return _headers(request)["x-mandrill-signature"] == _base64(digest)


def _oneflow(request: Request, secret: str, _now: datetime) -> bool:
    body = json.loads(request.body)
    digest = hashlib.sha1(f"{body['callback_id']}{secret}".encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 - Oneflow's choice
    return bool(body["signature"] == digest)


def _teamtailor(request: Request, secret: str, now: datetime) -> bool:
    told = base64.b64decode(_headers(request)["tt-signature"], validate=True).decode()
    time, digits = (part.partition("=")[2] for part in told.split(","))
    digest = hmac.new(secret.encode(), f"{time}.".encode() + request.body, "sha256").hexdigest()
    return is_fresh(int(time) * 1000, now) and digits == digest


def _teamtailor_v1(request: Request, secret: str, _now: datetime) -> bool:
    signed = str(json.loads(request.body)["payload"]["data"]["id"]).encode("utf-8", "surrogatepass")
    digits = hmac.new(secret.removeprefix("v1:").encode(), signed, "sha256").hexdigest()
    return _headers(request)["tt-signature"] == _base64(digits.encode())


def _teamtailor_partner(request: Request, secret: str, now: datetime) -> bool:
    """As with Stripe, whose format it is: several `v1` may stand there, and one that fits is enough."""
    items = _headers(request)["teamtailor-signature"].split(",")
    (time,) = (item.removeprefix("t=") for item in items if item.startswith("t="))
    signed = f"{time}.{json.loads(request.body)['partner-event']['id']}".encode("utf-8", "surrogatepass")
    digits = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    return is_fresh(int(time) * 1000, now) and f"v1={digits}" in items


def _google(request: Request, secret: str, _now: datetime) -> bool:
    return bool(json.loads(request.body)["google_key"] == secret)


def _basic(request: Request, secret: str, _now: datetime) -> bool:
    word, _, credentials = _headers(request)["authorization"].partition(" ")
    return word.lower() == "basic" and base64.b64decode(credentials).decode() == secret


def _bearer(request: Request, secret: str, _now: datetime) -> bool:
    """The scheme's name has no case, and one blank or several follow it: https://www.rfc-editor.org/rfc/rfc9110#section-11.4."""
    told = _headers(request)["authorization"]
    credentials = told[len("Bearer ") :].lstrip(" ")
    return told[: len("Bearer ")].lower() == "bearer " and credentials == secret.encode(
        "utf-8", "surrogatepass"
    ).decode("latin-1")


def _url_token(request: Request, secret: str, _now: datetime) -> bool:
    return request.token == secret


def _url_and_payload(request: Request, secret: str, now: datetime) -> bool:
    """A secret without a colon asks nothing of the body."""
    in_url, colon, in_body = secret.partition(":")
    return _url_token(request, in_url, now) and (not colon or str(json.loads(request.body)["payload"]) == in_body)


def _either(first: Judge, second: Judge) -> Judge:
    def judge(request: Request, secret: str, now: datetime) -> bool:
        by_first = "authorization" in _headers(request) and first(request, secret, now)
        return by_first or second(request, secret, now)

    return judge


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


_HEX = bytes.hex
_FORM = b"mandrill_events=%5B%7B%22event%22%3A%22send%22%2C%22namn%22%3A%22%C3%85sa%22%7D%5D&extra=a+b"

CASES = (
    Case("github", senders.GITHUB, _plain("x-hub-signature-256", "sha256=", "sha256", _HEX), "x-hub-signature-256"),
    Case("meta", senders.META, _plain("x-hub-signature-256", "sha256=", "sha256", _HEX), "x-hub-signature-256"),
    Case("lime", senders.LIME, _plain("x-lime-signature", "sha256=", "sha256", _HEX), "x-lime-signature"),
    Case("intercom", senders.INTERCOM, _plain("x-hub-signature", "sha1=", "sha1", _HEX), "x-hub-signature"),
    Case("shopify", senders.SHOPIFY, _plain("x-shopify-hmac-sha256", "", "sha256", _base64), "x-shopify-hmac-sha256"),
    Case("woo", senders.WOOCOMMERCE, _plain("x-wc-webhook-signature", "", "sha256", _base64), "x-wc-webhook-signature"),
    Case("xero", senders.XERO, _plain("x-xero-signature", "", "sha256", _base64), "x-xero-signature"),
    Case(
        "typeform", senders.TYPEFORM, _plain("typeform-signature", "sha256=", "sha256", _base64), "typeform-signature"
    ),
    Case("linkedin", senders.LINKEDIN, _linkedin, "x-li-signature"),
    Case("stripe", senders.STRIPE, _stripe_like("stripe-signature"), "stripe-signature", times="stripe-signature"),
    Case(
        "mailchimp",
        senders.MAILCHIMP,
        _stripe_like("x-mailchimp-signature"),
        "x-mailchimp-signature",
        times="x-mailchimp-signature",
    ),
    Case("mux", senders.MUX, _stripe_like("mux-signature"), "mux-signature", times="mux-signature"),
    Case(
        "calendly",
        senders.CALENDLY,
        _stripe_like("calendly-webhook-signature", tolerance=180),
        "calendly-webhook-signature",
        times="calendly-webhook-signature",
    ),
    Case("slack", senders.SLACK, _slack, "x-slack-signature", times="x-slack-request-timestamp"),
    Case(
        "zoom",
        senders.ZOOM,
        _zoom_like("x-zm-signature", "x-zm-request-timestamp"),
        "x-zm-signature",
        times="x-zm-request-timestamp",
    ),
    Case("webflow", senders.WEBFLOW, _webflow, "x-webflow-signature", times="x-webflow-timestamp"),
    Case(
        "zendesk",
        senders.ZENDESK,
        _zendesk,
        "x-zendesk-webhook-signature",
        times="x-zendesk-webhook-signature-timestamp",
    ),
    Case("hubspot", senders.HUBSPOT, _hubspot, "x-hubspot-signature-v3", times="x-hubspot-request-timestamp"),
    Case(
        "standard-webhooks",
        senders.STANDARD_WEBHOOKS,
        _standard("webhook"),
        "webhook-signature",
        secret=WHSEC,
        other_secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        times="webhook-timestamp",
        headers={"webhook-id": "msg_1"},
    ),
    Case(
        "svix",
        senders.SVIX,
        _standard("svix"),
        "svix-signature",
        secret=WHSEC,
        other_secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        times="svix-timestamp",
    ),
    Case(
        "standard-webhooks-v1a",
        senders.STANDARD_WEBHOOKS,
        _standard_asymmetric,
        "webhook-signature",
        secret=WHSK,
        other_secret="whsk_" + base64.b64encode(b"\x08" * 32).decode(),
        times="webhook-timestamp",
    ),
    Case(
        "sendgrid",
        senders.SENDGRID,
        _sendgrid,
        "x-twilio-email-event-webhook-signature",
        secret=SENDGRID_PRIVATE,
        other_secret="MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        body=BODY + b"\r\n",
        times="x-twilio-email-event-webhook-timestamp",
    ),
    Case("mandrill", senders.MANDRILL, _mandrill, "x-mandrill-signature", body=_FORM),
    Case("oneflow", senders.ONEFLOW, _oneflow, None, body='{"callback_id": "cb_å"}'.encode(), covers_body=False),
    Case(
        "teamtailor",
        senders.TEAMTAILOR,
        _teamtailor,
        "tt-signature",
        body='{"payload":{"data":{"id":"å"}},"signature":"x"}'.encode(),
        times="tt-signature",
    ),
    Case(
        "teamtailor-v1",
        senders.TEAMTAILOR,
        _teamtailor_v1,
        "tt-signature",
        secret="v1:hemlig-åäö",
        other_secret="v1:hemlig-åäo",
        body=b'{"payload": {"data": {"id": "42"}}}',
        covers_body=False,
    ),
    Case(
        "teamtailor-partner",
        senders.TEAMTAILOR_PARTNER,
        _teamtailor_partner,
        "teamtailor-signature",
        body='{"partner-event": {"id": "å"}}'.encode(),
        times="teamtailor-signature",
        covers_body=False,
    ),
    Case("google", senders.GOOGLE_LEAD_FORM, _google, None, body='{"lead_id": "å"}'.encode(), covers_body=False),
    Case(
        "basic",
        senders.CHARGEBEE,
        _basic,
        "authorization",
        secret="åsa:lösen:ord",
        other_secret="åsa:lösen",
        covers_body=False,
    ),
    Case("bearer", StaticHeader("Authorization", "Bearer "), _bearer, "authorization", covers_body=False),
    Case("url-token", UrlToken(), _url_token, None, covers_body=False),
    Case(
        "url-and-body",
        UrlAndBodyField("payload"),
        _url_and_payload,
        None,
        secret="adress:kvitto-å",
        other_secret="adress:kvitto",
        body=b'{"event": "document.signed"}',
        covers_body=False,
    ),
    Case(
        "any-of",
        AnyOf((StaticHeader("Authorization", "Bearer "), UrlToken())),
        _either(_bearer, _url_token),
        "authorization",
        covers_body=False,
    ),
)
