"""Webhooks are off: catching up brings each change once, and writes nothing to Upsales that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from redis import Redis

from tests.integration.conftest import Databases
from tests.integration.meaning.reading import Read, ago, reading
from tests.integration.meaning.upsales import Upsales
from worker.connectors.shopify import connector as shopify
from worker.connectors.stripe import connector as stripe
from worker.connectors.woocommerce import connector as woocommerce
from worker.sdk.connector import Connector

Opens: TypeAlias = Callable[..., Read]


@pytest.fixture
def opens(
    sqlite_databases: Databases, redis: Redis, valkey_url: str, running_upsales: Upsales, tmp_path: Path
) -> Iterator[Opens]:
    redis.flushall()
    running_upsales.reset()
    with ExitStack() as stack:

        def opened(connector: Connector, **given: Any) -> Read:
            made: AbstractContextManager[Read] = reading(
                connector, tmp_path, sqlite_databases.migrated(), valkey_url, running_upsales, **given
            )
            return stack.enter_context(made)

        yield opened


def woo(read: Read, seconds: float, **more: Any) -> dict[str, Any]:
    order: dict[str, Any] = read.case("order_created")["body"]
    return {**order, "date_modified_gmt": ago(seconds).isoformat().removesuffix("+00:00"), **more}


def test_orders_of_woocommerce_come_without_webhooks(opens: Opens) -> None:
    read = opens(woocommerce, token="ck_1:cs_2", shop_url="https://butik.example/shop")
    case, order, put = read.case("order_created"), woo(read, 50), read.neighbour.things.put
    read.webhook({**case, "body": order})
    put("order", "727", order)
    read.catch_up()
    assert len(read.events()) == 1, "what a webhook brought is not brought again"

    changed, new = woo(read, 20, status="cancelled"), woo(read, 10, id=728, number="728")
    put("order", "727", changed)
    put("order", "728", new)
    put("order", "729", woo(read, 5, id=729, status="checkout-draft"))
    events = read.catch_up()

    assert {(each.type, each.subject, each.status) for each in events[1:]} == {
        ("order.updated", "order:727", "delivered"),
        ("order.updated", "order:728", "delivered"),
    }
    assert sorted(order["description"] for order in read.orders()) == ["WooCommerce 727", "WooCommerce 728"]
    written = read.writes()
    read.catch_up()
    late = {**case["headers"], "X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Delivery-ID": "late"}
    events = read.webhook({**case, "headers": late, "body": changed})
    assert (len(events), events[-1].status, read.writes()) == (4, "delivered", written)


def test_a_shop_without_a_token_works_with_its_webhooks(opens: Opens) -> None:
    read = opens(woocommerce, tried=False)
    read.webhook(read.case("order_created"))
    read.neighbour.things.put("order", "728", woo(read, 10, id=728))
    assert [each.status for each in read.catch_up()] == ["delivered"]
    assert read.neighbour.count() == 0


@pytest.mark.parametrize("token", ["shpat_1234567890", "client-id:client-secret"])
def test_orders_and_customers_of_shopify_come_without_webhooks(opens: Opens, token: str) -> None:
    read = opens(shopify, token=token, shop="nordljus.myshopify.com")
    case, customer = read.case("order_created"), read.case("customer_created")["body"]
    order = {**case["body"], "updated_at": ago(50).isoformat()}
    put = read.neighbour.things.put
    read.webhook({**case, "body": order})
    put("order", str(order["id"]), order)
    read.catch_up()
    assert len(read.events()) == 1, "what a webhook brought is not brought again"

    paid = {**order, "financial_status": "paid", "updated_at": ago(20).isoformat()}
    put("order", str(order["id"]), paid)
    put("customer", str(customer["id"]), {**customer, "updated_at": ago(10).isoformat()})
    events = read.catch_up()

    assert {(each.type, each.status) for each in events[1:]} == {
        ("orders/updated", "delivered"),
        ("customers/update", "delivered"),
    }
    assert [order["description"] for order in read.orders()] == ["Shopify #1001"]
    written = read.writes()
    read.catch_up()
    late = {**case["headers"], "X-Shopify-Topic": "orders/paid", "X-Shopify-Event-Id": "late"}
    events = read.webhook({**case, "headers": late, "body": paid})
    assert (len(events), events[-1].status, read.writes()) == (4, "delivered", written)


def test_events_of_stripe_come_without_webhooks_each_by_its_own_id(opens: Opens) -> None:
    """A later event of the same customer came by webhook: it says nothing of the one that did not."""
    read = opens(stripe, token="rk_live_1", catch_up="1h")
    lost, told = read.case("invoice_paid"), read.case("invoice_paid")
    lost["body"] |= {"created": int(ago(60).timestamp())}
    told["body"] |= {"created": int(ago(30).timestamp()), "id": "evt_told"}
    told["body"]["data"]["object"] |= {"id": "in_told", "number": "3DAA104C-0008"}
    other: dict[str, Any] = {"id": "evt_other", "type": "payment_intent.succeeded", "created": int(ago(20).timestamp())}
    things = read.neighbour.things
    product = {"id": "prod_QaLjus", "name": "Nordljus Standard"}
    things.put("product", "prod_QaLjus", product)
    read.webhook(told)
    for event in (lost["body"], told["body"], other):
        things.put("event", event["id"], event)

    events = read.catch_up()

    assert [(each.event_id, each.status) for each in events] == [
        ("evt_told", "delivered"),
        (lost["body"]["id"], "delivered"),
    ]
    assert sorted(order["description"] for order in read.orders()) == ["Stripe 3DAA104C-0007", "Stripe 3DAA104C-0008"]
    assert read.neighbour.count("product", "prod_QaLjus") > 0
    written = read.writes()
    read.catch_up()
    assert (len(read.webhook(lost)), read.writes()) == (2, written)
