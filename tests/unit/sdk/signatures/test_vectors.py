"""The vectors that vendors publish, and one table of values worked out independently for vendors that publish none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tests.signature_cases import hubspot_uri
from worker.sdk.request import Request
from worker.sdk.signatures import Hmac, HmacSha256, Scheme, senders

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SENDGRID_BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)

PUBLISHED: dict[str, tuple[Scheme, str, bytes, Mapping[str, str], float, str]] = {
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    "github": (
        senders.GITHUB,
        "It's a Secret to Everybody",
        b"Hello, World!",
        {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        0,
        "",
    ),
    # https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
    "bitbucket": (
        HmacSha256("X-Hub-Signature", prefix="sha256="),
        "It's a Secret to Everybody",
        b"Hello World!",
        {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"},
        0,
        "",
    ),
    # https://docs.slack.dev/authentication/verifying-requests-from-slack/
    "slack": (
        senders.SLACK,
        "8f742231b10e8888abcd99yyyzzz85a5",
        SLACK_BODY,
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        1531420618,
        "",
    ),
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py
    "standard webhooks": (
        senders.STANDARD_WEBHOOKS,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        1614265330,
        "",
    ),
    # https://docs.svix.com/receiving/verifying-payloads/how-manual
    "svix": (
        senders.SVIX,
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        b'{"event_type":"ping","data":{"success":true}}',
        {
            "svix-id": "msg_loFOjxBNrRLzqYUf",
            "svix-timestamp": "1731705121",
            "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        },
        1731705121,
        "",
    ),
    # https://github.com/HubSpot/hubspot-api-python/blob/master/tests/unit/utils/test_signature.py
    "hubspot": (
        senders.HUBSPOT,
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        b"{'example_field':'example_value'}",
        {
            "x-hubspot-request-timestamp": "1693657560000",
            "x-hubspot-signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        },
        1693657560,
        "https://www.example.com/webhook_uri",
    ),
    # https://github.com/sendgrid/sendgrid-python/blob/main/test/unit/test_eventwebhook.py
    "sendgrid": (
        senders.SENDGRID,
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        SENDGRID_BODY,
        {
            "x-twilio-email-event-webhook-timestamp": "1600112502",
            "x-twilio-email-event-webhook-signature": (
                "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
            ),
        },
        1600112502,
        "",
    ),
    # https://github.com/muxinc/mux-node-sdk/blob/master/tests/api-resources/webhooks.test.ts
    "mux": (
        senders.MUX,
        "SuperSecret123",
        b"payload",
        {"mux-signature": "t=1591664030,v1=e43496b6aae982c4c2fd6f8e92935f1d90216f1f64d56024e72390acfb988272"},
        1591664030,
        "",
    ),
    # https://github.com/razorpay/razorpay-node/issues/29: the bare digits
    "razorpay": (
        HmacSha256("X-Razorpay-Signature"),
        "123456",
        b"{a:1, b:2}",
        {"x-razorpay-signature": "ee0a3edebeb4be41bafa3bc0a39069d7845a5c37760b863405049de80b5fe92d"},
        0,
        "",
    ),
    # https://developer.zendesk.com/documentation/webhooks/verifying/: the secret of test calls; base64 that is not decoded
    "zendesk": (
        senders.ZENDESK,
        "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
        b'{"event":"ticket.updated","id":123}',
        {
            "x-zendesk-webhook-signature-timestamp": "2021-03-25T05:09:27Z",
            "x-zendesk-webhook-signature": "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=",
        },
        datetime(2021, 3, 25, 5, 9, 27, tzinfo=UTC).timestamp(),
        "",
    ),
    # https://github.com/frain-dev/convoy/blob/main/pkg/verifier/verifier_test.go
    "convoy": (
        Hmac(header="X-Convoy-Signature", digest="sha512"),
        "Convoy",
        b"Test Payload Body",
        {
            "x-convoy-signature": (
                "83306382f5361d35351d6de45998f23b52f40bcf96befe4e92f137c0f1bf4a71"
                "19388b238d8f9d502ac77e6f1a8849a4778272667ed88d530cac8050bd1fee2d"
            )
        },
        0,
        "",
    ),
}


@pytest.mark.parametrize(("scheme", "secret", "body", "headers", "at", "url"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_vector(
    scheme: Scheme, secret: str, body: bytes, headers: Mapping[str, str], at: float, url: str
) -> None:
    now = datetime.fromtimestamp(at, UTC)
    request = Request("POST", url, tuple(headers.items()), body)

    assert scheme.verify(request, ["someone-elses", secret], now) == 1
    assert scheme.verify(Request("POST", url, tuple(headers.items()), body + b" "), [secret], now) is None


def test_standard_webhooks_negative_twin_of_the_published_vector() -> None:
    scheme, secret, body, headers, at, url = PUBLISHED["standard webhooks"]
    twin = {**headers, "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="}

    assert (
        scheme.verify(Request("POST", url, tuple(twin.items()), body), [secret], datetime.fromtimestamp(at, UTC))
        is None
    )


BODY = '{"id":"evt_1","name":"Åsa Öberg AB"}'.encode()
HEX = "44d276be40fef1119fc8e14f879eed2d5e9b06bc5e9b0a2e42ec5727d9377303"
BASE64 = "RNJ2vkD+8RGfyOFPh57tLV6bBrxemwouQuxXJ9k3cwM="
NOW = datetime.fromtimestamp(1700000000, UTC)

# Secret `test_secret`, at 1700000000; the names in the body are not ASCII on purpose.
WORKED_OUT: dict[str, tuple[Scheme, str, bytes, str, str]] = {
    "github": (senders.GITHUB, "x-hub-signature-256", BODY, f"sha256={HEX}", ""),
    "meta": (senders.META, "x-hub-signature-256", BODY, f"sha256={HEX}", ""),
    "lime": (senders.LIME, "x-lime-signature", BODY, f"sha256={HEX}", ""),
    "shopify": (senders.SHOPIFY, "x-shopify-hmac-sha256", BODY, BASE64, ""),
    "woocommerce": (senders.WOOCOMMERCE, "x-wc-webhook-signature", BODY, BASE64, ""),
    "xero": (senders.XERO, "x-xero-signature", BODY, BASE64, ""),
    "typeform": (senders.TYPEFORM, "typeform-signature", BODY, f"sha256={BASE64}", ""),
    "intercom": (senders.INTERCOM, "x-hub-signature", BODY, "sha1=205671a0af60a7a1c78e48e00d9e8aed43f369a9", ""),
    "stripe": (
        senders.STRIPE,
        "stripe-signature",
        BODY,
        "t=1700000000,v1=f920b4049cae6883a0305c3ce789d0f4a1b83d03ec0031b05408635e1d840dcf",
        "",
    ),
    "mailchimp": (
        senders.MAILCHIMP,
        "x-mailchimp-signature",
        b"%s&data%%5Bmerges%%5D%%5BFNAME%%5D=%%C3%%85sa"
        % b"type=unsubscribe&fired_at=2026-11-23+09%3A15%3A00&data%5Bemail%5D=asa.oberg%40example.se",
        "t=1700000000,v1=7bc9c465a275077d9930e56577d81e02378f604018b27de125510e13ac51891b",
        "",
    ),
    "calendly": (
        senders.CALENDLY,
        "calendly-webhook-signature",
        BODY,
        "t=1700000000,v1=f920b4049cae6883a0305c3ce789d0f4a1b83d03ec0031b05408635e1d840dcf",
        "",
    ),
    "slack": (
        senders.SLACK,
        "x-slack-signature",
        BODY,
        "v0=e96a181987a6f6108a1e47f39f4966e2e2fa261df5b6387f2da5362e168fd298",
        "",
    ),
    "zoom": (
        senders.ZOOM,
        "x-zm-signature",
        BODY,
        "v0=e96a181987a6f6108a1e47f39f4966e2e2fa261df5b6387f2da5362e168fd298",
        "",
    ),
    "webflow": (
        senders.WEBFLOW,
        "x-webflow-signature",
        BODY,
        "85278cad3e523ff017aa0378cb14cca83a9c090c00908a6e092392690ee10d70",
        "",
    ),
    "zendesk": (
        senders.ZENDESK,
        "x-zendesk-webhook-signature",
        BODY,
        "+BCtrEAJ4pcpT0XYpOy7ZRbqGvH1VmWsQMqnSKmF2+c=",
        "",
    ),
    "hubspot": (
        senders.HUBSPOT,
        "x-hubspot-signature-v3",
        BODY,
        "ucUuIXA7i/JzYyC4RgLFyoGgid52qhZc3wPGfu/nQXI=",
        "https://hooks.example.com/in/hubspot",
    ),
    "linkedin": (
        senders.LINKEDIN,
        "x-li-signature",
        BODY,
        "ab2c2be28ff5e15ec100f59791ce2fbc19bddb7adb3316c2db89c495abfcfaa3",
        "",
    ),
    "teamtailor": (
        senders.TEAMTAILOR,
        "tt-signature",
        BODY,
        "dD0xNzAwMDAwMDAwLHYyPWY5MjBiNDA0OWNhZTY4ODNhMDMwNWMzY2U3ODlkMGY0YTFiODNkMDNlYzAwMzFiMDU0MDg2MzVlMWQ4NDBkY2Y=",
        "",
    ),
    "teamtailor partner": (
        senders.TEAMTAILOR_PARTNER,
        "teamtailor-signature",
        b'{"partner-event":{"id":"f3d7e8e2-da33-4c10-ae5f-0e7f4d46f6d7"}}',
        "t=1700000000,v1=f0575976f44d945efb23e410b52249bbcd78cd5d2ac8d583588eaa13c7eaccba",
        "",
    ),
    "mandrill": (
        senders.MANDRILL,
        "x-mandrill-signature",
        b"mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D",
        "b69Dh5TYsaSbZFkaYnG4BqSOXko=",
        "https://hooks.example.com/in/mandrill",
    ),
}


@pytest.mark.parametrize(("scheme", "header", "body", "value", "url"), WORKED_OUT.values(), ids=WORKED_OUT)
def test_signs_as_worked_out(scheme: Scheme, header: str, body: bytes, value: str, url: str) -> None:
    signed = scheme.sign(Request("POST", url, (), body), "test_secret", NOW)

    assert signed.header(header) == value
    assert scheme.verify(signed, ["test_secret"], NOW) == 0


def test_oneflow_signs_as_worked_out() -> None:
    signed = senders.ONEFLOW.sign(Request("POST", "", (), b'{"callback_id":"cb_123"}'), "test_secret", NOW)

    assert b'"signature": "df48f366d1ae4ef556f58ba7deb8e037cc836dce"' in signed.body


def test_stripe_signs_as_its_own_library() -> None:
    body = b'{"id":"evt_test_1","object":"event"}'
    signed = senders.STRIPE.sign(Request("POST", "", (), body), "whsec_test_secret", NOW)

    assert signed.header("stripe-signature") == (
        "t=1700000000,v1=29ab30b7065c11b28e53ac114fac5d6c492ed811a12d11ed2c2aad5bb4cf9809"
    )


def test_hubspot_decodes_twelve_escapes_and_no_others() -> None:
    url = "https://x.example/a%2Fb%3a%3F?q=%40%21%24%27%28%29%2A%2C%3B&name=%C3%85sa%20%26%25"
    signed = senders.HUBSPOT.sign(Request("POST", url, (), b""), "test_secret", NOW)
    as_hubspot_reads_it = "https://x.example/a/b:??q=@!$'()*,;&name=%C3%85sa%20%26%25"

    assert hubspot_uri(url) == as_hubspot_reads_it
    assert senders.HUBSPOT.verify(Request("POST", as_hubspot_reads_it, signed.headers, b""), ["test_secret"], NOW) == 0


def test_teamtailors_first_version_signs_as_worked_out() -> None:
    request = Request("POST", "", (), b'{"payload":{"data":{"id":42}}}')
    signed = senders.TEAMTAILOR.sign(request, "v1:test_secret", NOW)

    assert signed.header("tt-signature") == (
        "YTU3ZGRjNjg0ZGNiNGUxNTg5ZmEyNGQ2ZmVlNjZlODNiMjMyM2NlNzg4YjdmMTM3ZTU1ZWE1M2I2OTFjZDc4Yw=="
    )
    assert senders.TEAMTAILOR.verify(signed, ["test_secret", "v1:test_secret"], NOW) == 1
