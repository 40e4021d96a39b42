"""An extract finds what it is for, and tells in which place of the request."""

from __future__ import annotations

import pytest

from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import (
    chosen,
    constant,
    digest_of,
    field,
    first_of,
    header,
    joined,
    last_part,
    made_of,
)
from worker.sdk.mapping.extract import place_of
from worker.sdk.request import Request

DELIVERY = Incoming(
    Request("POST", "https://relay.example/webhooks/acme", (("x-topic", "orders/paid"),), b""),
    {"id": 7, "order": {"ids": ["gid://shop/Order/42"]}},
)


@made_of(field("nr"), field("id"))
def marked(_delivery: Incoming) -> str:
    return "so"


@chosen
def choice(delivery: Incoming) -> Extract:
    return field("id") if delivery.place else header("X-Topic")


def worked_out(_delivery: Incoming) -> str:
    return "so"


@pytest.mark.parametrize(
    ("extract", "found", "place"),
    [
        (header("X-Topic"), "orders/paid", "header X-Topic"),
        (field("order.ids.0"), "gid://shop/Order/42", "order.ids.0"),
        (joined(":", constant("order"), field("id")), "order:7", '"order" + id'),
        (first_of(header("X-Id"), field("id")), "7", "id"),
        (first_of(header("X-Id"), field("nr")), None, "header X-Id or nr"),
        (last_part(field("order.ids.0")), "42", "the last part of order.ids.0"),
        (worked_out, "so", "worked_out()"),
        (marked, "so", "id"),
        (made_of("the whole body")(worked_out), "so", "the whole body"),
        (choice, "orders/paid", "header X-Topic"),
    ],
)
def test_what_is_found_and_where(extract: Extract, found: str | None, place: str) -> None:
    assert extract(DELIVERY) == found
    assert place_of(extract, DELIVERY) == place


def test_a_digest_names_what_it_is_made_of() -> None:
    assert place_of(digest_of(field("id"), header("X-Topic")), DELIVERY) == "digest of id, header X-Topic"
