"""Maps Fortnox: customers become companies, offers, orders and invoices one order."""

from __future__ import annotations

import re

from schemas import fortnox
from worker.connectors.fortnox import documents, invoices, payments, reading, things
from worker.connectors.fortnox.settings import Settings
from worker.connectors.fortnox.source import SOURCE
from worker.connectors.fortnox.stream import STREAM
from worker.sdk.connector import Connector, Handles, Incoming, MapEvent
from worker.sdk.mapping import constant, field, joined, made_of
from worker.sdk.signatures import StaticHeader
from worker.sdk.source import Get

VERSION = re.compile(r"-v[0-9]+$")
"""Types are versioned, and carry no more than an id: what is new in `customer-updated-v2` changes nothing of it."""


@made_of(field("type"))
def event_type(incoming: Incoming) -> str | None:
    """Without its version. Offers are `canceled`, all else is `cancelled`."""
    said = field("type")(incoming)
    return VERSION.sub("", said).replace("-canceled", "-cancelled") if said else None


def about(kind: str, plan: MapEvent, fetch: tuple[Get, ...] = (), *, rank: int = 0) -> Handles:
    """`rank`: what happens later in the life of a thing."""
    subject = joined(":", constant(kind), field("entityId"))
    return Handles(fortnox.Event, plan, subject, field("timestamp"), rank=rank, fetch=fetch)


def life(kind: str, plan: MapEvent, fetch: tuple[Get, ...], *ends: str) -> dict[str, Handles]:
    return {
        f"{kind}-{what}": about(kind, plan, fetch, rank=rank) for rank, what in enumerate(("created", "updated", *ends))
    }


connector = Connector(
    name="fortnox",
    title="Fortnox",
    # Fortnox posts nothing. A connection without a signing secret takes no webhooks.
    signature=StaticHeader("X-Relay-Secret"),
    event_id=joined(":", field("tenantId"), field("topic"), field("offset")),
    event_type=event_type,
    tenant=field("tenantId"),
    handles={
        "customer-created": about("customer", things.customer, reading.CUSTOMER),
        "customer-updated": about("customer", things.customer, reading.CUSTOMER, rank=1),
        "customer-deleted": about("customer", things.deleted, rank=2),
        **life("offer", documents.offer, reading.OFFER, "cancelled"),
        **life("order", documents.ordered, reading.ORDER, "cancelled"),
        **life("invoice", invoices.invoice, reading.INVOICE, "bookkeep", "cancelled"),
        "invoicepayment-bookkeep": about("payment", payments.paid, reading.PAYMENT),
        "invoicepayment-deleted": about("payment", payments.deleted, rank=1),
        "reminder-sent": about("reminder", payments.reminded, reading.REMINDED),
        **life("article", things.article, reading.ARTICLE),
    },
    ignores=frozenset(
        {
            "article-deleted",
            "project-*",
            "account-*",
            "activity-*",
            "assignment-*",
            "cost-center-*",
            "currency-*",
            "financial-year-*",
            "send-push-notification-*",
            "supplier-*",
            "termofdelivery-*",
            "termsofpayments-*",
            "voucher-*",
            "warehouse-*",
            "waysofdeliveries-*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
        "product": frozenset({"create"}),
    },
    settings=Settings,
    source=SOURCE,
    stream=STREAM,
)
