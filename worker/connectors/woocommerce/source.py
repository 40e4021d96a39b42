"""Declares WooCommerce's REST API: how customers and orders are read and listed.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import woocommerce
from worker.connectors.woocommerce.orders import DRAFTS
from worker.sdk.source import Basic, Changes, Kind, Numbered, Occurred, Source

PAGE = 50
MODIFIED = "date_modified_gmt"


def moment(at: datetime) -> str:
    """With `dates_are_gmt`, a time without a zone is in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def of_customer(customer: Any) -> Occurred:
    return Occurred("customer.updated", customer)


def of_order(order: Any) -> Occurred | None:
    """A checkout that is not finished is none."""
    draft = isinstance(order, dict) and order.get("status") in DRAFTS
    return None if draft else Occurred("order.updated", order)


# The shop lists customers by no time of change: they can be backfilled, and not be caught up with.
CUSTOMERS = Changes(
    everything=f"/customers?orderby=id&order=asc&per_page={PAGE}&page={{page}}",
    changed=MODIFIED,
    pages=Numbered(PAGE),
    event=of_customer,
)
ORDERS = Changes(
    path=f"/orders?modified_after={{since}}&dates_are_gmt=true&orderby=modified&order=desc&per_page={PAGE}&page={{page}}",
    everything=f"/orders?orderby=id&order=asc&per_page={PAGE}&page={{page}}",
    changed=MODIFIED,
    pages=Numbered(PAGE),
    event=of_order,
    since=moment,
)

SOURCE = Source(
    url="{shop_url}/wp-json/wc/v3",
    # The key is the user, its secret the password: over https alone, and never in an address.
    sign=Basic(),
    kinds={
        "customer": Kind(schema=woocommerce.Customer, get="/customers/{id}", changes=CUSTOMERS),
        "order": Kind(schema=woocommerce.Order, get="/orders/{id}", changes=ORDERS),
    },
    # A shop may stand on a small machine, and what plugins add makes orders long.
    timeout=30.0,
    most_bytes=16 * 1024 * 1024,
    catch_up="15m",
    unread=True,
)
