"""Sends Celery messages by the name of their task, and never waits long for Redis."""

from __future__ import annotations

from typing import Any

from celery import Celery
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

CONNECT_TIMEOUT = 0.5
TIMEOUT = 1.0


def sender(redis_url: str) -> Celery:
    """A Celery app that knows no task: it only sends."""
    impatient: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": TIMEOUT,
        "retry_on_timeout": False,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    app = Celery("relay-wakeups", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        broker_transport_options=impatient,
        broker_connection_retry=False,
        broker_connection_timeout=CONNECT_TIMEOUT,
    )
    return app


def answers(redis: Redis) -> bool:
    """Whether Redis does, now."""
    try:
        return bool(redis.ping())
    except (RedisError, OSError):
        return False


def impatient(redis_url: str) -> Redis:
    """A client that never waits long."""
    return Redis.from_url(
        redis_url,
        protocol=2,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
