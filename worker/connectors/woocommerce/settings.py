"""Defines the settings of a WooCommerce connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and orders", validate=validate.Email()
    )
    fallback_product: str = setting(
        doc="article number of the Upsales product that stands for lines without a known SKU, fees and refunds"
    )
    fallback_company: str = setting(
        "WooCommerce customers", doc="name of the company that takes sales without a known buyer"
    )
    consumers: Literal["own", "fallback"] = setting(
        "own", doc="buyers who name no company: each a company of their `own`, or all in the `fallback` company"
    )
    shop_url: str | None = setting(
        None,
        doc="the shop's own address, such as `https://butik.example`: where a connection with a token reads it",
        validate=validate.Regexp(
            r"https://[^\s/?#@\\]+(/[^\s/?#@\\]+)*\Z",
            error="must be like https://butik.example, with the folder that WordPress is in, without a slash at its end",
        ),
    )
    org_number_meta: str | None = setting(
        None, doc="key of the meta data in which a plugin of the shop keeps the organisation number"
    )
    stage_open: str = setting(
        "100%", doc="stage of orders that are not paid yet: a name, or a probability such as `90%`"
    )
    stage_pending: str = setting(
        "<100%", doc="stage of orders whose payment has not begun; `<100%` is the last stage before the sale"
    )
    stage_paid: str = setting("100%", doc="stage of paid orders")
    stage_cancelled: str = setting("0%", doc="stage of orders that were cancelled, failed or refunded in full")
    stages: Mapping[str, str] = setting(
        {}, doc="stages of single statuses of the shop, such as those that plugins add; they go before the three above"
    )
    shipping_product: str | None = setting(
        None, doc="article number of the product that stands for shipping; without it shipping is left out"
    )
    include_tax: bool = setting(False, doc="whether prices in Upsales include tax")
    price_decimals: int = setting(2, doc="decimals of prices in Upsales", validate=validate.Range(0, 6))
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    gone_customers: Literal["keep", "deactivate"] = setting(
        "keep", doc="what becomes of the contact of a customer who was deleted"
    )
    gone_orders: Literal["keep", "cancel"] = setting(
        "keep", doc="what becomes of an order that was deleted in the shop: nothing, or it goes to `stage_cancelled`"
    )
