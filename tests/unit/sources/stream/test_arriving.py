"""A message of a stream is stored as a webhook would be."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes.ledger_sender import CONNECTOR
from worker.sdk.mapping import field
from worker.sdk.read import BadBody, parts
from worker.sdk.request import Request
from worker.sdk.stream import LISTEN
from worker.settings.values import Connection, Route
from worker.sources.stream.arriving import arrivals
from worker.store.events.arrival import Arrival

URL = "wss://ws.ledger.example/topics-v1"
MESSAGE = {
    "topic": "customers",
    "type": "customer-updated-v2",
    "tenantId": 7,
    "entityId": "12",
    "offset": "xDy7J",
    "timestamp": "2026-03-02T08:15:00+01:00",
    "secret": "s3",
}
CONNECTION = Connection(name="ledger", connector=CONNECTOR, settings=None)


def arrival(connection: Connection, url: str, body: bytes, fingerprint: Callable[[str], str]) -> Arrival:
    (found,) = arrivals(connection, {connection.name: connection}, url, body, fingerprint)
    return found


def test_it_is_the_connections_whose_tenant_it_tells_of() -> None:
    connector = replace(CONNECTOR, tenant=field("tenantId"))
    other = Connection(name="other", connector=connector, settings=None, route=Route("ledger", "7"))
    receiving = replace(CONNECTION, connector=connector, tenants={"7": "other"})
    known = {"ledger": receiving, "other": other}
    told = [
        (found.connection, [(event.status, event.position) for event in found.events])
        for tenant in (7, 8)
        for found in arrivals(receiving, known, URL, json.dumps(MESSAGE | {"tenantId": tenant}).encode(), str)
    ]
    assert told == [("other", [("pending", 0)]), ("ledger", [("dead", 0)])]


def test_its_bytes_and_its_event() -> None:
    body = json.dumps(MESSAGE).encode()
    found = arrival(CONNECTION, URL, body, str.upper)
    (event,) = found.events
    assert (found.method, found.url, found.body, found.headers) == (LISTEN, URL, body, ())
    assert (event.event_id, event.subject, event.status) == ("7:customers:xDy7J", "12", "pending")
    assert event.time is not None
    assert event.time.isoformat() == "2026-03-02T07:15:00+00:00"


def test_an_event_of_no_concern_is_stored_as_ignored() -> None:
    found = arrival(CONNECTION, URL, json.dumps(MESSAGE | {"type": "voucher-created-v1"}).encode(), str)
    assert [(event.status, event.code) for event in found.events] == [("ignored", "rule")]


def test_secrets_are_fingerprints() -> None:
    secretive = replace(CONNECTION, connector=replace(CONNECTOR, secret_fields=("secret",)))
    found = arrival(secretive, URL, json.dumps(MESSAGE).encode(), str.upper)
    assert json.loads(found.body) == MESSAGE | {"secret": "fingerprint:S3"}


def test_what_is_no_message_is_a_bad_body() -> None:
    with pytest.raises(BadBody):
        arrival(CONNECTION, URL, b"[", str)


def test_numbers_stay_as_the_sender_spelled_them_where_something_is_hidden() -> None:
    secretive = replace(CONNECTION, connector=replace(CONNECTOR, secret_fields=("secret",)))
    message = json.dumps(MESSAGE)[:-1].encode() + b', "amount": 1234567890123456789.10}'
    assert b'"amount": 1234567890123456789.10' in arrival(secretive, URL, message, str.upper).body


def test_it_is_json_whatever_the_senders_webhooks_are() -> None:
    """A sender may post forms, too."""
    connector = replace(CONNECTOR, body="form", secret_fields=("secret",))
    found = arrival(replace(CONNECTION, connector=connector), URL, json.dumps(MESSAGE).encode(), str.upper)
    assert [event.subject for event in found.events] == ["12"]
    assert json.loads(found.body)["secret"] == "fingerprint:S3"
    (part,) = parts(connector, Request(LISTEN, URL, (), found.body))
    assert part.payload["entityId"] == "12"
