"""Describes products: `/products`.

Price arrays are left out: a product that is sent with some prices loses the others.
"""

from __future__ import annotations

from marshmallow import Schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Flag, Number, Reference, Text, Whole


class Product(Schema):
    name = Text(required=True)
    articleNo = Text(100)
    description = Text(1024)
    listPrice = Number()
    purchaseCost = Number()
    recurringInterval = Whole(0)
    active = Flag()
    category = Reference()
    custom = custom_values()
