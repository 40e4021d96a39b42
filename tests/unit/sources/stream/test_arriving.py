"""A message of a stream is stored as a webhook would be."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.fakes.ledger_sender import CONNECTOR
from worker.sdk.read import BadBody
from worker.sdk.stream import LISTEN
from worker.settings.values import Connection
from worker.sources.stream.arriving import arrival

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
