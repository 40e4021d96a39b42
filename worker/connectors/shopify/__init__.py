"""Maps Shopify: customers become contacts, orders become orders, refunds are noted."""

from __future__ import annotations

from schemas import shopify
from worker.connectors.shopify import customers, orders, refunds
from worker.connectors.shopify.settings import Settings
from worker.connectors.shopify.source import SOURCE
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.mapping import constant, field, first_of, header, joined, last_part, made_of
from worker.sdk.mapping.buyers import customer_gone
from worker.sdk.signatures import senders

SUBJECT_CUSTOMER = joined(":", constant("customer"), field("id"))
SUBJECT_PERSON = joined(":", constant("customer"), field("customer.id"))
SUBJECT_MERGED = joined(":", constant("customer"), last_part(field("admin_graphql_api_customer_deleted_id")))
SUBJECT_ORDER = joined(":", constant("order"), field("id"))
SUBJECT_REFUND = joined(":", constant("order"), field("order_id"))

TRIGGERED = header("X-Shopify-Triggered-At")
UPDATED_AT, CREATED_AT = field("updated_at"), field("created_at")
UPDATED = first_of(UPDATED_AT, TRIGGERED)
CREATED = first_of(CREATED_AT, TRIGGERED)


SAMPLES = frozenset({"706405506930370084", "820982911946154508"})
"""The customer and the order that the button `Send test notification` tells of, in every shop."""


@made_of(header("X-Shopify-Topic"))
def event_type(incoming: Incoming) -> str | None:
    """The topic. What the button `Send test notification` sends is invented, its ids too, so it is a type of its own."""
    topic = incoming.request.header("X-Shopify-Topic")
    return f"test:{topic}" if topic and _is_sample(incoming, topic) else topic


def _is_sample(incoming: Incoming, topic: str) -> bool:
    """Some versions send no test header. A real customer, who has a name to tell, was created at some time."""
    if incoming.request.header("X-Shopify-Test") == "true":
        return True
    customer = topic in ("customers/create", "customers/update") and "first_name" in (incoming.payload or ())
    if customer and not UPDATED_AT(incoming) and not CREATED_AT(incoming):
        return True
    return any(of(incoming) in SAMPLES for of in (field("id"), field("order_id"), field("customer.id")))


# An event id says that two webhooks tell the same event: https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates.
# One event may concern several topics and several customers or orders, so these are part of our id; old API versions
# send the id of the webhook alone, which stays the same when it is sent again.
event_id = joined(
    ":",
    event_type,
    first_of(field("id"), field("customer.id"), field("admin_graphql_api_customer_deleted_id"), constant("-")),
    first_of(header("X-Shopify-Event-Id"), header("X-Shopify-Webhook-Id")),
)


def order(rank: int) -> Handles:
    return Handles(shopify.Order, orders.sold_order, SUBJECT_ORDER, UPDATED, version=TRIGGERED, rank=rank)


def customer(rank: int) -> Handles:
    return Handles(shopify.CustomerEvent, customers.customer, SUBJECT_CUSTOMER, UPDATED, version=TRIGGERED, rank=rank)


def request(schema: type[shopify.CustomerRequest]) -> Handles:
    return Handles(schema, customers.request, SUBJECT_PERSON, TRIGGERED)


connector = Connector(
    name="shopify",
    title="Shopify",
    signature=senders.SHOPIFY,
    event_id=event_id,
    event_type=event_type,
    handles={
        # `updated_at` counts whole seconds, the time of the trigger nanoseconds. Old API versions don't tell it.
        "orders/create": order(rank=0),
        "orders/updated": order(rank=1),
        "orders/paid": order(rank=2),
        "orders/cancelled": order(rank=3),
        "refunds/create": Handles(shopify.Refund, refunds.refund, SUBJECT_REFUND, CREATED),
        "customers/create": customer(rank=0),
        "customers/update": customer(rank=1),
        "customers/delete": Handles(
            shopify.CustomersDelete, customer_gone, SUBJECT_CUSTOMER, TRIGGERED, version=TRIGGERED, rank=2
        ),
        "customers/merge": Handles(shopify.CustomersMerge, customers.merged, SUBJECT_MERGED, TRIGGERED),
        "customers/redact": request(shopify.CustomersRedact),
        "customers/data_request": request(shopify.CustomersDataRequest),
    },
    # The first four come with an orders/updated that holds the whole order; what was sold stays sold in a CRM.
    ignores=frozenset(
        {
            "orders/edited",
            "orders/fulfilled",
            "orders/partially_fulfilled",
            "orders/risk_assessment_changed",
            "orders/delete",
            "customers/enable",
            "customers/disable",
            "customers/purchasing_summary",
            "customers_*",
            "draft_orders/*",
            "test:*",
        }
    ),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    accepted_status=200,
    sample_headers={"User-Agent": "Shopify-Captain-Hook", "X-Shopify-API-Version": "2026-10"},
)
