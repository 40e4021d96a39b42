"""Describes orders and opportunities: `/orders`.

Upsales computes the value of an order.
"""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Day, DayOrMoment, Flag, Number, Pattern, Reference, Text, Whole
from schemas.upsales.rows import rows


class Order(Schema):
    client = Reference(required=True)
    user = Reference(required=True)
    stage = Reference(required=True)
    date = Day(required=True)
    orderRow = rows()
    description = Text()
    probability = Whole(0, 100)
    notes = Text()
    closeDate = DayOrMoment()
    contact = Reference()
    project = Reference()
    clientConnection = Reference()
    competitorId = Whole(1)
    lostReason = Whole(1)
    currency = Pattern(r"[A-Z]{3}", "a currency (three capital letters)")
    currencyRate = Number()
    custom = custom_values()
    notify = Flag()
