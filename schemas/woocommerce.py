"""Describes WooCommerce's webhooks as far as we use them.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from schemas.wire import ByTopic, Extras, Id, Many, Money, One, Passing, Payload, Text, Words

LEAST, MOST = Decimal("0.0001"), Decimal(10**9)


AN_ORDER = dict.fromkeys(("line_items", "order_key"), "an order")
A_CUSTOMER = dict.fromkeys(("username", "is_paying_customer"), "a customer")
A_PRODUCT = dict.fromkeys(("regular_price", "stock_status", "sku"), "a product")
A_COUPON = dict.fromkeys(("discount_type", "usage_count"), "a coupon")
"""Fields by which a body of one kind is known."""


class ShopTime(Passing, fields.NaiveDateTime):
    """A time in the shop's own zone, which is not told; blank is none."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)


def countable(quantity: Decimal) -> None:
    if quantity and not LEAST <= abs(quantity) <= MOST:
        raise ValidationError("Not a plausible quantity.")


class Address(Payload):
    first_name = Words()
    last_name = Words()
    company = Words()
    address_1 = Words()
    address_2 = Words()
    city = Words()
    state = Words()
    postcode = Words()
    country = Words()
    email = Words()
    phone = Words()


class Meta(Payload):
    """What plugins add; the value may be anything."""

    key = Words()
    value = fields.Raw()


class Gone(ByTopic):
    """An id and nothing else."""

    foreign = AN_ORDER | A_CUSTOMER | A_PRODUCT | A_COUPON

    id = Id(required=True)


class Customer(ByTopic):
    foreign = AN_ORDER | A_PRODUCT | A_COUPON

    id = Id(required=True)
    email = Words()
    first_name = Words()
    last_name = Words()
    role = Text()
    billing = One(Address)
    shipping = One(Address)
    meta_data = Extras(Meta)


class Fee(Payload):
    """`total` is without tax, after discounts."""

    name = Words()
    id = Id(required=True)
    total = Money(required=True)
    total_tax = Money()


class Line(Fee):
    """`subtotal` is what it would have been without discounts."""

    sku = Words()
    quantity = Money(required=True, validate=countable)
    subtotal = Money()
    subtotal_tax = Money()


class Shipping(Fee):
    method_title = Words()


class Coupon(Payload):
    code = Words()


class Refund(Payload):
    """`total` is negative, and holds the tax that newer versions tell apart."""

    id = Id(required=True)
    total = Money(required=True)
    total_tax = Money()


class Order(ByTopic):
    foreign = A_CUSTOMER | A_PRODUCT | A_COUPON

    id = Id(required=True)
    number = Words()
    status = Text()
    currency = Text()
    date_created = ShopTime()
    customer_id = Id()
    customer_note = Words()
    payment_method_title = Words()
    total = Money()
    total_tax = Money()
    billing = One(Address)
    shipping = One(Address)
    line_items = Many(Line, required=True)
    shipping_lines = Many(Shipping)
    fee_lines = Many(Fee)
    coupon_lines = Extras(Coupon)
    refunds = Many(Refund)
    meta_data = Extras(Meta)
