"""Describes Stripe's events as far as we use them, in the shapes of its API since 2016.

https://docs.stripe.com/api/events/types
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from schemas.wire import Amount, Extras, Flag, Id, Many, One, Payload, Text, Words


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
    line1 = Words()
    line2 = Words()
    postal_code = Words()
    city = Words()
    state = Words()
    country = Words()


class Shipping(Payload):
    address = One(Address)


class TaxId(Payload):
    value = Words()


class CustomerTaxId(TaxId):
    """A tax number of the account's own has no customer."""

    customer = Id()


class TaxIds(Payload):
    data = Many(TaxId)


class Customer(Payload):
    """`name` came in 2018; since 2025 the other two may say whose name it is."""

    id = Id(required=True)
    name = Words()
    business_name = Words()
    individual_name = Words()
    email = Words()
    phone = Words()
    address = One(Address)
    shipping = One(Shipping)
    tax_ids = One(TaxIds)


class Recurring(Payload):
    interval = Words()
    interval_count = Count()


class Price(Payload):
    id = Id()
    product = Id()
    nickname = Words()
    currency = Currency()
    unit_amount = Minor()
    unit_amount_decimal = Amount()
    recurring = One(Recurring)


class Plan(Recurring):
    """What a price was until 2020. Stripe still writes it beside the price."""

    id = Id()
    product = Id()
    name = Words()
    nickname = Words()
    currency = Currency()
    amount = Minor()


class Item(Payload):
    """`current_period_start` stands here since 2025-03-31, before that on the subscription."""

    id = Id()
    quantity = Count()
    price = One(Price)
    plan = One(Plan)
    current_period_start = Seconds()


class Items(Payload):
    data = Many(Item)


class CancellationDetails(Payload):
    reason = Words()
    feedback = Words()
    comment = Words()


class Subscription(Payload):
    """A subscription had one plan and no items until 2017, and no currency of its own until 2021."""

    id = Id(required=True)
    customer = Id(required=True)
    status = Text(required=True)
    description = Words()
    currency = Currency()
    items_ = One(Items, data_key="items")
    plan = One(Plan)
    quantity = Count()
    current_period_start = Seconds()
    trial_end = Seconds()
    cancellation_details = One(CancellationDetails)


class SubscriptionBefore(Payload):
    items_ = One(Items, data_key="items")
    plan = One(Plan)


class Tax(Payload):
    """`tax_behavior` since 2025-03-31, `inclusive` before."""

    amount = Minor()
    inclusive = Flag()
    tax_behavior = Words()


class Discount(Payload):
    amount = Minor()


class PriceDetails(Payload):
    price = Id()
    product = Id()


class Pricing(Payload):
    price_details = One(PriceDetails)


class Line(Payload):
    """`pricing` and `taxes` since 2025-03-31; `price` since 2020, `plan` before; `tax_amounts` since 2019."""

    id = Id(required=True)
    subscription_item = Id()
    description = Words()
    amount = Minor(required=True)
    quantity = Count()
    pricing = One(Pricing)
    price = One(Price)
    plan = One(Plan)
    taxes = Many(Tax)
    tax_amounts = Many(Tax)
    discount_amounts = Many(Discount)


class Lines(Payload):
    """The first ten; what the others come to follows from the total."""

    data = Many(Line, required=True)


class SubscriptionDetails(Payload):
    subscription = Id()


class Parent(Payload):
    subscription_details = One(SubscriptionDetails)


class CustomField(Payload):
    """What a shop writes on its invoices, such as the buyer's order number."""

    name = Words()
    value = Words()


class CreditsBefore(Payload):
    pre_payment_credit_notes_amount = Minor()
    post_payment_credit_notes_amount = Minor()


class Invoice(CreditsBefore):
    """`total_taxes` and `parent` since 2025-03-31; `total_tax_amounts` since 2019, `tax` before; `subscription` until 2025."""

    id = Id(required=True)
    number = Words()
    customer = Id()
    customer_name = Words()
    customer_email = Words()
    customer_phone = Words()
    customer_address = One(Address)
    customer_shipping = One(Shipping)
    customer_tax_ids = Many(TaxId)
    currency = Currency(required=True)
    total = Minor(required=True)
    total_excluding_tax = Minor()
    total_taxes = Many(Tax)
    total_tax_amounts = Many(Tax)
    tax = Minor()
    amount_due = Minor()
    lines = One(Lines, required=True)
    subscription = Id()
    parent = One(Parent)
    description = Words()
    custom_fields = Extras(CustomField)
    attempt_count = Count()
    next_payment_attempt = Seconds()
    hosted_invoice_url = Words()


class InvoiceId(Payload):
    id = Id(required=True)


class PaidBy(Payload):
    payment_intent = Id()
    charge = Id()


class InvoicePayment(Payload):
    """Which payment paid an invoice, since 2025-03-31."""

    id = Id(required=True)
    invoice = Id(required=True)
    payment = One(PaidBy)


class CreditNote(Payload):
    """`total` is with tax."""

    id = Id(required=True)
    number = Words()
    customer = Id()
    invoice = Id()
    currency = Currency(required=True)
    total = Minor(required=True)
    reason = Words()
    memo = Words()


class CustomerDetails(Payload):
    name = Words()
    business_name = Words()
    individual_name = Words()
    email = Words()
    phone = Words()
    address = One(Address)
    tax_ids = Many(TaxId)


class Totals(Payload):
    amount_tax = Minor()


class Label(Payload):
    custom = Words()


class Choice(Payload):
    value = Words()


class Question(Payload):
    """What a shop asks at the checkout, and the answer, in the field of its type."""

    label = One(Label)
    text = One(Choice)
    numeric = One(Choice)
    dropdown = One(Choice)


class Session(Payload):
    """A Checkout session. `shipping_details` moved into `collected_information` in 2025; its lines are not in the event."""

    id = Id(required=True)
    mode = Text(required=True)
    customer = Id()
    customer_details = One(CustomerDetails)
    shipping_details = One(Shipping)
    collected_information = One(Payload.from_dict({"shipping_details": One(Shipping)}, name="Info"))
    custom_fields = Extras(Question)
    client_reference_id = Words()
    payment_status = Words()
    payment_intent = Id()
    invoice = Id()
    currency = Currency()
    amount_total = Minor()
    total_details = One(Totals)


class Charge(Payload):
    """`invoice` until 2025-03-31."""

    id = Id(required=True)
    customer = Id()
    invoice = Id()
    payment_intent = Id()
    description = Words()
    currency = Currency(required=True)
    amount_refunded = Minor(required=True)
    refunded = Flag()


class ChargeBefore(Payload):
    amount_refunded = Minor()


class Refund(Payload):
    id = Id(required=True)
    status = Words()
    failure_reason = Words()
    charge = Id()
    payment_intent = Id()
    currency = Currency(required=True)
    amount = Minor(required=True)


class Product(Payload):
    id = Id(required=True)
    name = Words()


class AnyEvent(Payload):
    id = Id(required=True)


class RelatedObject(Payload):
    id = Id(required=True)
    type = Text()


class ThinEvent(Payload):
    """Names a thing, and tells nothing of it (https://docs.stripe.com/event-destinations#thin-events)."""

    livemode = Flag()
    related_object = One(RelatedObject, required=True)


def event(of: type[Payload], before: type[Payload] = Payload) -> type[Schema]:
    """The schema of an event about such an object. `before`: what we use of the values it had before the change."""
    inner = Payload.from_dict(
        {"object": One(of, required=True), "previous_attributes": One(before)},
        name=f"{of.__name__}Data",
    )
    return Payload.from_dict({"livemode": Flag(), "data": One(inner, required=True)}, name=f"{of.__name__}Event")
