"""Describes Shopify's webhooks as far as we use them.

https://shopify.dev/docs/api/webhooks
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.wire import Amount, Id, Payload, Text


class Pieces(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 10**9, error="Not a plausible quantity."), **kwargs)


class Address(Payload):
    first_name = Text()
    last_name = Text()
    company = Text()
    address1 = Text()
    address2 = Text()
    zip = Text()
    city = Text()
    province = Text()
    country_code = Text()
    phone = Text()


class Customer(Payload):
    """Its name, e-mail and phone are null for an app without access to protected customer data."""

    id = Id(required=True)
    email = Text()
    phone = Text()
    first_name = Text()
    last_name = Text()
    default_address = fields.Nested(Address)


class CustomersDelete(Payload):
    id = Id(required=True)


class CustomersMerge(Payload):
    admin_graphql_api_customer_kept_id = Text()
    admin_graphql_api_customer_deleted_id = Text(required=True)
    status = Text()


class CustomerRequest(Payload):
    """A person's request about their data (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance)."""

    class Person(Payload):
        id = Id(required=True)
        email = Text()
        phone = Text()

    customer = fields.Nested(Person, required=True)


class Company(Payload):
    """The B2B company a purchase was made for: ids only, its name is in the billing address."""

    id = Id(required=True)


class TaxLine(Payload):
    price = Amount()


class DiscountAllocation(Payload):
    amount = Amount()


class Line(Payload):
    """`price` is that of one piece; `current_quantity` is what is left after edits and refunds."""

    id = Id(required=True)
    sku = Text()
    quantity = Pieces(required=True)
    current_quantity = Pieces()
    price = Amount(required=True)
    tax_lines = fields.List(fields.Nested(TaxLine))
    discount_allocations = fields.List(fields.Nested(DiscountAllocation))


class ShippingLine(Payload):
    id = Id(required=True)
    price = Amount(required=True)
    is_removed = fields.Boolean()
    tax_lines = fields.List(fields.Nested(TaxLine))
    discount_allocations = fields.List(fields.Nested(DiscountAllocation))


class Order(Payload):
    id = Id(required=True)
    name = Text(required=True)
    email = Text()
    phone = Text()
    note = Text()
    currency = Text()
    created_at = fields.AwareDateTime()
    cancelled_at = Text()
    financial_status = Text()
    taxes_included = fields.Boolean()
    test = fields.Boolean()
    company = fields.Nested(Company)
    customer = fields.Nested(Customer)
    billing_address = fields.Nested(Address)
    shipping_address = fields.Nested(Address)
    line_items = fields.List(
        fields.Nested(Line), required=True, validate=validate.Length(1, error="An order has lines.")
    )
    shipping_lines = fields.List(fields.Nested(ShippingLine))


class Transaction(Payload):
    kind = Text()
    status = Text()
    amount = Amount()
    currency = Text()


class RefundLine(Payload):
    class Item(Payload):
        name = Text()

    quantity = Pieces()
    subtotal = Amount()
    total_tax = Amount()
    line_item = fields.Nested(Item)


class Refund(Payload):
    id = Id(required=True)
    order_id = Id(required=True)
    note = Text()
    refund_line_items = fields.List(fields.Nested(RefundLine))
    transactions = fields.List(fields.Nested(Transaction))
