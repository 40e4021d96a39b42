"""Maps WooCommerce's customers to contacts of companies, and its orders to orders."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas import woocommerce
from worker.connectors.woocommerce import customers, orders
from worker.connectors.woocommerce.settings import Settings
from worker.connectors.woocommerce.source import SOURCE
from worker.sdk.connector import Answer, Connector, Handles, Incoming
from worker.sdk.mapping import constant, digest_of, field, first_of, header, joined, made_of
from worker.sdk.mapping.buyers import customer_gone
from worker.sdk.request import Request
from worker.sdk.signatures import senders

PING = re.compile(rb"webhook_id=\d+")

TOPIC = first_of(
    header("X-WC-Webhook-Topic"), joined(".", header("X-WC-Webhook-Resource"), header("X-WC-Webhook-Event"))
)
SUBJECT_CUSTOMER = joined(":", constant("customer"), field("id"))
SUBJECT_ORDER = joined(":", constant("order"), field("id"))
DELIVERY = header("X-WC-Webhook-Delivery-ID")
MODIFIED = field("date_modified_gmt")


@made_of(TOPIC)
def hook(incoming: Incoming) -> str | None:
    """The topic of a webhook about a single hook of the shop, whose body has no id."""
    topic = TOPIC(incoming)
    return topic if topic and topic.startswith("action.") else None


def ping(request: Request, _secrets: Sequence[str]) -> Answer | None:
    """What a shop sends, unsigned, when a webhook is saved; it wants exactly 200.

    https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php, deliver_ping
    """
    return Answer() if request.method == "POST" and PING.fullmatch(request.body) else None


ORDER = Handles(woocommerce.Order, orders.sold_order, SUBJECT_ORDER, MODIFIED)
CUSTOMER = Handles(woocommerce.Customer, customers.customer, SUBJECT_CUSTOMER, MODIFIED)

connector = Connector(
    name="woocommerce",
    title="WooCommerce",
    signature=senders.WOOCOMMERCE,
    # A delivery id is made of the webhook and the second, so all that a webhook tells in a second has the same one
    # (class-wc-webhook.php, get_new_delivery_id).
    event_id=first_of(
        joined(
            ":",
            TOPIC,
            field("id"),
            digest_of(DELIVERY, MODIFIED, field("status"), field("total"), field("email")),
        ),
        joined(":", hook, digest_of(DELIVERY, field("arg"))),
    ),
    event_type=TOPIC,
    handles={
        "customer.created": CUSTOMER,
        "customer.updated": CUSTOMER,
        "customer.deleted": Handles(woocommerce.Gone, customer_gone, SUBJECT_CUSTOMER, MODIFIED),
        "order.created": ORDER,
        "order.updated": ORDER,
        "order.restored": ORDER,
        "order.deleted": Handles(woocommerce.Gone, orders.gone, SUBJECT_ORDER, MODIFIED),
    },
    ignores=frozenset({"product.*", "coupon.*", "action.*"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    # class-wc-webhook.php, build_payload: asked for by deliver, in a job that runs after the change.
    current_payloads=True,
    handshakes=(ping,),
    accepted_status=200,
    sample_headers={
        "User-Agent": "WooCommerce/10.3.5 Hookshot (WordPress/6.8.3)",
        "X-WC-Webhook-Source": "https://butik.example/",
    },
)
