"""Describes Stripe's events as far as we use them, in the shapes of its API since 2016.

https://docs.stripe.com/api/events/types
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from schemas.wire import Amount, Id, Payload, Text


class Currency(Text):
    """Stripe writes it in small letters, Upsales in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"[A-Z]{3}\Z", error="Not a currency."), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).upper()


class Minor(fields.Integer):
    """An amount in the currency's smallest unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(-(10**14), 10**14, error="Not a plausible amount."), **kwargs)


class Count(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 10**9, error="Not a plausible quantity."), **kwargs)


class Seconds(fields.Integer):
    """An instant, in seconds since 1970."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, 10**11, error="Not a plausible time."), **kwargs)


class Address(Payload):
    line1 = Text()
    line2 = Text()
    postal_code = Text()
    city = Text()
    state = Text()
    country = Text()


class Shipping(Payload):
    address = fields.Nested(Address)


class TaxId(Payload):
    value = Text()


class TaxIds(Payload):
    data = fields.List(fields.Nested(TaxId))


class Customer(Payload):
    """`name` came in 2018; since 2025 the other two may say whose name it is."""

    id = Id(required=True)
    name = Text()
    business_name = Text()
    individual_name = Text()
    email = Text()
    phone = Text()
    address = fields.Nested(Address)
    shipping = fields.Nested(Shipping)
    tax_ids = fields.Nested(TaxIds)


class Recurring(Payload):
    interval = Text()
    interval_count = Count()


class Price(Payload):
    id = Id()
    product = Id()
    nickname = Text()
    currency = Currency()
    unit_amount = Minor()
    unit_amount_decimal = Amount()
    recurring = fields.Nested(Recurring)


class Plan(Recurring):
    """What a price was until 2020. Stripe still writes it beside the price."""

    id = Id()
    product = Id()
    name = Text()
    nickname = Text()
    currency = Currency()
    amount = Minor()


class Item(Payload):
    """`current_period_start` stands here since 2025-03-31, before that on the subscription."""

    id = Id()
    quantity = Count()
    price = fields.Nested(Price)
    plan = fields.Nested(Plan)
    current_period_start = Seconds()


class Items(Payload):
    data = fields.List(fields.Nested(Item))


class CancellationDetails(Payload):
    reason = Text()
    feedback = Text()
    comment = Text()


class Subscription(Payload):
    """A subscription had one plan and no items until 2017, and no currency of its own until 2021."""

    id = Id(required=True)
    customer = Id(required=True)
    status = Text(required=True)
    description = Text()
    currency = Currency()
    items_ = fields.Nested(Items, data_key="items")
    plan = fields.Nested(Plan)
    quantity = Count()
    current_period_start = Seconds()
    trial_end = Seconds()
    cancellation_details = fields.Nested(CancellationDetails)


class SubscriptionBefore(Payload):
    items_ = fields.Nested(Items, data_key="items")
    plan = fields.Nested(Plan)


class Tax(Payload):
    """`tax_behavior` since 2025-03-31, `inclusive` before."""

    amount = Minor()
    inclusive = fields.Boolean()
    tax_behavior = Text()


class Discount(Payload):
    amount = Minor()


class PriceDetails(Payload):
    price = Id()
    product = Id()


class Pricing(Payload):
    price_details = fields.Nested(PriceDetails)


class Line(Payload):
    """`pricing` and `taxes` since 2025-03-31; `price` since 2020, `plan` before; `tax_amounts` since 2019."""

    id = Id(required=True)
    subscription_item = Id()
    amount = Minor(required=True)
    quantity = Count()
    pricing = fields.Nested(Pricing)
    price = fields.Nested(Price)
    plan = fields.Nested(Plan)
    taxes = fields.List(fields.Nested(Tax))
    tax_amounts = fields.List(fields.Nested(Tax))
    discount_amounts = fields.List(fields.Nested(Discount))


class Lines(Payload):
    """The first ten; what the others come to follows from the total."""

    data = fields.List(fields.Nested(Line), required=True)


class SubscriptionDetails(Payload):
    subscription = Id()


class Parent(Payload):
    subscription_details = fields.Nested(SubscriptionDetails)


class Invoice(Payload):
    """`total_taxes` and `parent` since 2025-03-31; `total_tax_amounts` since 2019, `tax` before; `subscription` until 2025."""

    id = Id(required=True)
    number = Text()
    customer = Id()
    customer_name = Text()
    customer_email = Text()
    customer_phone = Text()
    customer_address = fields.Nested(Address)
    customer_shipping = fields.Nested(Shipping)
    customer_tax_ids = fields.List(fields.Nested(TaxId))
    currency = Currency(required=True)
    total = Minor(required=True)
    total_excluding_tax = Minor()
    total_taxes = fields.List(fields.Nested(Tax))
    total_tax_amounts = fields.List(fields.Nested(Tax))
    tax = Minor()
    amount_due = Minor()
    lines = fields.Nested(Lines, required=True)
    subscription = Id()
    parent = fields.Nested(Parent)
    description = Text()
    attempt_count = Count()
    next_payment_attempt = Seconds()
    hosted_invoice_url = Text()


class InvoiceId(Payload):
    id = Id(required=True)


class CustomerDetails(Payload):
    name = Text()
    business_name = Text()
    individual_name = Text()
    email = Text()
    phone = Text()
    address = fields.Nested(Address)
    tax_ids = fields.List(fields.Nested(TaxId))


class Totals(Payload):
    amount_tax = Minor()


class Session(Payload):
    """A Checkout session. `shipping_details` moved into `collected_information` in 2025; its lines are not in the event."""

    id = Id(required=True)
    mode = Text(required=True)
    customer = Id()
    customer_details = fields.Nested(CustomerDetails)
    shipping_details = fields.Nested(Shipping)
    collected_information = fields.Nested(Payload.from_dict({"shipping_details": fields.Nested(Shipping)}, name="Info"))
    client_reference_id = Text()
    payment_status = Text()
    payment_intent = Id()
    invoice = Id()
    currency = Currency()
    amount_total = Minor()
    total_details = fields.Nested(Totals)


class Charge(Payload):
    """`invoice` until 2025-03-31."""

    id = Id(required=True)
    customer = Id()
    invoice = Id()
    payment_intent = Id()
    description = Text()
    currency = Currency(required=True)
    amount_refunded = Minor(required=True)
    refunded = fields.Boolean()


class ChargeBefore(Payload):
    amount_refunded = Minor()


class Refund(Payload):
    id = Id(required=True)
    status = Text()
    failure_reason = Text()
    charge = Id()
    payment_intent = Id()
    currency = Currency(required=True)
    amount = Minor(required=True)


def event(of: type[Payload], before: type[Payload] = Payload) -> type[Schema]:
    """The schema of an event about such an object. `before`: what we use of the values it had before the change."""
    inner = Payload.from_dict(
        {"object": fields.Nested(of, required=True), "previous_attributes": fields.Nested(before)},
        name=f"{of.__name__}Data",
    )
    return Payload.from_dict(
        {"livemode": fields.Boolean(), "data": fields.Nested(inner, required=True)}, name=f"{of.__name__}Event"
    )
