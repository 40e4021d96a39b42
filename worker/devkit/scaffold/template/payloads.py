"""Describes Exemplar's webhooks, as 4 captured requests show them."""

from __future__ import annotations

from marshmallow import fields

from schemas.wire import Amount, Id, Payload, Text

# required: in every one of several requests, or what an event is told by. Loosen what the sender may leave out.


class Customer(Payload):
    id = Id(required=True)
    first_name = Text(required=True)
    last_name = Text(required=True)
    email = Text(required=True)
    phone = Text()
    company = Text()
    website = Text()
    street = Text(required=True)
    zip = Id(required=True)
    city = Text(required=True)
    country = Text(required=True)


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
    place = Text(required=True)
    starts_at = Text(required=True)
    guests = fields.List(fields.Nested(Guest), required=True)
    price = Amount(required=True)
    currency = Text(required=True)
    notes = Text()


class VisitBooked(Payload):
    event_id = Id(required=True)
    event = Text(required=True)
    created_at = Text(required=True)
    visit = fields.Nested(Visit, required=True)
    customer = fields.Nested(Customer, required=True)
