"""What stands in a queue and is no message is thrown away, and what stands behind it is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from celery import Celery
from kombu import Consumer
from redis import Redis
from structlog.testing import capture_logs

from worker.app import build
from worker.queue.transport import Transport
from worker.settings import Settings

WHOLE = {
    "body": "W1siZTEiXSwge30sIHt9XQ==",
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "headers": {"task": "relay.deliver", "id": "e1"},
    "properties": {
        "delivery_tag": "d1",
        "body_encoding": "base64",
        "delivery_info": {"exchange": "", "routing_key": "default"},
    },
}
PROPERTIES = WHOLE["properties"]
assert isinstance(PROPERTIES, dict)


def without(name: str) -> dict[str, Any]:
    assert isinstance(PROPERTIES, dict)
    return {**WHOLE, "properties": {key: value for key, value in PROPERTIES.items() if key != name}}


@pytest.fixture
def app(redis: Redis, valkey_url: str) -> Celery:
    return build(Settings(redis_url=valkey_url))


@pytest.mark.parametrize(
    "junk",
    [
        "a",
        b"\xff\xfe",
        "[" * 100_000,
        "7",
        "null",
        "[]",
        "{}",
        json.dumps({**WHOLE, "headers": 7}),
        json.dumps({**WHOLE, "properties": []}),
        json.dumps(without("delivery_tag")),
        json.dumps(without("delivery_info")),
        json.dumps({**WHOLE, "properties": {**PROPERTIES, "delivery_tag": 7}}),
        json.dumps({**WHOLE, "properties": {**PROPERTIES, "delivery_info": {"exchange": ""}}}),
        json.dumps({**WHOLE, "properties": {**PROPERTIES, "body_encoding": "rot13"}}),
    ],
)
def test_junk_is_thrown_away_and_the_message_behind_it_is_taken(app: Celery, redis: Redis, junk: bytes | str) -> None:
    redis.rpush("default", json.dumps(WHOLE))
    redis.rpush("default", junk)
    taken: list[Any] = []
    with app.connection_for_read() as connection:
        assert isinstance(connection.transport, Transport)

        def take(_body: Any, message: Any) -> None:
            taken.append(message.headers["id"])
            message.ack()

        with capture_logs() as lines, Consumer(connection, [app.amqp.queues["default"]], callbacks=[take]):
            while not taken:
                try:
                    connection.drain_events(timeout=10)
                except TimeoutError:
                    raise AssertionError("the message behind the junk was not taken") from None
    assert taken == ["e1"]
    assert [line["log_level"] for line in lines] == ["error"]
