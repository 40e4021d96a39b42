"""Topics that no signature covers: a body that was signed under one topic comes to nothing under that of another kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.connectors.catalogue import SUBJECTS
from worker.devkit.conformance.subject import Filed, Rejection
from worker.plan import Ignored
from worker.sdk.connector import Handles
from worker.sdk.request import Request
from worker.sdk.route import rule_for

HEADERS = {
    "shopify": ("x-shopify-topic",),
    "woocommerce": ("x-wc-webhook-topic", "x-wc-webhook-resource", "x-wc-webhook-event"),
}
KINDS = (
    {"orders/create", "orders/updated", "orders/paid", "orders/cancelled"},
    {"customers/create", "customers/update"},
    {"order.created", "order.updated", "order.restored"},
    {"customer.created", "customer.updated"},
    # Both bodies are an id and nothing else: docs/connectors/woocommerce.md says so.
    {"customer.deleted", "order.deleted"},
)
"""Topics of one shape: which of them it was, only the header tells."""


def crossed() -> Iterator[tuple[Filed, str, str]]:
    """A case of each type under each other topic of its connector."""
    for subject in SUBJECTS:
        if subject.connector.name not in HEADERS:
            continue
        shown: set[str] = set()
        for filed in subject.posted:
            (reading,) = filed.readings
            if reading.problem or reading.type in shown or _is_rejected(filed):
                continue
            if isinstance(rule_for(subject.connector, reading.type), Handles):
                shown.add(reading.type)
                yield from ((filed, reading.type, topic) for topic in subject.connector.handles)


def _is_rejected(filed: Filed) -> bool:
    return any(isinstance(filed.planned(event), Rejection) for _, event in filed.events)


def under(topic: str, filed: Filed) -> Filed:
    names = HEADERS[filed.connector.name]
    kept = tuple(pair for pair in filed.case.request.headers if pair[0] not in names)
    request: Request = replace(filed.case.request, headers=((names[0], topic), *kept))
    return Filed(filed.connector, filed.name, replace(filed.case, request=request), None)


@pytest.mark.parametrize(("filed", "said", "topic"), list(crossed()), ids=str)
def test_body_under_a_topic_of_another_kind_is_a_dead_letter(filed: Filed, said: str, topic: str) -> None:
    (reading,) = under(topic, filed).readings
    same_kind = said == topic or any({said, topic} <= kind for kind in KINDS)
    if reading.problem:
        assert not same_kind
        return
    ((_, event),) = under(topic, filed).events
    outcome = filed.planned(event)
    if same_kind:
        assert not isinstance(outcome, Rejection), outcome
    elif said.endswith(("delete", "deleted")):
        # An id and nothing else: nothing is written that was not there.
        assert isinstance(outcome, Ignored | Rejection)
    else:
        assert isinstance(outcome, Rejection)
        assert re.search("the topic and the body do not fit|Missing data for required field", str(outcome))


@pytest.mark.parametrize(
    ("case", "topic", "reason"),
    [
        ("order_created", "customers/update", "customers/update: payload: the topic and the body do not fit: this is an order"),
        ("order_created", "customers/redact", "customers/redact: payload: the topic and the body do not fit: this is an order"),
        ("order_created", "customers/delete", "customers/delete: payload: the topic and the body do not fit: this is an order"),
        ("customer_created", "customers/delete", "customers/delete: payload: the topic and the body do not fit: this is a customer who is there"),
        ("customer_redact", "customers/data_request", "customers/data_request: payload: the topic and the body do not fit: this is a request to erase data"),
        ("customer_data_request", "customers/redact", "customers/redact: payload: the topic and the body do not fit: this is a request for data"),
        ("customer_created", "orders/paid", "orders/paid: payload: the topic and the body do not fit: this is a customer"),
        ("order_created", "customer.updated", "customer.updated: payload: the topic and the body do not fit: this is an order"),
        ("order_created", "order.deleted", "order.deleted: payload: the topic and the body do not fit: this is an order"),
        ("customer_created", "customer.deleted", "customer.deleted: payload: the topic and the body do not fit: this is a customer"),
        ("product_updated", "customer.updated", "customer.updated: payload: the topic and the body do not fit: this is a product"),
    ],
)  # fmt: skip
def test_reason_says_what_the_body_is(case: str, topic: str, reason: str) -> None:
    connector = "shopify" if "/" in topic else "woocommerce"
    filed = next(
        each
        for subject in SUBJECTS
        if subject.connector.name == connector
        for each in subject.cases
        if each.name == case
    )
    ((_, event),) = under(topic, filed).events
    assert str(filed.planned(event)) == reason
