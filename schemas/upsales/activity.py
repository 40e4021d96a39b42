"""Describes to-dos and planned calls: `/activities`."""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Day, DayOrMoment, OneOf, Reference, References, Text


class Activity(Schema):
    description = Text(100, required=True)
    users = References(required=True)
    activityType = Reference(required=True)
    date = Day()
    closeDate = DayOrMoment()
    client = Reference()
    contacts = References(most=1)
    opportunity = Reference()
    project = Reference()
    priority = OneOf(0, 3)
    isAppointment = OneOf(0)
    notes = Text()
    custom = custom_values()
