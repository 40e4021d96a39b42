"""Declares Fortnox's API: each thing by its number, and lists of what has changed.

https://api.fortnox.se/apidocs
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from schemas import fortnox
from schemas.wire import Payload
from worker.sdk.source import Answered, Changes, Kind, Limit, Numbered, OAuth2, Occurred, Source, Verdict

PAGE = 500
"""The most that a list answers: https://www.fortnox.se/developer/guides-and-good-to-know/parameters."""
NOT_FOUND, NO_SCOPE, WRONG_TOKEN = 2000423, 2000663, 2000311
"""Of `ErrorInformation.code`. There are hundreds; these change what is to be done."""
LACKING = "its scope or the customer's licence lacks them: add it, give the grant anew, and replay"


def code(answered: Answered) -> int | None:
    """Some answers write the names of its parts in small letters, others with a capital."""
    told = answered.json.get("ErrorInformation") if isinstance(answered.json, dict) else None
    found = (told.get("code") or told.get("Code")) if isinstance(told, dict) else None
    return int(found) if isinstance(found, int | str) and str(found).isdecimal() else None


def one(answered: Answered) -> Verdict | None:
    """What the token may not read concerns this kind alone: its events wait as dead letters, and all else goes on."""
    if code(answered) == NO_SCOPE or answered.status == 403:
        return Verdict("unlike", LACKING)
    return _plain(answered)


def beside(answered: Answered) -> Verdict | None:
    """Of a thing that is good to know: the event goes on without it."""
    if code(answered) == NO_SCOPE or answered.status == 403:
        return Verdict("never", "no_scope")
    return _plain(answered)


def _plain(answered: Answered) -> Verdict | None:
    match code(answered):
        case None:
            return None
        case found if found == NOT_FOUND:
            return Verdict("gone", "answered that it is not there")
        case found if found == WRONG_TOKEN:
            return Verdict("forbidden", "does not accept the token")
    return None


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
