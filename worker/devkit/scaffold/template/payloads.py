"""Describes Exemplar's webhooks, as 4 captured requests show them."""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Amount, Id, Payload, Text

# required: what an event is told by. Require more only where a mapping can't do without it.


class Customer(Payload):
    id = Id(required=True)
    first_name = Text()
    last_name = Text()
    email = Text()
    phone = Text()
    company = Text()
    website = Text()
    street = Text()
    zip = Id()
    city = Text()
    country = Text()


class CustomerUpdated(Payload):
    event_id = Id(required=True)
    event = Text(required=True)
    created_at = Text()
    customer = fields.Nested(Customer, required=True)


class Hall(Payload):
    id = Id(required=True)
    name = Text()
    reason = Text()


class HallClosed(Payload):
    event_id = Id(required=True)
    event = Text(required=True)
    created_at = Text()
    hall = fields.Nested(Hall, required=True)


class Guest(Payload):
    name = Text()
    vegetarian = fields.Boolean()


class Visit(Payload):
    id = Id(required=True)
    place = Text()
    starts_at = Text()
    guests = fields.List(fields.Nested(Guest))
    price = Amount()
    currency = Text()
    notes = Text()


class VisitBooked(Payload):
    event_id = Id(required=True)
    event = Text(required=True)
    created_at = Text()
    visit = fields.Nested(Visit, required=True)
    customer = fields.Nested(Customer)
