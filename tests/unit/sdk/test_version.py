"""The sender's own version is a number that can be compared exactly, or none; nothing that is sent raises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.connectors.shopify import connector as shopify
from worker.sdk.connector import Incoming
from worker.sdk.read import parts, read
from worker.sdk.request import Request
from worker.sdk.version import comparable, version_of


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("42", "42"),
        (" 42 ", "42"),
        ("-1.50", "-1.5"),
        ("9007199254740993", "9007199254740993"),
        ("2026-11-23T09:00:00Z", "1795424400"),
        ("2026-11-23T09:00:00.900000001Z", "1795424400.900000001"),
        ("2026-11-23T10:00:00.9+01:00", "1795424400.9"),
        ("2026-11-23 09:00:00", "1795424400"),
        ("0001-01-01T00:00:00.5Z", "-62135596799.5"),
    ],
)
def test_a_version_is_read_exactly(text: str, version: str) -> None:
    assert comparable(text) == Decimal(version)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "å", "NaN", "Infinity", "1e999999", "1_000", "٣", "0x10", "1" * 41, "2026-11-23", "2026-13-01T00:00:00Z",
        "2026-11-23T09:00:0012", "2026-11-23T09:00:00.Z", "2026-11-23T09:00:00å", "0001-01-01T00:00:00+23:59:59.9999999",
    ],
)  # fmt: skip
def test_what_is_no_version_is_none(text: str | None) -> None:
    assert comparable(text) is None


@example("9999-12-31T23:59:59-23:59")
@example("0001-01-01T00:00:00+23:59")
@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", fullmatch=True))
def test_no_text_raises_and_every_version_can_be_compared(text: str) -> None:
    version = comparable(text)
    assert version is None or version < Decimal("1e41")


def test_a_header_tells_it_at_the_door_and_when_the_event_is_planned() -> None:
    headers = (("x-shopify-topic", "orders/paid"), ("x-shopify-triggered-at", "2026-11-23T09:00:00.900000001Z"))
    request = Request("POST", "https://relay.example/webhooks/shop", headers, b'{"id": 1}')
    (reading,) = read(shopify, request)
    (part,) = parts(shopify, request)
    assert reading.version == Decimal("1795424400.900000001")
    assert version_of(shopify.handles["orders/paid"], part) == reading.version


def test_a_connector_that_raises_tells_none() -> None:
    rule = shopify.handles["orders/paid"]

    def version(_: Incoming) -> str:
        raise RuntimeError("åh nej")

    request = Request("POST", "https://relay.example/webhooks/shop", (), b"{}")
    broken = type(rule)(rule.schema, rule.plan, rule.subject, rule.time, version=version)
    assert version_of(broken, Incoming(request, {})) is None
