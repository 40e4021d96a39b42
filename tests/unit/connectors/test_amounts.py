"""The law of amounts: the rows of an order come to what the buyer paid, with or without tax, whichever shop tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.connectors import shopify, stripe, woocommerce
from worker.plan import Row, Upsert
from worker.sdk.connector import Connector, Event
from worker.sdk.mapping import rounded
from worker.sdk.mapping.rows import sum_of
from worker.sdk.route import plan_event
from worker.sdk.settings import load_settings

Json: TypeAlias = dict[str, Any]

CENT = Decimal("0.01")
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "0.06", "0.12", "0.25")])
PRICES = st.integers(0, 2_000_00).map(lambda minor: Decimal(minor) / 100)
PIECES = st.integers(1, 12)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def tax_in(amount: Decimal, rate: Decimal) -> Decimal:
    return cents(amount * rate / (1 + rate))


def planned(connector: Connector, event_type: str, payload: Json, **settings: Any) -> Upsert:
    """The order of the plan."""
    needed = {"owner": "asa.oberg@example.com", "fallback_product": "ÖVRIGT"}
    loaded: Any = load_settings(connector.settings, {**needed, **settings}, "[connections.x]")
    time = datetime(2026, 3, 2, 12, tzinfo=UTC)
    event = Event(id="e", type=event_type, subject="order:1", time=time, payload=payload, connection="x")
    plan = plan_event(connector, loaded, event)
    assert isinstance(plan, tuple)
    (order,) = (each for each in plan if each.key.resource == "order")
    return order


def rows_of(order: Upsert) -> list[Row]:
    rows = order.set["orderRow"]
    assert isinstance(rows, tuple)
    return [row for row in rows if isinstance(row, Row)]


def comes_to(order: Upsert, expected: Decimal, decimals: int) -> None:
    rows = rows_of(order)
    assert abs(sum_of(rows) - rounded(expected, decimals)) <= len(rows) * Decimal("0.5").scaleb(-decimals)
    # Each shop tells its total, so that what single rows lose is a row of its own.
    assert sum_of(rows) == rounded(expected, decimals)


SETTINGS = st.fixed_dictionaries(
    {"include_tax": st.booleans(), "price_decimals": st.sampled_from([0, 2, 4])},
    optional={"shipping_product": st.just("FRAKT")},
)


@st.composite
def shopify_orders(draw: st.DrawFn) -> tuple[Json, Decimal, Decimal, Decimal]:
    """An order; its total, its tax, and its shipping with tax."""
    included, rate = draw(st.booleans()), draw(RATES)
    total = taxes = shipped = Decimal()

    def line(number: int, price: Decimal, pieces: int, off: Decimal) -> Json:
        nonlocal total, taxes
        worth = price * pieces - off
        tax = tax_in(worth, rate) if included else cents(worth * rate)
        total += worth if included else worth + tax
        taxes += tax
        return {
            "id": number,
            "name": f"Vara {number}",
            "quantity": pieces,
            "price": str(price),
            "tax_lines": [{"price": str(tax), "rate": str(rate)}],
            "discount_allocations": [{"amount": str(off)}],
        }

    lines = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        price, pieces = draw(PRICES), draw(PIECES)
        lines.append(line(number, price, pieces, draw(st.integers(0, int(price * pieces * 100))) * CENT))
    parcels = []
    if draw(st.booleans()):
        before = total
        parcels.append(line(99, draw(PRICES), 1, Decimal()))
        shipped = total - before
    unspread, duties, fees, tip = (draw(st.one_of(st.just(Decimal()), PRICES)) for _ in range(4))
    unspread = min(unspread, total - shipped)
    total += duties + fees + tip - unspread
    order = {
        "id": 1,
        "name": "#1",
        "financial_status": "paid",
        "currency": "SEK",
        "taxes_included": included,
        "line_items": lines,
        "shipping_lines": parcels,
        "total_discounts": str(unspread + sum(Decimal(each["discount_allocations"][0]["amount"]) for each in lines)),
        "total_tip_received": str(tip),
        "current_total_duties_set": {"shop_money": {"amount": str(duties)}},
        "current_total_additional_fees_set": {"shop_money": {"amount": str(fees)}},
        draw(st.sampled_from(["total_price", "current_total_price"])): str(total),
        draw(st.sampled_from(["total_tax", "current_total_tax"])): str(taxes),
    }
    return order, total, taxes, shipped


@given(shopify_orders(), SETTINGS)
def test_order_of_shopify_comes_to_what_was_paid(made: tuple[Json, Decimal, Decimal, Decimal], said: Json) -> None:
    order, total, taxes, shipped = made
    parcel = order["shipping_lines"][0] if order["shipping_lines"] else None
    shipping_tax = Decimal(parcel["tax_lines"][0]["price"]) if parcel else Decimal()
    expected = total if said["include_tax"] else total - taxes
    if "shipping_product" not in said:
        expected -= shipped if said["include_tax"] else shipped - shipping_tax
    comes_to(planned(shopify.connector, "orders/create", order, **said), expected, said["price_decimals"])


@given(shopify_orders(), SETTINGS, st.data())
def test_money_that_shopify_gives_back_without_goods_is_taken_off(
    made: tuple[Json, Decimal, Decimal, Decimal], said: Json, data: st.DataObject
) -> None:
    order, total, taxes, shipped = made
    back = data.draw(st.integers(0, int((total - shipped) * 100) // 2)) * CENT
    whole = planned(shopify.connector, "orders/create", order, **said)
    refunded = {
        **order,
        "total_price": str(total),
        "total_tax": str(taxes),
        "current_total_price": str(total - back),
        "current_total_tax": str(taxes),
        "financial_status": "partially_refunded",
        "refunds": [{"transactions": [{"kind": "refund", "status": "success", "amount": str(back)}]}],
    }
    left = planned(shopify.connector, "orders/updated", refunded, **said)
    lost = sum_of(rows_of(whole)) - sum_of(rows_of(left))
    assert abs(lost - back) <= Decimal(1).scaleb(-said["price_decimals"])


@st.composite
def woocommerce_orders(draw: st.DrawFn) -> Json:
    rate = draw(RATES)

    def line(number: int, **more: Any) -> Json:
        net = draw(PRICES)
        return {"id": number, "name": "Vara", "total": str(net), "total_tax": str(cents(net * rate)), **more}

    lines = [line(n, quantity=draw(PIECES), subtotal=str(draw(PRICES))) for n in range(1, draw(st.integers(1, 4)) + 1)]
    parcels = [line(80)] if draw(st.booleans()) else []
    fees = [line(90)] if draw(st.booleans()) else []
    every = [*lines, *parcels, *fees]
    net = sum((Decimal(each["total"]) for each in every), Decimal())
    tax = sum((Decimal(each["total_tax"]) for each in every), Decimal())
    # A shop may round its total to whole kronor, and plugins take off what no line says.
    adjusted = draw(st.sampled_from([Decimal(), Decimal("0.37"), Decimal("-0.50"), -min(net, Decimal(20))]))
    return {
        "id": 1,
        "number": "1",
        "status": "processing",
        "total": str(net + tax + adjusted),
        "total_tax": draw(st.sampled_from([str(tax), ""])),
        "line_items": lines,
        "shipping_lines": parcels,
        "fee_lines": fees,
    }


def sums(order: Json, groups: tuple[str, ...], *fields: str) -> Decimal:
    return sum((Decimal(line[field]) for group in groups for line in order[group] for field in fields), Decimal())


EVERY = ("line_items", "shipping_lines", "fee_lines")


def woocommerce_paid(order: Json, said: Mapping[str, Any]) -> Decimal:
    fields = ("total", "total_tax") if said["include_tax"] else ("total",)
    adjusted = Decimal(order["total"]) - sums(order, EVERY, "total", "total_tax")
    groups = EVERY if "shipping_product" in said else ("line_items", "fee_lines")
    return sums(order, groups, *fields) + adjusted


@given(woocommerce_orders(), SETTINGS)
def test_order_of_woocommerce_comes_to_what_was_paid(order: Json, said: Json) -> None:
    paid = woocommerce_paid(order, said)
    comes_to(planned(woocommerce.connector, "order.created", order, **said), paid, said["price_decimals"])


@given(woocommerce_orders(), st.sampled_from([{}, {"shipping_product": "FRAKT"}]), st.data())
def test_money_that_woocommerce_gives_back_is_taken_off_but_never_the_goods_for_the_shipping(
    order: Json, shipping: Json, data: st.DataObject
) -> None:
    said = {"include_tax": True, "price_decimals": 2, **shipping}
    goods = Decimal(order["total"]) - sums(order, ("shipping_lines",), "total", "total_tax")
    parcel = sums(order, ("shipping_lines",), "total", "total_tax")
    back = data.draw(st.integers(0, max(int(goods * 100) - 1, 0))) * CENT
    amounts = [each for each in (back if back != parcel else Decimal(), parcel) if each]
    order = {**order, "refunds": [{"id": n, "total": str(-each)} for n, each in enumerate(amounts)]}
    left = planned(woocommerce.connector, "order.updated", order, **said)
    taken = sum(amounts, Decimal()) if shipping else sum(amounts[: len(amounts) - bool(parcel)], Decimal())
    if woocommerce_paid(order, said) > taken:
        assert sum_of(rows_of(left)) == woocommerce_paid(order, said) - taken


@st.composite
def stripe_invoices(draw: st.DrawFn) -> tuple[Json, int, int]:
    """An invoice; its total and its tax, in the smallest unit."""
    inclusive, rate = draw(st.booleans()), draw(RATES)
    total = taxes = 0
    lines = []
    for number in range(draw(st.integers(1, 5))):
        full = draw(st.integers(1, 2_000_00))
        off = draw(st.integers(0, full - 1))
        left = Decimal(full - off) / 100
        tax = int((tax_in(left, rate) if inclusive else cents(left * rate)) * 100)
        total += full - off + (0 if inclusive else tax)
        taxes += tax
        behavior = "inclusive" if inclusive else "exclusive"
        lines.append(
            {
                "id": f"il_{number}",
                "amount": full,
                "quantity": draw(PIECES),
                "description": "Rad",
                "taxes": [{"amount": tax, "tax_behavior": behavior}],
                "discount_amounts": [{"amount": off}],
            }
        )
    unsaid = draw(st.integers(0, 500_00))
    credit = draw(st.integers(0, total - taxes - 1)) if total - taxes > 1 else 0
    invoice = {
        "id": "in_1",
        "currency": "sek",
        "customer": "cus_1",
        "customer_name": "Nord AB",
        "total": total + unsaid,
        "total_taxes": [{"amount": taxes}],
        "lines": {"data": lines},
        draw(st.sampled_from(["pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"])): credit,
    }
    return invoice, total + unsaid, taxes


@given(stripe_invoices(), st.booleans(), st.sampled_from([0, 2, 4]))
def test_invoice_of_stripe_comes_to_what_was_paid(made: tuple[Json, int, int], with_tax: bool, decimals: int) -> None:  # noqa: FBT001
    invoice, total, taxes = made
    off = sum(invoice.get(f"{when}_payment_credit_notes_amount", 0) for when in ("pre", "post"))
    paid = Decimal(total if with_tax else total - taxes) / 100
    expected = rounded(paid, decimals) - rounded(rounded(paid, decimals) * off / total, decimals)
    payload = {"livemode": True, "data": {"object": invoice}}
    if not rounded(paid, decimals) or expected <= 0:
        return
    order = planned(stripe.connector, "invoice.paid", payload, include_tax=with_tax, price_decimals=decimals)
    comes_to(order, expected, decimals)


@pytest.mark.parametrize("status", ["refunded", "voided", "expired"])
def test_lost_order_shows_what_was_left_when_it_was_lost(status: str) -> None:
    lines = [
        {"id": 1, "quantity": 2, "current_quantity": 1, "price": "80.00"},
        {"id": 2, "quantity": 1, "current_quantity": 0, "price": "300.00"},
    ]
    order = {"id": 1, "name": "#1", "financial_status": status, "line_items": lines, "current_total_price": "0.00"}
    assert sum_of(rows_of(planned(shopify.connector, "orders/updated", order))) == 80


def test_lost_order_whose_goods_came_back_shows_them_and_not_what_was_removed() -> None:
    lines = [
        {"id": 1, "quantity": 2, "current_quantity": 0, "price": "80.00"},
        {"id": 2, "quantity": 1, "current_quantity": 0, "price": "300.00"},
    ]
    order = {
        "id": 1,
        "name": "#1",
        "financial_status": "refunded",
        "line_items": lines,
        "current_total_price": "0.00",
        "refunds": [{"refund_line_items": [{"line_item_id": 1, "quantity": 2}]}],
    }
    assert sum_of(rows_of(planned(shopify.connector, "orders/updated", order))) == 160
