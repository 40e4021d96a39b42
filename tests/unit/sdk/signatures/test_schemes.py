"""Single schemes do more than what all of them do."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.signature_cases import BODY, NOW, SENDGRID_PRIVATE, SENDGRID_PUBLIC, URL, WHPK, WHSEC, WHSK
from worker.sdk.request import Request
from worker.sdk.signatures import (
    AnyOf,
    Basic,
    BodyField,
    BodySignature,
    Field,
    Hmac,
    HmacSha256,
    Mandrill,
    Scheme,
    SendGrid,
    StandardWebhooks,
    StaticHeader,
    Timestamp,
    Timestamped,
    UnusableSecret,
    UrlToken,
    body,
    expected,
    method,
    senders,
)

POST = Request("POST", URL, (), BODY)
STANDARD = StandardWebhooks()


def with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers=(*(pair for pair in request.headers if pair[0] != name), (name, value)))


def test_standard_webhooks_find_the_valid_signature_among_garbage() -> None:
    signed = STANDARD.sign(POST, WHSEC, NOW)
    signature = signed.header("webhook-signature")

    for header in (
        f"garbage {signature}",
        f"{signature} garbage",
        f"v1 v1, v1,å,ä  v1a,AAAA v2,x {signature} v1,AAAA",
        f"{'v1,AAAA ' * 50}{signature}",
    ):
        assert STANDARD.verify(with_header(signed, "webhook-signature", header), [WHSEC], NOW) == 0, header
    assert STANDARD.verify(with_header(signed, "webhook-signature", f"v1,{signature}"), [WHSEC], NOW) is None


def test_standard_webhooks_take_asymmetric_signatures_by_the_public_key() -> None:
    signed = STANDARD.sign(POST, WHSK, NOW)

    assert (signed.header("webhook-signature") or "").startswith("v1a,")
    assert STANDARD.verify(signed, [WHSEC, WHPK], NOW) == 1
    assert STANDARD.verify(signed, [WHSK], NOW) == 0
    assert STANDARD.verify(replace(signed, body=b"{}"), [WHPK], NOW) is None


def test_standard_webhooks_take_one_spelling_of_an_asymmetric_signature() -> None:
    """The last four bits of base64 of 64 bytes mean nothing; a decoder that doesn't look at them takes 16 spellings."""
    signed = STANDARD.sign(POST, WHSK, NOW)
    signature = signed.header("webhook-signature") or ""
    respelled = signature[:-3] + chr(ord(signature[-3]) + 1) + "=="

    assert base64.b64decode(respelled[4:]) == base64.b64decode(signature[4:])
    assert STANDARD.verify(with_header(signed, "webhook-signature", respelled), [WHPK], NOW) is None


def test_standard_webhooks_take_a_private_key_with_its_public_key_behind_it() -> None:
    both = "whsk_" + base64.b64encode(b"\x07" * 32 + base64.b64decode(WHPK.removeprefix("whpk_"))).decode()

    assert STANDARD.verify(STANDARD.sign(POST, both, NOW), [WHPK], NOW) == 0


def test_standard_webhooks_check_no_more_asymmetric_signatures_than_a_rotation_needs() -> None:
    signed = STANDARD.sign(POST, WHSK, NOW)
    signature = signed.header("webhook-signature") or ""
    forged = f"v1a,{base64.b64encode(bytes(64)).decode()}"

    assert STANDARD.verify(with_header(signed, "webhook-signature", f"{forged} " * 15 + signature), [WHPK], NOW) == 0
    assert STANDARD.verify(with_header(signed, "webhook-signature", f"{forged} " * 16 + signature), [WHPK], NOW) is None


def test_standard_webhooks_do_not_mix_key_kinds() -> None:
    """A public key is known to others: it must not pass for an HMAC key."""
    public = base64.b64decode(WHPK.removeprefix("whpk_"))
    signed = STANDARD.sign(POST, "whsec_" + base64.b64encode(public).decode(), NOW)

    assert STANDARD.verify(signed, [WHPK], NOW) is None


def test_standard_webhooks_take_a_secret_without_prefix_or_padding() -> None:
    signed = STANDARD.sign(POST, "whsec_YWJjZA==", NOW)

    assert STANDARD.verify(signed, ["YWJjZA", "whsec_YWJjZA", "YWJjZA=="], NOW) == 0
    assert STANDARD.verify(signed, ["whsec_YWJjZA"], NOW) == 0


def test_standard_webhooks_refuse_two_ids_that_differ() -> None:
    """Else a captured request could be sent again under an id that nobody signed."""
    signed = STANDARD.sign(with_header(POST, "webhook-id", "msg_å"), WHSEC, NOW)
    headers = dict(signed.headers)

    assert STANDARD.verify(with_header(signed, "svix-id", headers["webhook-id"]), [WHSEC], NOW) == 0
    for number in range(8):
        assert STANDARD.verify(with_header(signed, "svix-id", f"msg_{number}"), [WHSEC], NOW) is None


def test_standard_webhooks_keep_the_id_a_request_has_and_else_make_one_of_the_body() -> None:
    assert STANDARD.sign(with_header(POST, "webhook-id", "msg_7"), WHSEC, NOW).header("webhook-id") == "msg_7"
    assert STANDARD.sign(POST, WHSEC, NOW).header("webhook-id") == STANDARD.sign(POST, WHSEC, NOW).header("webhook-id")
    assert StandardWebhooks(sent_as="svix").sign(with_header(POST, "webhook-id", "msg_7"), WHSEC, NOW).headers[0] == (
        "svix-id",
        "msg_7",
    )


@pytest.mark.parametrize("secret", ["whsec_", "whsec_å", "whsec_YW-_", WHPK, "whsk_YWJjZA==", "whsk_å", ""])
def test_standard_webhooks_say_that_a_secret_can_not_sign_without_showing_it(secret: str) -> None:
    with pytest.raises(UnusableSecret) as caught:
        STANDARD.sign(POST, secret, NOW)
    assert len(secret) <= len("whsec_") or secret not in str(caught.value)


@pytest.mark.parametrize("secret", ["whsec_", "whpk_", "whsk_", "=", "whsec_==", "whpk_AAAA"])
def test_standard_webhooks_refuse_a_key_without_bytes(secret: str) -> None:
    """As anybody could sign with the empty key."""
    signed = STANDARD.sign(POST, WHSEC, NOW)
    content = f"{signed.header('webhook-id')}.1700000000.".encode() + BODY
    forged = "v1," + base64.b64encode(hmac.digest(b"", content, "sha256")).decode()

    assert STANDARD.verify(with_header(signed, "webhook-signature", forged), [secret], NOW) is None


def test_timestamped_takes_any_of_several_signatures() -> None:
    scheme = Timestamped("Stripe-Signature")
    signed = scheme.sign(POST, "hemlig", NOW)
    time, _, signature = (signed.header("stripe-signature") or "").partition(",")

    for header in (
        f"{time},v1={'0' * 64},{signature}",
        f"{time},{signature},v1=",
        f"{signature},v0=å,{time},=,v1,nonsense",
    ):
        assert scheme.verify(with_header(signed, "stripe-signature", header), ["hemlig"], NOW) == 0, header
    for header in (
        f"{time},{time},{signature}",
        f"t=1,{time},{signature}",
        f"{time},v0={signature[3:]}",
        signature,
        time,
    ):
        assert scheme.verify(with_header(signed, "stripe-signature", header), ["hemlig"], NOW) is None, header


def test_hmac_is_composed_of_pieces() -> None:
    scheme = Hmac(
        header="X-Sign",
        prefix="s:",
        digest="sha512",
        encoding="base64",
        signed=(method, "\n", Timestamp("X-Time", "ms", timedelta(seconds=10)), "|å|", Field("a.b"), body),
    )
    request = replace(POST, body='{"a": {"b": "ö"}}'.encode())
    signed = scheme.sign(request, "ä", NOW)
    by_hand = "POST\n1700000000000|å|ö".encode() + request.body

    assert signed.header("x-time") == "1700000000000"
    assert signed.header("x-sign") == "s:" + base64.b64encode(hmac.digest("ä".encode(), by_hand, "sha512")).decode()
    assert scheme.verify(signed, ["ä"], NOW + timedelta(seconds=10)) == 0
    assert scheme.verify(signed, ["ä"], NOW + timedelta(seconds=11)) is None
    assert scheme.verify(replace(signed, method="PUT"), ["ä"], NOW) is None


@pytest.mark.parametrize(
    "bad", [b"", b"{}", b'{"a": 1}', b'{"a": {"b": true}}', b'{"a": {"b": 1.5}}', b"[" * 100_000, b"\xff"]
)
def test_a_signed_field_that_is_missing_can_be_neither_verified_nor_signed(bad: bytes) -> None:
    scheme = Hmac(header="X-Sign", signed=(Field("a.b"),))
    request = with_header(replace(POST, body=bad), "x-sign", "00")

    assert scheme.verify(request, ["hemlig"], NOW) is None
    with pytest.raises(ValueError, match="its body lacks a field"):
        scheme.sign(request, "hemlig", NOW)


def test_rfc_3339_timestamps_may_have_fractions_and_offsets() -> None:
    time = Timestamp("X-Time", "rfc3339")

    for text in ("2023-11-14T22:13:20Z", "2023-11-14T22:13:20.123456Z", "2023-11-14T23:13:20+01:00"):
        assert time(with_header(POST, "x-time", text), NOW) == text.encode()
    assert time(with_header(POST, "x-time", "2023-11-14T22:13:20+01:00"), NOW) is None
    assert time.stamp(POST, NOW.astimezone(UTC)).header("x-time") == "2023-11-14T22:13:20Z"


def test_sendgrid_verifies_by_the_public_key_and_signs_by_the_private_one() -> None:
    signed = SendGrid().sign(POST, SENDGRID_PRIVATE, NOW)

    assert SendGrid().verify(signed, ["nonsense", SENDGRID_PUBLIC], NOW) == 1
    with pytest.raises(UnusableSecret, match="private key"):
        SendGrid().sign(POST, SENDGRID_PUBLIC, NOW)


def test_sendgrid_takes_no_key_of_another_curve() -> None:
    other = derive_private_key(7, SECP384R1())
    private = base64.b64encode(other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    public = base64.b64encode(other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    by_other = base64.b64encode(other.sign(b"1700000000" + BODY, ECDSA(SHA256()))).decode()
    signed = with_header(
        SendGrid().sign(POST, SENDGRID_PRIVATE, NOW), "x-twilio-email-event-webhook-signature", by_other
    )

    assert SendGrid().verify(signed, [public, private], NOW) is None
    with pytest.raises(UnusableSecret, match="P-256"):
        SendGrid().sign(POST, private, NOW)


def test_mandrill_signs_fields_in_the_order_of_their_names_whatever_their_order_and_escapes() -> None:
    first = Mandrill().sign(replace(POST, body=b"b=2&a=%C3%85sa&c="), "hemlig", NOW)

    for same in (b"a=\xc3\x85sa&c=&b=2", b"c=&b=2&a=%c3%85s%61"):
        assert Mandrill().verify(replace(first, body=same), ["hemlig"], NOW) == 0, same
    for other in (b"a=\xc5sa&c=&b=2", b"b=2&a=%C3%85sa", b"b=2&a=%C3%85sa&c=&d"):
        assert Mandrill().verify(replace(first, body=other), ["hemlig"], NOW) is None, other


def test_mandrill_signs_the_url_as_it_stands_there() -> None:
    there = "https://hooks.example.com/in/mandrill"
    signed = Mandrill(there).sign(replace(POST, body=b"a=1"), "hemlig", NOW)

    assert Mandrill().verify(replace(signed, url=there), ["hemlig"], NOW) == 0
    assert Mandrill().verify(signed, ["hemlig"], NOW) is None


def test_basic_takes_the_scheme_in_any_case_and_passwords_with_colons() -> None:
    signed = Basic().sign(POST, "åsa:lö:sen", NOW)
    credentials = (signed.header("authorization") or "").removeprefix("Basic ")

    assert Basic().verify(with_header(signed, "authorization", f"basic {credentials}"), ["åsa:lö:sen"], NOW) == 0
    assert Basic().verify(with_header(signed, "authorization", f"Bearer {credentials}"), ["åsa:lö:sen"], NOW) is None
    assert Basic().verify(with_header(signed, "authorization", "Basic"), ["åsa:lö:sen"], NOW) is None


def test_basic_needs_a_user_and_a_password() -> None:
    no_colon = with_header(POST, "authorization", "Basic " + base64.b64encode(b"hemlig").decode())

    assert Basic().verify(no_colon, ["hemlig"], NOW) is None
    with pytest.raises(UnusableSecret, match="user:password"):
        Basic().sign(POST, "hemlig", NOW)


def test_a_static_header_carries_its_secret_as_utf_8() -> None:
    signed = StaticHeader("X-Api-Key").sign(POST, "å", NOW)

    assert signed.header("x-api-key") == "å".encode().decode("latin-1")
    assert StaticHeader("X-Api-Key").verify(with_header(POST, "x-api-key", "å"), ["å"], NOW) is None


def test_a_url_token_is_the_last_segment_of_the_path() -> None:
    signed = UrlToken().sign(POST, "å/b", NOW)

    assert signed.url == "https://hooks.example.com/webhooks/kund/%C3%A5%2Fb?namn=%C3%85sa&ref=a%2Fb"
    assert signed.token == "å/b"
    assert (
        UrlToken().sign(signed, "ny", NOW).url == "https://hooks.example.com/webhooks/kund/ny?namn=%C3%85sa&ref=a%2Fb"
    )


def test_a_body_field_may_be_nested() -> None:
    scheme = BodyField("auth.key")

    assert scheme.verify(replace(POST, body='{"auth": {"key": "å"}}'.encode()), ["ä", "å"], NOW) == 1
    assert scheme.sign(replace(POST, body=b'{"auth": {}}'), "å", NOW).body == b'{"auth": {"key": "\\u00e5"}}'


@pytest.mark.parametrize("bad", [b"", b"[]", b"{}", b'{"auth": 1}', b"null", b"\xff\xfe"])
def test_a_body_that_can_not_carry_a_field_is_not_signed(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"can't carry auth\.key"):
        BodyField("auth.key").sign(replace(POST, body=bad), "å", NOW)


def test_a_body_signature_covers_its_field_alone() -> None:
    scheme = BodySignature(signed="callback_id")
    signed = scheme.sign(replace(POST, body=b'{"callback_id": "1", "event": "a"}'), "hemlig", NOW)

    assert scheme.verify(replace(signed, body=signed.body.replace(b'"a"', b'"b"')), ["hemlig"], NOW) == 0
    assert scheme.verify(replace(signed, body=signed.body.replace(b'"1"', b'"2"')), ["hemlig"], NOW) is None
    with pytest.raises(ValueError, match="lacks callback_id"):
        scheme.sign(POST, "hemlig", NOW)


def test_any_of_takes_either_scheme_and_signs_by_the_first() -> None:
    scheme = AnyOf((HmacSha256("X-New"), HmacSha256("X-Old", encoding="base64")))

    assert scheme.verify(HmacSha256("X-Old", encoding="base64").sign(POST, "b", NOW), ["a", "b"], NOW) == 1
    assert scheme.sign(POST, "a", NOW).header("x-new") is not None
    assert AnyOf(()).verify(POST, ["a"], NOW) is None
    assert scheme.needs_secret


def test_the_clock_may_be_in_any_zone() -> None:
    signed = STANDARD.sign(POST, WHSEC, NOW)

    assert STANDARD.verify(signed, [WHSEC], NOW.astimezone()) == 0
    assert STANDARD.verify(signed, [WHSEC], datetime.max.replace(tzinfo=UTC)) is None


@pytest.mark.parametrize("given", ["Bearer s3cret", "bearer s3cret", "BEARER s3cret", "bEaReR   s3cret"])
def test_the_name_of_an_authentication_scheme_has_no_case(given: str) -> None:
    scheme = StaticHeader("Authorization", prefix="Bearer ")

    assert scheme.verify(with_header(POST, "authorization", given), ["s3cret"], NOW) == 0


@pytest.mark.parametrize(
    "given", ["Bearers3cret", "bearer S3CRET", "bearer", "basic s3cret", "s3cret", " bearer s3cret"]
)
def test_all_but_its_case_counts(given: str) -> None:
    scheme = StaticHeader("Authorization", prefix="Bearer ")

    assert scheme.verify(with_header(POST, "authorization", given), ["s3cret"], NOW) is None


def test_a_prefix_that_names_no_authentication_scheme_has_a_case() -> None:
    assert StaticHeader("X-Key", prefix="Key=").verify(with_header(POST, "x-key", "key=s"), ["s"], NOW) is None


@pytest.mark.parametrize(
    ("scheme", "place"),
    [
        (StaticHeader("Authorization", prefix="Bearer "), "Authorization: Bearer"),
        (StaticHeader("X-Api-Key"), "X-Api-Key"),
        (UrlToken(), "URL's path"),
        (BodyField("google_key"), "google_key"),
        (Basic(), "Basic"),
        (senders.SHOPIFY, "X-Shopify-Hmac-Sha256"),
        (senders.STRIPE, "Stripe-Signature"),
        (senders.ONEFLOW, "signature"),
        (senders.MANDRILL, "X-Mandrill-Signature"),
        (senders.SENDGRID, "X-Twilio-Email-Event-Webhook-Signature"),
        (senders.SVIX, "svix-signature"),
        (AnyOf((senders.STRIPE, UrlToken())), "Stripe-Signature, or the secret as the last part"),
    ],
)
def test_a_scheme_tells_where_it_looks_for_the_proof(scheme: Scheme, place: str) -> None:
    assert place in expected(scheme)
