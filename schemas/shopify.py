"""Describes Shopify's webhooks as far as we use them.

https://shopify.dev/docs/api/webhooks
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.wire import Amount, ByTopic, Id, Payload, Text


class Pieces(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 10**9, error="Not a plausible quantity."), **kwargs)


AN_ORDER = dict.fromkeys(("line_items", "order_number", "financial_status"), "an order")
A_REFUND = dict.fromkeys(("refund_line_items", "order_adjustments"), "a refund")
A_CUSTOMER = dict.fromkeys(("default_address", "orders_count", "verified_email"), "a customer")
A_DELETED_CUSTOMER = dict.fromkeys(("tax_exemptions", "addresses"), "a customer")
A_CUSTOMER_WHO_IS_THERE = dict.fromkeys((*A_CUSTOMER, "created_at", "updated_at"), "a customer who is there")
A_MERGE = {"admin_graphql_api_customer_deleted_id": "a merge of customers"}
AN_ERASURE = {"orders_to_redact": "a request to erase data"}
AN_INQUIRY = dict.fromkeys(("orders_requested", "data_request"), "a request for data")
"""Fields by which a body of one kind is known."""


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


class CustomerEvent(ByTopic, Customer):
    foreign = AN_ORDER | A_REFUND | A_MERGE | AN_ERASURE | AN_INQUIRY


class CustomersDelete(ByTopic):
    foreign = A_CUSTOMER_WHO_IS_THERE | AN_ORDER | A_REFUND | A_MERGE | AN_ERASURE | AN_INQUIRY

    id = Id(required=True)


class CustomersMerge(ByTopic):
    foreign = A_CUSTOMER | A_DELETED_CUSTOMER | AN_ORDER | A_REFUND | AN_ERASURE | AN_INQUIRY

    admin_graphql_api_customer_kept_id = Text()
    admin_graphql_api_customer_deleted_id = Text(required=True)
    status = Text()


class CustomerRequest(ByTopic):
    """A person's request about their data (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance)."""

    class Person(Payload):
        id = Id(required=True)
        email = Text()
        phone = Text()

    customer = fields.Nested(Person, required=True)


class CustomersRedact(CustomerRequest):
    foreign = AN_ORDER | A_REFUND | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_INQUIRY


class CustomersDataRequest(CustomerRequest):
    foreign = AN_ORDER | A_REFUND | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_ERASURE


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


class Order(ByTopic):
    foreign = A_REFUND | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_ERASURE | AN_INQUIRY

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


class Refund(ByTopic):
    foreign = AN_ORDER | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_ERASURE | AN_INQUIRY

    id = Id(required=True)
    order_id = Id(required=True)
    note = Text()
    refund_line_items = fields.List(fields.Nested(RefundLine))
    transactions = fields.List(fields.Nested(Transaction))
