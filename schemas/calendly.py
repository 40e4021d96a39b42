"""Describes Calendly's webhooks as far as we use them, and those of its first API.

https://developer.calendly.com/api-docs
"""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.wire import Amount, Id, Payload, Text


class Question(Payload):
    question = Text()
    answer = Text()


class Tracking(Payload):
    utm_source = Text()
    utm_medium = Text()
    utm_campaign = Text()
    utm_term = Text()
    utm_content = Text()


class Location(Payload):
    """A place, a phone number or the words of the invitee, as `type` says; conferences have a `join_url`."""

    type = Text()
    location = Text()
    join_url = Text()
    additional_info = Text()


class Host(Payload):
    user_email = Text()


class Guest(Payload):
    """Somebody whom the invitee asks along."""

    email = Text()


class ScheduledEvent(Payload):
    name = Text()
    start_time = fields.AwareDateTime(required=True)
    end_time = fields.AwareDateTime()
    location = fields.Nested(Location)
    event_memberships = fields.List(fields.Nested(Host))
    event_guests = fields.List(fields.Nested(Guest))


class Cancellation(Payload):
    canceled_by = Text()
    reason = Text()


class Payment(Payload):
    provider = Text()
    amount = Amount()
    currency = Text()
    successful = fields.Boolean()


class Invitee(Payload):
    """`scheduled_event` is missing in webhooks of before 2023; a booking needs it all the same, or has it read."""

    email = Text()
    name = Text()
    first_name = Text()
    last_name = Text()
    text_reminder_number = Text()
    timezone = Text()
    rescheduled = fields.Boolean()
    old_invitee = Text()
    cancellation = fields.Nested(Cancellation)
    payment = fields.Nested(Payment)
    questions_and_answers = fields.List(fields.Nested(Question))
    tracking = fields.Nested(Tracking)
    scheduled_event = fields.Nested(ScheduledEvent)


class Changed(Payload):
    payload = fields.Nested(Invitee, required=True)


class OldEventType(Payload):
    name = Text()
    duration = fields.Integer(validate=validate.Range(0, 10_000, error="Not a plausible duration."))


class OldHost(Payload):
    email = Text()


class OldEvent(Payload):
    start_time = fields.AwareDateTime(required=True)
    end_time = fields.AwareDateTime()
    location = Text()
    extended_assigned_to = fields.List(fields.Nested(OldHost))


class OldInvitee(Payload):
    uuid = Id(required=True)
    email = Text()
    name = Text()
    first_name = Text()
    last_name = Text()
    text_reminder_number = Text()
    timezone = Text()
    canceler_name = Text()
    cancel_reason = Text()
    payments = fields.List(fields.Nested(Payment))


class OldPayload(Payload):
    event_type = fields.Nested(OldEventType)
    event = fields.Nested(OldEvent, required=True)
    invitee = fields.Nested(OldInvitee, required=True)
    old_invitee = fields.Nested(OldInvitee)
    new_invitee = fields.Raw()
    questions_and_answers = fields.List(fields.Nested(Question))
    tracking = fields.Nested(Tracking)


class OldWebhook(Payload):
    payload = fields.Nested(OldPayload, required=True)
