"""What the relay says to Fortnox's stream, and what it makes of what is told there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schemas.fortnox import Invoice
from worker.connectors.fortnox import connector
from worker.connectors.fortnox.amounts import rows
from worker.connectors.fortnox.invoices import left
from worker.connectors.fortnox.settings import Settings
from worker.connectors.fortnox.source import written
from worker.connectors.fortnox.stream import STREAM, on_message, opening, topics
from worker.sdk.event_time import instant
from worker.sdk.mapping.rows import sum_of
from worker.sdk.stream import NOTHING, Heard, Session, Tenant

SETTINGS = Settings(owner="asa.oberg@example.com", fallback_product="ÖVRIGT")
SESSION = Session(
    settings=SETTINGS,
    topics=("customers", "invoices"),
    offsets={"invoices": "xDy7J"},
    tenants=(Tenant("a", {"Authorization": "Bearer ett"}), Tenant("b", {"Authorization": "Bearer två"})),
    token="klient:hem:lig",
)


def test_each_tenant_is_added_by_itself_and_each_topic_goes_on_from_its_offset() -> None:
    commands = opening(SESSION)
    assert [(each.message, each.answered, each.tenant) for each in commands] == [
        (
            {"command": "add-tenants-v1", "clientSecret": "hem:lig", "accessTokens": ["Bearer ett"]},
            "add-tenants-v1",
            "a",
        ),
        (
            {"command": "add-tenants-v1", "clientSecret": "hem:lig", "accessTokens": ["Bearer två"]},
            "add-tenants-v1",
            "b",
        ),
        (
            {"command": "add-topics-v1", "topics": [{"topic": "customers"}, {"topic": "invoices", "offset": "xDy7J"}]},
            "add-topics-v1",
            "",
        ),
        ({"command": "subscribe-v1"}, "subscribe-v1", ""),
    ]


def test_tokens_are_told_anew_before_any_ends() -> None:
    """One of an hour is replaced after nine tenths of it at the latest."""
    assert STREAM.renewing is not None
    assert [each.tenant for each in STREAM.renewing(SESSION)] == ["a", "b"]
    assert STREAM.renew_every is not None
    assert 3600 * 0.9 + STREAM.renew_every < 3600


REFUSED = "not in the scopes or the customer's licence"


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (
            {"topic": "invoices", "offset": "xDy7J", "type": "invoice-created-v1"},
            Heard(events=True, offsets={"invoices": "xDy7J"}),
        ),
        ({"topic": "orders", "offset": 10432}, Heard(events=True, offsets={"orders": "10432"})),
        (
            {"response": "add-tenants-v1", "result": "ok", "tenantIds": {"Bearer ett": 29302}},
            Heard(answers="add-tenants-v1"),
        ),
        ({"response": "subscribe", "result": "ok"}, Heard(answers="subscribe-v1")),
        (
            {"response": "add-tenants-v1", "result": "error", "invalidTokens": ["Bearer två"]},
            Heard(answers="add-tenants-v1", trouble="token", why="Fortnox does not know the token"),
        ),
        (
            {"response": "add-topics-v1", "result": "error", "invalidTopics": ["orders"]},
            Heard(answers="add-topics-v1", refused={"orders": REFUSED}),
        ),
        (
            {"response": "add-topics-v1", "invalidTopics": [{"topic": "offers"}, None]},
            Heard(answers="add-topics-v1", refused={"offers": REFUSED}),
        ),
        (
            {"response": "subscribe-v1", "result": "error"},
            Heard(answers="subscribe-v1", trouble="again", why="Fortnox did not accept subscribe-v1"),
        ),
        ({"hello": "world"}, NOTHING),
        ([], NOTHING),
        ({"topic": None, "offset": {}}, NOTHING),
    ],
)
def test_a_message_is_understood(message: Any, heard: Heard) -> None:
    assert on_message(message) == heard


def test_what_is_left_out_is_not_listened_to() -> None:
    chosen = Settings(owner="asa.oberg@example.com", fallback_product="ÖVRIGT", without=("offers", "orders"))
    assert topics(chosen) == ["customers", "invoices", "articles"]


def test_every_type_that_is_handled_belongs_to_a_topic() -> None:
    kinds = {name.partition("-")[0] for name in connector.handles}
    assert kinds == {"customer", "offer", "order", "invoice", "invoicepayment", "reminder", "article"}


def test_a_moment_is_written_as_utc_to_the_minute() -> None:
    moment = instant("2026-07-01T09:15:59+02:00")
    assert moment is not None
    assert written(moment) == "2026-07-01 07:15"


def invoice(**fields: Any) -> Any:
    given = {"DocumentNumber": "103", "Credit": "false", **fields}
    return Invoice().load(given)


@pytest.mark.parametrize("decimals", [0, 2, 4])
@pytest.mark.parametrize("quantity", ["1", "3", "7", "0.25"])
def test_rows_come_to_the_total_to_the_cent(quantity: str, decimals: int) -> None:
    settings = Settings(owner="asa.oberg@example.com", fallback_product="ÖVRIGT", price_decimals=decimals)
    line = {"RowId": 1, "ArticleNumber": "A", "DeliveredQuantity": quantity, "Price": "99.99", "VAT": 25}
    said = invoice(
        Total="1251",
        TotalVAT="250.03",
        RoundOff="0.37",
        InvoiceRows=[{**line, "Total": "333.33"}, {**line, "RowId": 2, "Total": "667.27"}],
    )
    assert sum_of(rows("Invoice", said, settings)) == Decimal("1000.60").quantize(Decimal(1).scaleb(-decimals))


def test_what_is_credited_is_taken_off_whatever_sign_its_rows_have() -> None:
    line = {"RowId": 1, "ArticleNumber": "A", "DeliveredQuantity": "2", "Price": "500", "Total": "1000", "VAT": 25}
    debit = invoice(Total="1250", TotalVAT="250", InvoiceRows=[line])
    for sign in ("", "-"):
        part = invoice(
            Credit="true", DocumentNumber="104", Total=f"{sign}250", TotalVAT=f"{sign}50",
            InvoiceRows=[{**line, "DeliveredQuantity": f"{sign}0.4", "Total": f"{sign}200"}],
        )  # fmt: skip
        found, lost = left(debit, part, SETTINGS)
        assert (sum_of(found), lost) == (Decimal(800), False)
    whole = invoice(Credit="true", DocumentNumber="105", Total="-1250", TotalVAT="-250", InvoiceRows=[])
    found, lost = left(debit, whole, SETTINGS)
    assert (sum_of(found), lost) == (Decimal(1000), True)
