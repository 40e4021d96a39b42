"""Defines the settings of a Shopify connection."""

from __future__ import annotations

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
        doc="article number of the Upsales product that stands for lines without a known SKU"
    )
    fallback_company: str = setting(
        "Shopify customers", doc="name of the company that takes sales without a known buyer"
    )
    consumers: Literal["own", "fallback"] = setting(
        "own", doc="buyers who name no company: each a company of their `own`, or all in the `fallback` company"
    )
    shop: str | None = setting(
        None,
        doc="the shop's address at Shopify, such as `min-butik.myshopify.com`: where a connection with a token reads it",
        validate=validate.Regexp(r"[a-z0-9][a-z0-9-]*\.myshopify\.com\Z", error="must be like min-butik.myshopify.com"),
    )
    api_version: str = setting(
        "2026-10",
        doc="version of Shopify's Admin API that the shop is read with; Shopify keeps each for a year",
        validate=validate.Regexp(r"20[0-9]{2}-(01|04|07|10)\Z", error="must be a version such as 2026-10"),
    )
    stage_open: str = setting(
        "100%", doc="stage of orders that are not paid yet: a name, or a probability such as `90%`"
    )
    stage_paid: str = setting("100%", doc="stage of paid orders")
    stage_cancelled: str = setting("0%", doc="stage of orders that were cancelled, voided or refunded in full")
    shipping_product: str | None = setting(
        None, doc="article number of the product that stands for shipping; without it shipping is left out"
    )
    include_tax: bool = setting(False, doc="whether prices in Upsales include tax")
    price_decimals: int = setting(2, doc="decimals of prices in Upsales", validate=validate.Range(0, 6))
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    gone_customers: Literal["keep", "deactivate"] = setting(
        "keep", doc="what becomes of the contact of a customer who was deleted, or merged into another one"
    )
    test_orders: bool = setting(False, doc="whether orders paid through Shopify's test gateway are written to Upsales")
