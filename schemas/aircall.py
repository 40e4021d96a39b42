"""Describes calls and contacts as Aircall sends them.

https://developer.aircall.io/api-references, https://developer.aircall.io/docs/webhooks-overview
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.wire import Extras, Id, One, Passing, Payload, Words

LATEST = 32_503_680_000
"""The year 3000."""


class Seconds(Passing, fields.Integer):
    """A moment, in seconds since 1970, or how long something took."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(0, LATEST), **kwargs)


class Labelled(Payload):
    """An e-mail address or a phone number."""

    value = Words()


class Person(Payload):
    """Somebody in Aircall's phone book."""

    id = Id()
    first_name = Words()
    last_name = Words()
    company_name = Words()
    information = Words()
    emails = Extras(Labelled)
    phone_numbers = Extras(Labelled)


class KnownPerson(Person):
    id = Id(required=True)


class User(Payload):
    name = Words()
    email = Words()


class Number(Payload):
    """The number of one's own that was called, or called from."""

    name = Words()
    digits = Words()


class Comment(Payload):
    content = Words()
    posted_by = One(User)


class Tag(Payload):
    name = Words()


class Participant(Payload):
    """`type`: `user` or `external`."""

    type = Words()
    name = Words()
    phone_number = Words()


class Call(Payload):
    """`asset`: a lasting page with the recording, for who may sign in. `recording` and `voicemail` are audio, for an hour: whether there is any is all they tell."""

    id = Id(required=True)
    direction = Words()
    status = Words()
    missed_call_reason = Words()
    started_at = Seconds()
    answered_at = Seconds()
    ended_at = Seconds()
    duration = Seconds()
    raw_digits = Words()
    voicemail = Words()
    asset = Words()
    user = One(User)
    assigned_to = One(User)
    contact = One(Person)
    number = One(Number)
    comments = Extras(Comment)
    tags = Extras(Tag)
    participants = Extras(Participant)


class CallTold(Payload):
    data = fields.Nested(Call, required=True)


class ContactTold(Payload):
    data = fields.Nested(KnownPerson, required=True)
