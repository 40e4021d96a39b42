"""Defines the settings of a Oneflow connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.signed import Signing
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Signing):
    user_email: str = setting(
        doc="e-mail address of the Oneflow user as whom contracts are read: it must see them", validate=validate.Email()
    )
    order_field: str | None = setting(
        None, doc="custom id of the data field in which a contract has the Upsales id of the order that it is about"
    )
    article: Literal["name", "custom_id"] = setting(
        "name", doc="what of a product finds the Upsales product: its `name`, or its `custom_id` as article number"
    )
    price: Literal["price_1", "price_2"] = setting(
        "price_1",
        doc="which of the two prices of a product counts: the second one is an alternative, such as a monthly fee",
    )
