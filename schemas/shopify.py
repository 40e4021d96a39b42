"""Describes Shopify's webhooks as far as we use them.

https://shopify.dev/docs/api/webhooks
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.wire import ByTopic, Extras, Flag, Id, Many, Moment, Money, One, Payload, Text, Words


class Pieces(fields.Integer):
    """A number of pieces. Blank is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 10**9, error="Not a plausible quantity."), **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)


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
    first_name = Words()
    last_name = Words()
    company = Words()
    address1 = Words()
    address2 = Words()
    zip = Words()
    city = Words()
    province = Words()
    country = Words()
    country_code = Words()
    phone = Words()


class CustomerAddress(Address):
    default = Flag()


class Customer(Payload):
    """Its name, e-mail and phone are null for an app without access to protected customer data."""

    id = Id(required=True)
    email = Words()
    phone = Words()
    first_name = Words()
    last_name = Words()
    default_address = One(Address)
    addresses = Many(CustomerAddress)


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
    price = Money()
    rate = Money()


class DiscountAllocation(Payload):
    amount = Money()


class Price(Payload):
    amount = Money()
    currency_code = Words()


class PriceSet(Payload):
    """In the shop's currency, as all amounts of an order are, and in the buyer's."""

    shop_money = One(Price)


class Line(Payload):
    """`price` is that of one piece; `current_quantity` is what is left after edits and refunds. A tip is a line, too."""

    id = Id(required=True)
    sku = Words()
    name = Words()
    title = Words()
    quantity = Pieces(required=True)
    current_quantity = Pieces()
    price = Money(required=True)
    tip = fields.Raw()
    tax_lines = Many(TaxLine)
    discount_allocations = Many(DiscountAllocation)


class ShippingLine(Payload):
    id = Id(required=True)
    title = Words()
    price = Money(required=True)
    is_removed = Flag()
    tax_lines = Many(TaxLine)
    discount_allocations = Many(DiscountAllocation)


class Transaction(Payload):
    kind = Words()
    status = Words()
    amount = Money()
    currency = Words()


class RefundLine(Payload):
    class Item(Payload):
        name = Words()

    line_item_id = Id()
    quantity = Pieces()
    subtotal = Money()
    subtotal_set = One(PriceSet)
    total_tax = Money()
    line_item = One(Item)


class Adjustment(Payload):
    """Money that is given back for no line: negative, without its tax. `kind`: shipping_refund or refund_discrepancy."""

    kind = Words()
    amount = Money()
    tax_amount = Money()


class RefundedShipping(Payload):
    """What newer versions tell of shipping that is given back, instead of an adjustment."""

    subtotal_amount_set = One(PriceSet)


class GivenBack(Payload):
    """A refund as an order lists it."""

    refund_line_items = Many(RefundLine)
    transactions = Many(Transaction)
    order_adjustments = Many(Adjustment)
    refund_shipping_lines = Many(RefundedShipping)


class Attribute(Payload):
    name = Words()
    value = Words()


class DiscountCode(Payload):
    code = Words()


class Order(ByTopic):
    """`total_price` is what was ordered, `current_total_price` what is left of it after edits and refunds; both hold tax."""

    foreign = A_REFUND | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_ERASURE | AN_INQUIRY

    id = Id(required=True)
    name = Words(required=True)
    email = Words()
    phone = Words()
    note = Words()
    po_number = Words()
    tags = Words()
    currency = Text()
    created_at = Moment()
    processed_at = Moment()
    cancelled_at = Words()
    financial_status = Words()
    taxes_included = Flag()
    test = Flag()
    total_price = Money()
    current_total_price = Money()
    total_tax = Money()
    current_total_tax = Money()
    total_discounts = Money()
    total_tip_received = Money()
    current_total_duties_set = One(PriceSet)
    original_total_duties_set = One(PriceSet)
    current_total_additional_fees_set = One(PriceSet)
    original_total_additional_fees_set = One(PriceSet)
    company = One(Company)
    customer = One(Customer)
    billing_address = One(Address)
    shipping_address = One(Address)
    line_items = Many(Line, required=True, validate=validate.Length(1, error="An order has lines."))
    shipping_lines = Many(ShippingLine)
    refunds = Many(GivenBack)
    note_attributes = Extras(Attribute)
    discount_codes = Extras(DiscountCode)
    payment_gateway_names = fields.Raw()


class Refund(ByTopic, GivenBack):
    foreign = AN_ORDER | A_CUSTOMER | A_DELETED_CUSTOMER | A_MERGE | AN_ERASURE | AN_INQUIRY

    id = Id(required=True)
    order_id = Id(required=True)
    created_at = Moment()
    note = Words()
