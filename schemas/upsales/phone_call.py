"""Describes calls that were made: `/phoneCall`."""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.fields import Moment, Reference, Text, Whole


class PhoneCall(Schema):
    user = Reference(required=True)
    contact = Reference(required=True)
    client = Reference(required=True)
    date = Moment()
    durationInS = Whole(0)
    type = Text(45)
    status = Whole(0)
    phoneNumber = Text(45)
    conversationUrl = Text(512)
    externalId = Text(512)
