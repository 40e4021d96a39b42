"""Describes WooCommerce's webhooks as far as we use them.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from schemas.wire import Amount, ByTopic, Id, Payload, Text

LEAST, MOST = Decimal("0.0001"), Decimal(10**9)


AN_ORDER = dict.fromkeys(("line_items", "order_key"), "an order")
A_CUSTOMER = dict.fromkeys(("username", "is_paying_customer"), "a customer")
A_PRODUCT = dict.fromkeys(("regular_price", "stock_status", "sku"), "a product")
A_COUPON = dict.fromkeys(("discount_type", "usage_count"), "a coupon")
"""Fields by which a body of one kind is known."""


class ShopTime(fields.NaiveDateTime):
    """A time in the shop's own zone, which is not told; blank is none."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)


def countable(quantity: Decimal) -> None:
    if quantity and not LEAST <= abs(quantity) <= MOST:
        raise ValidationError("Not a plausible quantity.")


class Address(Payload):
    first_name = Text()
    last_name = Text()
    company = Text()
    address_1 = Text()
    address_2 = Text()
    city = Text()
    state = Text()
    postcode = Text()
    country = Text()
    email = Text()
    phone = Text()


class Meta(Payload):
    """What plugins add; the value may be anything."""

    key = Text()
    value = fields.Raw()


class Gone(ByTopic):
    """An id and nothing else."""

    foreign = AN_ORDER | A_CUSTOMER | A_PRODUCT | A_COUPON

    id = Id(required=True)


class Customer(ByTopic):
    foreign = AN_ORDER | A_PRODUCT | A_COUPON

    id = Id(required=True)
    email = Text()
    first_name = Text()
    last_name = Text()
    role = Text()
    billing = fields.Nested(Address)
    shipping = fields.Nested(Address)
    meta_data = fields.List(fields.Nested(Meta))


class Fee(Payload):
    """`total` is without tax, after discounts."""

    id = Id(required=True)
    total = Amount(required=True)
    total_tax = Amount()


class Line(Fee):
    """`subtotal` is what it would have been without discounts."""

    sku = Text()
    quantity = Amount(required=True, validate=countable)
    subtotal = Amount()
    subtotal_tax = Amount()


class Refund(Payload):
    """`total` is negative, and holds the tax that newer versions tell apart."""

    id = Id(required=True)
    total = Amount(required=True)
    total_tax = Amount()


class Order(ByTopic):
    foreign = A_CUSTOMER | A_PRODUCT | A_COUPON

    id = Id(required=True)
    number = Text()
    status = Text()
    currency = Text()
    date_created = ShopTime()
    customer_id = Id()
    customer_note = Text()
    total = Amount()
    total_tax = Amount()
    billing = fields.Nested(Address)
    shipping = fields.Nested(Address)
    line_items = fields.List(fields.Nested(Line), required=True)
    shipping_lines = fields.List(fields.Nested(Fee))
    fee_lines = fields.List(fields.Nested(Fee))
    refunds = fields.List(fields.Nested(Refund))
    meta_data = fields.List(fields.Nested(Meta))
