"""Amounts that senders write: what no CRM could mean is refused in one line, at once, whatever it would cost to write it out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from marshmallow import ValidationError, fields

from schemas import generic, hubspot, shopify, stripe, typeform, upsales_events, woocommerce
from schemas.wire import Amount, Payload
from worker.sdk.mapping import money, rounded
from worker.sdk.mapping.values import summary
from worker.sync.wire import to_wire

IMPLAUSIBLE = [
    "1e999999999",
    "-1e999999999",
    "1e-999999999",
    "0e999999999",
    "0e-999999999",
    "1e999999999999999999999",
    "1000000000001",
    "-1000000000001",
    "9" * 4000,
    "1." + "0" * 4000,
    "NaN",
    "sNaN",
    "-Infinity",
    "tolv",
    "",
]
PLAUSIBLE = ["0", "0.00", "-0", "1895.50", "1e12", "-1000000000000", "12.333333333333333333", "1E+3", "1e-30"]


@pytest.mark.parametrize("text", IMPLAUSIBLE, ids=lambda text: text[:24])
def test_implausible_amount_is_one_clear_reason(text: str) -> None:
    for read in (Amount().deserialize, money):
        if text or read is not money:
            with pytest.raises(ValidationError) as refused:
                read(text)
            assert len(refused.value.messages) == 1


@pytest.mark.parametrize("text", PLAUSIBLE)
def test_plausible_amount_is_kept_to_the_digit_and_can_be_sent(text: str) -> None:
    amount = Amount().deserialize(text)

    assert str(amount) == str(Decimal(text))
    assert money(text) == amount
    assert float(to_wire(amount, lambda _: 0)) == float(amount)
    assert len(summary({"belopp": rounded(amount)})) < 40


def test_every_decimal_that_a_sender_may_write_is_bounded() -> None:
    modules = (generic, hubspot, shopify, stripe, typeform, upsales_events, woocommerce)
    schemas = {kind for module in modules for kind in vars(module).values() if _is_schema(kind)}
    decimals = {
        f"{schema.__name__}.{name}": field
        for schema in schemas
        for name, field in schema._declared_fields.items()
        if isinstance(field, fields.Decimal)
    }

    assert len(decimals) > 10
    for name, field in decimals.items():
        for text in ("1e999999999", "-1e999999999", "1e-999999999", "0e999999999"):
            with pytest.raises(ValidationError):
                pytest.fail(f"{name} takes {text} for {field.deserialize(text)!r}")


def _is_schema(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Payload)
