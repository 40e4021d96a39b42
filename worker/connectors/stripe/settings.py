"""Defines the settings of a Stripe connection."""

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
        doc="e-mail address of the Upsales user who owns new companies and orders, and gets the to-dos",
        validate=validate.Email(),
    )
    fallback_product: str = setting(
        doc="article number of the Upsales product that stands for everything `products` does not name"
    )
    products: Mapping[str, str] = setting(
        {}, doc="which article number a price or product of Stripe (`price_…`, `prod_…`, a plan's id) has in Upsales"
    )
    customers: Literal["companies", "people"] = setting(
        "companies", doc="whose name a customer's name is, where Stripe doesn't say it"
    )
    fallback_company: str = setting(
        "Stripe customers",
        doc="name of the company that takes customers who are known by a private e-mail address only",
    )
    invoices: Literal["paid", "finalized"] = setting(
        "paid", doc="whether an invoice becomes an order when it is `paid`, or already when it is `finalized`"
    )
    subscriptions: Literal["orders", "agreements"] = setting(
        "orders", doc="whether each invoice of a subscription becomes an order, or the subscription itself an agreement"
    )
    stage_open: str = setting(
        "100%", doc="stage of orders that are not paid yet: a name, or a probability such as `90%`"
    )
    stage_paid: str = setting("100%", doc="stage of paid orders")
    stage_cancelled: str = setting(
        "0%", doc="stage of orders that were refunded in full, voided, given up or whose payment failed"
    )
    include_tax: bool = setting(False, doc="whether prices in Upsales include tax")
    price_decimals: int = setting(2, doc="decimals of prices in Upsales", validate=validate.Range(0, 6))
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    gone_customers: Literal["keep", "deactivate"] = setting(
        "keep", doc="what becomes of the contact of a customer who was deleted"
    )
    test_mode: bool = setting(False, doc="whether events of test mode and sandboxes are written to Upsales")
