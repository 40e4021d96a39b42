"""The vendors' own verifiers, which know only the real clock, accept what we sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
import svix.webhooks
from hubspot.utils.signature import Signature
from slack_sdk.signature import SignatureVerifier
from stripe import WebhookSignature

from tests.signature_cases import BODY, URL, WHSEC
from worker.sdk.request import Request
from worker.sdk.signatures import senders

SECRET = "hemlig-åäö"
POST = Request("POST", URL, (), BODY)


def now() -> datetime:
    return datetime.now(UTC)


def test_standard_webhooks_takes_it() -> None:
    signed = senders.STANDARD_WEBHOOKS.sign(POST, WHSEC, now())

    assert standardwebhooks.Webhook(WHSEC).verify(BODY, dict(signed.headers))["name"] == "Åsa Öberg AB"


def test_svix_takes_it() -> None:
    signed = senders.SVIX.sign(POST, WHSEC, now())

    svix.webhooks.Webhook(WHSEC).verify(BODY, dict(signed.headers))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_standard_webhooks_has_a_window_of_two_ends_like_ours(minutes: int) -> None:
    signed = senders.STANDARD_WEBHOOKS.sign(POST, WHSEC, now() + timedelta(minutes=minutes))

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(WHSEC).verify(BODY, dict(signed.headers))
    assert senders.STANDARD_WEBHOOKS.verify(signed, [WHSEC], now()) is None


def test_standard_webhooks_falls_over_garbage_before_the_valid_signature_and_we_do_not() -> None:
    headers = dict(senders.STANDARD_WEBHOOKS.sign(POST, WHSEC, now()).headers)
    headers["webhook-signature"] = f"garbage {headers['webhook-signature']}"

    with pytest.raises(ValueError, match="unpack"):
        standardwebhooks.Webhook(WHSEC).verify(BODY, headers)
    assert senders.STANDARD_WEBHOOKS.verify(Request("POST", URL, tuple(headers.items()), BODY), [WHSEC], now()) == 0


def test_stripe_takes_it() -> None:
    signed = senders.STRIPE.sign(POST, SECRET, now())

    assert WebhookSignature.verify_header(BODY, signed.header("stripe-signature"), SECRET, tolerance=300)


def test_slack_takes_it() -> None:
    signed = senders.SLACK.sign(POST, SECRET, now())

    assert SignatureVerifier(SECRET).is_valid_request(BODY, dict(signed.headers))


def test_hubspot_takes_it() -> None:
    url = "https://hooks.example.com/in/hubspot"
    signed = senders.HUBSPOT.sign(Request("POST", url, (), BODY), SECRET, now())
    signature, time = (signed.header(f"x-hubspot-{name}") for name in ("signature-v3", "request-timestamp"))

    assert Signature.is_valid(signature, SECRET, BODY.decode(), url, "POST", "v3", time)
