"""Describes subscriptions: `/agreements`.

What defines their periods can be said only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import FIXED, Day, Flag, Number, OneOf, Pattern, Reference, Text, Whole
from schemas.upsales.rows import rows

_ONCE = (
    "agreementStartdate",
    "agreementInvoiceStartdate",
    "agreementIntervalType",
    "agreementIntervalPeriod",
    "periodLength",
)


class Metadata(Schema):
    agreementDescription = Text(130, required=True)
    agreementStartdate = Day(required=True)
    agreementInvoiceStartdate = Day()
    agreementIntervalType = OneOf(1, required=True)
    agreementIntervalPeriod = Whole(1, required=True)
    agreementOrderCreationTime = Whole(0, required=True)
    periodLength = Whole(0, required=True)
    agreementRenewalDate = Day()
    agreementEnddate = Day()
    agreementNotes = Text()
    noticePeriod = Whole(0)

    @validates_schema
    def once(self, data: Mapping[str, Any], *, partial: Any = None, **_: Any) -> None:
        if partial and (late := [name for name in _ONCE if name in data]):
            raise ValidationError({name: [FIXED] for name in late})

    @validates_schema
    def periods(self, data: Mapping[str, Any], *, partial: Any = None, **_: Any) -> None:
        if partial:
            return
        if data["periodLength"] % data["agreementIntervalPeriod"]:
            raise ValidationError("doesn't divide periodLength", "agreementIntervalPeriod")
        if not data["periodLength"] and data.get("agreementRenewalDate") is not None:
            raise ValidationError("must be null where periodLength is 0", "agreementRenewalDate")


class Agreement(Schema):
    description = Text(required=True)
    user = Reference(required=True)
    client = Reference(required=True)
    stage = Reference(required=True)
    orderRow = rows()
    metadata = fields.Nested(Metadata, required=True)
    notes = Text()
    contact = Reference()
    project = Reference()
    clientConnection = Reference()
    currency = Pattern(r"[A-Z]{3}", "a currency (three capital letters)")
    currencyRate = Number()
    priceListId = Whole(1)
    custom = custom_values()
    createDiffOrder = Flag()
    notify = Flag()
