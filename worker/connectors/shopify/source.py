"""Declares Shopify's REST Admin API: how customers and orders are read and listed.

https://shopify.dev/docs/api/admin-rest
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from schemas import shopify
from worker.sdk.source import Changes, Header, Kind, Limit, LinkHeader, OAuth2, Occurred, Source

TOKEN = Header("X-Shopify-Access-Token")


def moment(at: datetime) -> str:
    """Shopify's times count whole seconds."""
    return at.replace(microsecond=0).isoformat()


def told_as(topic: str) -> Callable[[Any], Occurred]:
    """An item is what a webhook of this topic would hold."""
    return lambda item: Occurred(topic, item)


CUSTOMERS = Changes(
    path="/customers.json?updated_at_min={since}&limit=250",
    everything="/customers.json?limit=250",
    items="customers",
    changed="updated_at",
    pages=LinkHeader(),
    event=told_as("customers/update"),
    since=moment,
)
ORDERS = Changes(
    path="/orders.json?status=any&updated_at_min={since}&limit=100",
    everything="/orders.json?status=any&limit=100",
    items="orders",
    changed="updated_at",
    pages=LinkHeader(),
    event=told_as("orders/updated"),
    since=moment,
)

SOURCE = Source(
    url="https://{shop}/admin/api/{api_version}",
    # An app of the Dev Dashboard has a client, an older one that was made in the shop a token:
    # https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets
    sign=OAuth2(
        token_url="https://{shop}/admin/oauth/access_token",  # noqa: S106 - an address
        grant="client_credentials",
        client="body",
        header=TOKEN,
        plain=True,
    ),
    kinds={
        "customer": Kind(
            schema=shopify.CustomerEvent,
            get="/customers/{id}.json",
            at="customer",
            changed="updated_at",
            changes=CUSTOMERS,
        ),
        "order": Kind(schema=shopify.Order, get="/orders/{id}.json", at="order", changed="updated_at", changes=ORDERS),
    },
    # The bucket holds 40 calls and loses 2 a second (https://shopify.dev/docs/api/admin-rest/usage/rate-limits);
    # half of it is left to the shop's other programs.
    limits=(Limit(20, 10.0),),
    timeout=20.0,
    most_bytes=16 * 1024 * 1024,
    catch_up="30m",
    unread=True,
)
