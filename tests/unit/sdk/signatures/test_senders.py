"""Against the vendors' own libraries, in both directions; and where we differ from them on purpose.

What their libraries can only do against the real clock is in tests/integration/sdk/test_vendor_verifiers.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
from hubspot.utils.signature import Signature
from sendgrid.helpers.eventwebhook import EventWebhook
from slack_sdk.signature import SignatureVerifier
from stripe import WebhookSignature

from tests.signature_cases import BODY, NOW, SENDGRID_PRIVATE, SENDGRID_PUBLIC, WHSEC
from worker.sdk.request import Request
from worker.sdk.signatures import senders

SECRET = "hemlig-åäö"
TIME = int(NOW.timestamp())
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
HOOK = "https://hooks.example.com/in/hubspot?namn=%C3%85sa"


class Fixed:
    def now(self) -> float:
        return NOW.timestamp()


def post(**headers: str) -> Request:
    return Request("POST", HOOK, tuple((name.replace("_", "-"), value) for name, value in headers.items()), BODY)


def slack_request(signature: str, time: str = str(TIME)) -> Request:
    return post(x_slack_signature=signature, x_slack_request_timestamp=time)


def test_what_stripe_signs_we_take() -> None:
    header = WebhookSignature.generate_signature_header(BODY.decode(), SECRET, TIME)

    assert senders.STRIPE.verify(post(stripe_signature=header), [SECRET], NOW) == 0


def test_what_we_sign_stripe_takes() -> None:
    header = senders.STRIPE.sign(post(), SECRET, NOW).header("stripe-signature")

    assert WebhookSignature.verify_header(BODY, header, SECRET, tolerance=None)


def test_stripe_takes_any_time_in_the_future_and_we_do_not() -> None:
    header = WebhookSignature.generate_signature_header(BODY.decode(), SECRET, int(FAR_FUTURE.timestamp()))

    assert WebhookSignature.verify_header(BODY, header, SECRET, tolerance=300)
    assert senders.STRIPE.verify(post(stripe_signature=header), [SECRET], NOW) is None


def test_stripe_falls_over_a_signature_that_is_not_ascii_and_we_take_the_one_behind_it() -> None:
    header = WebhookSignature.generate_signature_header(BODY.decode(), SECRET, TIME).replace(",v1=", ",v1=å,v1=")

    with pytest.raises(TypeError):
        WebhookSignature.verify_header(BODY, header, SECRET, tolerance=None)
    assert senders.STRIPE.verify(post(stripe_signature=header), [SECRET], NOW) == 0


def test_what_slack_signs_we_take() -> None:
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(TIME), body=BODY)

    assert senders.SLACK.verify(slack_request(signature), [SECRET], NOW) == 0


def test_what_we_sign_slack_takes() -> None:
    signed = senders.SLACK.sign(post(), SECRET, NOW)

    assert SignatureVerifier(SECRET, clock=Fixed()).is_valid_request(BODY, dict(signed.headers))


@pytest.mark.parametrize(("signature", "time"), [("v0=00", "soon"), ("v0=å", str(TIME))])
def test_slack_falls_over_what_we_refuse(signature: str, time: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        SignatureVerifier(SECRET, clock=Fixed()).is_valid(BODY, time, signature)
    assert senders.SLACK.verify(slack_request(signature, time), [SECRET], NOW) is None


def test_slack_and_we_have_the_same_window() -> None:
    signed = senders.SLACK.sign(post(), SECRET, NOW)

    for seconds in (-301, -300, 300, 301):
        moved = senders.SLACK.sign(post(), SECRET, NOW + timedelta(seconds=seconds))
        theirs = SignatureVerifier(SECRET, clock=Fixed()).is_valid_request(BODY, dict(moved.headers))
        assert (senders.SLACK.verify(moved, [SECRET], NOW) == 0) is theirs, seconds
    assert senders.SLACK.verify(signed, [SECRET], NOW) == 0


def test_what_hubspot_signs_we_take() -> None:
    signature = Signature.get_signature(SECRET, BODY.decode(), "v3", HOOK, "POST", f"{TIME}000")
    request = post(x_hubspot_signature_v3=signature, x_hubspot_request_timestamp=f"{TIME}000")

    assert senders.HUBSPOT.verify(request, [SECRET], NOW) == 0


def test_what_we_sign_hubspot_takes_even_from_the_future_and_we_do_not() -> None:
    signed = senders.HUBSPOT.sign(post(), SECRET, FAR_FUTURE)

    assert Signature.is_valid(
        signed.header("x-hubspot-signature-v3"),
        SECRET,
        BODY.decode(),
        HOOK,
        "POST",
        "v3",
        signed.header("x-hubspot-request-timestamp"),
    )
    assert senders.HUBSPOT.verify(signed, [SECRET], FAR_FUTURE) == 0
    assert senders.HUBSPOT.verify(signed, [SECRET], NOW) is None


def test_what_we_sign_sendgrid_takes() -> None:
    signed = senders.SENDGRID.sign(post(), SENDGRID_PRIVATE, NOW)

    assert EventWebhook(SENDGRID_PUBLIC).verify_signature(
        BODY.decode(),
        signed.header("x-twilio-email-event-webhook-signature"),
        signed.header("x-twilio-email-event-webhook-timestamp"),
    )


def test_sendgrid_takes_any_time_and_we_do_not() -> None:
    signed = senders.SENDGRID.sign(post(), SENDGRID_PRIVATE, NOW - timedelta(days=1))

    assert EventWebhook(SENDGRID_PUBLIC).verify_signature(
        BODY.decode(),
        signed.header("x-twilio-email-event-webhook-signature"),
        signed.header("x-twilio-email-event-webhook-timestamp"),
    )
    assert senders.SENDGRID.verify(signed, [SENDGRID_PUBLIC], NOW) is None


def test_what_the_standard_signs_we_take() -> None:
    signature = standardwebhooks.Webhook(WHSEC).sign("msg_1", NOW, BODY.decode())
    request = post(webhook_id="msg_1", webhook_timestamp=str(TIME), webhook_signature=signature)

    assert senders.STANDARD_WEBHOOKS.verify(request, [WHSEC], NOW) == 0
    assert senders.STANDARD_WEBHOOKS.sign(post(webhook_id="msg_1"), WHSEC, NOW).header("webhook-signature") == signature
