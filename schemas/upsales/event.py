"""Describes entries on a time line: `/events`.

They can be made and deleted, not changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from schemas.upsales.fields import FIXED, DayOrMoment, Flag, OneOf, Reference, Text, Whole


class Event(Schema):
    entityType = OneOf("manual", "marketingCustom", "news", required=True)
    score = Whole(0, required=True)
    client = Reference()
    contact = Reference()
    user = Reference()
    value = Text(512)
    date = DayOrMoment()
    integrationId = Whole(1)
    externalId = Text(72)
    notify = Flag()

    @validates_schema(skip_on_field_errors=False)
    def never_changed(self, _data: Mapping[str, Any], *, partial: Any = None, **_: Any) -> None:
        if partial:
            raise ValidationError(FIXED)
