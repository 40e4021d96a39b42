"""Describes the rows of orders and subscriptions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Number, Part, Reference, Whole


class Amount(Number):
    """A number that rows of Upsales itself may lack; such rows are sent back as they are."""

    nullable = True


class Row(Schema):
    """Quantity and price are asked for, too: what Upsales takes when they are missing is not documented."""

    id = Whole(1)
    product = Reference(required=True)
    quantity = Number(required=True)
    price = Number(required=True)
    listPrice = Amount()
    purchaseCost = Amount()
    sortId = Whole(0)
    custom = custom_values()


def rows() -> fields.List[Any]:
    """Never empty: Upsales replaces the whole array."""
    return fields.List(Part(Row), required=True, validate=validate.Length(min=1, error="needs at least one row"))
