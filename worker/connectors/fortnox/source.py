"""Declares Fortnox's API: each thing by its number, and lists of what has changed.

https://api.fortnox.se/apidocs
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from schemas import fortnox
from schemas.wire import Payload
from worker.connectors.fortnox.answers import beside, one
from worker.sdk.source import Changes, Kind, Limit, Numbered, OAuth2, Occurred, Source

PAGE = 500
"""The most that a list answers: https://www.fortnox.se/developer/guides-and-good-to-know/parameters."""


def written(moment: datetime) -> str:
    """Without a zone. Fortnox does not say which one it means; read as Swedish time, UTC is an hour or two early, and never late."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def listed(plural: str, wrapped: str, number: str) -> Changes:
    """A list tells a summary of each, and not when it changed: so each is read."""
    return Changes(
        path=f"/{plural}?lastmodified={{since}}&limit={PAGE}&page={{page}}",
        everything=f"/{plural}?limit={PAGE}&page={{page}}",
        items=wrapped,
        id=number,
        changed="",
        since=written,
        pages=Numbered(size=PAGE),
        whole=False,
        event=found(plural.removesuffix("s"), number),
    )


def found(kind: str, number: str) -> Callable[[Any], Occurred | None]:
    """As the stream would have told of it."""

    def occurred(item: Any) -> Occurred | None:
        own = item.get(number) if isinstance(item, dict) else None
        told = {"topic": f"{kind}s", "type": f"{kind}-updated-v1", "entityId": own}
        return None if own is None else Occurred(f"{kind}-updated", told)

    return occurred


def thing(schema: type[Payload], plural: str, wrapped: str, changes: Changes | None = None, *, needed: bool) -> Kind:
    return Kind(schema=schema, get=f"/{plural}/{{id}}", at=wrapped, changes=changes, means=one if needed else beside)


def main(schema: type[Payload], plural: str, wrapped: str, number: str = "DocumentNumber") -> Kind:
    return thing(schema, plural, wrapped, listed(plural, f"{wrapped}s", number), needed=True)


SOURCE = Source(
    url="https://api.fortnox.se/3",
    sign=OAuth2(
        # https://www.fortnox.se/developer/authorization
        token_url="https://apps.fortnox.se/oauth-v1/token",  # noqa: S106 - an address
        authorize_url="https://apps.fortnox.se/oauth-v1/auth",
        grant="refresh_token",
        scopes=("companyinformation", "customer", "offer", "order", "invoice", "payment", "article"),
        authorize_fields={"access_type": "offline", "account_type": "service"},
        rotates=True,
        refresh_days=45,
        # https://www.fortnox.se/developer/authorization/get-access-token-using-client-credentials
        tenant_header="TenantId",
        by_tenant=True,
    ),
    kinds={
        # Customers and articles first, so that offers, orders and invoices find them.
        "customer": main(fortnox.Customer, "customers", "Customer", "CustomerNumber"),
        "article": main(fortnox.Article, "articles", "Article", "ArticleNumber"),
        "offer": main(fortnox.Offer, "offers", "Offer"),
        "order": main(fortnox.Order, "orders", "Order"),
        "invoice": main(fortnox.Invoice, "invoices", "Invoice"),
        "payment": thing(fortnox.InvoicePayment, "invoicepayments", "InvoicePayment", needed=True),
        "buyer": thing(fortnox.Customer, "customers", "Customer", needed=False),
        "origin": thing(fortnox.Order, "orders", "Order", needed=False),
        "counterpart": thing(fortnox.Invoice, "invoices", "Invoice", needed=False),
    },
    limits=(Limit(25, 5.0), Limit(300, 60.0)),
)
