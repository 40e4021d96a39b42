"""Defines the settings of a Fortnox connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting

TOPICS = ("customers", "offers", "orders", "invoices", "articles")
FACTS = ("customer_number", "active", "invoice_number", "due_date", "balance", "paid", "paid_on")
"""What `fields` may be filled with. The first two are a customer's, the others an invoice's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and orders, and gets the to-dos, "
        "where `owners` names nobody",
        validate=validate.Email(),
    )
    fallback_product: str = setting(
        doc="article number of the Upsales product that stands for rows without an article, freight and fees"
    )
    tenant: str | None = setting(
        None,
        doc="the customer's number at Fortnox (`DatabaseNumber`): with it, tokens are asked for as a service account",
        validate=validate.Regexp(r"[0-9]+\Z", error="Must be the number of the customer at Fortnox."),
    )
    without: tuple[str, ...] = setting(
        (),
        doc="what is not listened to, because the licence lacks it or nobody wants it: `customers`, `offers`, `orders`, `invoices`, `articles`",
        validate=validate.OneOf(TOPICS),
    )
    owners: Mapping[str, str] = setting(
        {},
        doc="which Upsales user (e-mail address) an `Our reference` of Fortnox is",
        validate=validate.Email(),
    )
    fields: Mapping[str, str] = setting(
        {},
        doc=f"which custom field takes what Fortnox tells: {', '.join(FACTS)}, such as `paid` = `order.PAID`",
        custom_fields="in values",
        validate=validate.Regexp(
            r"(account|order)\.[A-Za-z0-9_]+\Z", error="Must be a custom field such as order.PAID."
        ),
    )
    stage_offer: str = setting(
        "<100%", doc="stage of new offers: a name, a probability such as `50%`, or the last stage before one"
    )
    stage_sold: str = setting("100%", doc="stage of orders and invoices")
    stage_cancelled: str = setting("0%", doc="stage of what was cancelled or credited in full")
    include_tax: bool = setting(False, doc="whether prices in Upsales include VAT")
    price_decimals: int = setting(2, doc="decimals of prices in Upsales", validate=validate.Range(0, 6))
    fallback_company: str = setting(
        "Fortnox customers", doc="name of the company that takes private customers without a name"
    )
    inactive_customers: Literal["keep", "deactivate"] = setting(
        "keep", doc="what becomes of the company of a customer who is not active in Fortnox"
    )
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    time_zone: str = time_zone()
