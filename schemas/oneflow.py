"""Describes Oneflow's webhooks, and contracts as its API tells them, as far as we use them.

https://developer.oneflow.com/docs/webhook-and-event, https://developer.oneflow.com/docs/contract
"""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Extras, Flag, Id, Many, Moment, Money, One, Payload, Text, Words


class Named(Payload):
    """A contract's name, or a template's."""

    id = Words()
    name = Words()


class Ownerside(Payload):
    """What only the sender's side sees. The fields of data have their names here or beside it."""

    template_id = Words()
    custom_id = Words()


class DataField(Payload):
    custom_id = Words()
    value = Words()
    ownerside = One(Ownerside, data_key="_private_ownerside")


class Participant(Payload):
    """Their `identification_number` is a personal one: it is not read."""

    name = Words()
    email = Words()
    phone_number = Words()
    title = Words()
    signatory = Flag()
    organizer = Flag()
    sign_state = Words()
    sign_state_updated_time = Moment()


class Party(Payload):
    """An individual has one `participant`, a company several."""

    type = Words()
    name = Words()
    identification_number = Words()
    my_party = Flag()
    participants = Extras(Participant)
    participant = One(Participant)


class Price(Payload):
    """Money is text."""

    amount = Money()


class Told(Payload):
    amount = One(Price)


class Quantity(Payload):
    amount = Money()


class Product(Payload):
    id = Words()
    custom_id = Words()
    name = Words()
    price_1 = One(Told)
    price_2 = One(Told)
    quantity = One(Quantity)


class ProductGroup(Payload):
    products = Many(Product)


class Contract(Payload):
    id = Id(required=True)
    state = Text(required=True)
    name = Words()
    private = One(Named, data_key="_private")
    ownerside = One(Ownerside, data_key="_private_ownerside")
    template = One(Named)
    state_updated_time = Moment()
    lifecycle_state = fields.Raw()
    parties = Many(Party)
    data_fields = Extras(DataField)
    product_groups = Many(ProductGroup)


class Event(Payload):
    id = Id(required=True)
    type = Text(required=True)


class WebhookContract(Payload):
    id = Id(required=True)


class Webhook(Payload):
    """One of the events of a webhook."""

    contract = fields.Nested(WebhookContract, required=True)
    events = fields.Nested(Event, required=True)
