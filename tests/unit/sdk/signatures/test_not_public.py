"""A secret that a sender has published proves nothing, and whoever set it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.sdk.request import Request
from worker.sdk.signatures import NotPublic, Timestamp, UnusableSecret, flaw_of, senders
from worker.sdk.signatures.not_public import ZENDESK_TEST

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCHEME = NotPublic(senders.ZENDESK, ZENDESK_TEST, "is public")
REQUEST = Request("POST", "", (), b'{"id":"1"}')


def test_what_is_signed_with_it_is_refused_beside_a_secret_of_ones_own() -> None:
    signed = senders.ZENDESK.sign(REQUEST, ZENDESK_TEST, NOW)
    assert senders.ZENDESK.verify(signed, [ZENDESK_TEST], NOW) == 0
    assert SCHEME.verify(signed, [ZENDESK_TEST, "hemlig"], NOW) is None
    assert SCHEME.verify(signed, [f" {ZENDESK_TEST}"], NOW) is None


def test_a_secret_of_ones_own_counts_as_before() -> None:
    signed = SCHEME.sign(REQUEST, "hemlig", NOW)
    assert SCHEME.verify(signed, [ZENDESK_TEST, "hemlig"], NOW) == 1


def test_whoever_set_it_is_told() -> None:
    assert flaw_of(SCHEME, ZENDESK_TEST) == "is public"
    assert flaw_of(SCHEME, "hemlig") is None
    assert "header X-Zendesk-Webhook-Signature" in SCHEME.expects
    with pytest.raises(UnusableSecret, match="is public"):
        SCHEME.sign(REQUEST, ZENDESK_TEST, NOW)


def test_time_is_signed() -> None:
    assert any(isinstance(piece, Timestamp) for piece in senders.ZENDESK.signed)
