"""Describes meetings: `/appointments`."""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Moment, OneOf, Reference, References, Text


class Appointment(Schema):
    date = Moment(required=True)
    users = References(required=True)
    activityType = Reference(required=True)
    endDate = Moment()
    description = Text(100)
    location = Text(2048)
    agenda = Text()
    notes = Text()
    outcome = OneOf("planned", "completed", "notCompleted")
    client = Reference()
    contacts = References()
    opportunity = Reference()
    project = Reference()
    isAppointment = OneOf(1)
    custom = custom_values()
